"""Settings of the API, of its OpenAPI schema, and of the OAuth 2 provider."""

from corsheaders.defaults import default_headers

from branding import env
from branding.settings.base import SITE_URL

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "branding.api.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["branding.api.authentication.ScopePermission"],
    "DEFAULT_THROTTLE_CLASSES": [
        "branding.api.throttling.AccountRateThrottle",
        "branding.api.throttling.TokenRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "account": env.read_rate("API_RATE_ACCOUNT", "1200/min"),
        "token": env.read_rate("API_RATE_TOKEN", "600/min"),
    },
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["branding.api.parsers.LimitedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "branding.api.pagination.OrderedCursorPagination",
    "DEFAULT_SCHEMA_CLASS": "branding.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "branding.api.exceptions.handle_exception",
    "URL_FORMAT_OVERRIDE": None,  # the Accept header alone selects the format
}
# Applications of third parties (branding/api/oauth.py), as RFC 9700 recommends.
OAUTH2_PROVIDER_APPLICATION_MODEL = "api.Application"
OAUTH2_PROVIDER = {
    "OIDC_ISS_ENDPOINT": SITE_URL,
    # Authorization codes and refresh tokens, no other grants.
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.WebApplicationServer",
    "OAUTH2_VALIDATOR_CLASS": "branding.api.oauth.RequestValidator",
    "SCOPES_BACKEND_CLASS": "branding.api.oauth.ScopesBackend",
    "ACCESS_TOKEN_GENERATOR": "branding.api.oauth.generate_token",
    "REFRESH_TOKEN_GENERATOR": "branding.api.oauth.generate_token",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 90 * 24 * 3600,  # without use; each renewal starts it again
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],  # branding/api/redirects.py allows others
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "refresh_token"],
    "OAUTH2_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": [
        "client_secret_basic",
        "client_secret_post",
        "none",
    ],
    **{
        f"COMPLIANT_BCP_RFC9700_{name}": True
        for name in (
            "IMPLICIT_GRANT",
            "PASSWORD_GRANT",
            "PKCE_METHOD",
            "PKCE_REQUIRED",
            "ACCESS_TOKEN_TRANSPORT",
            "AUTHZ_RESPONSE_ISS",
            "TOKEN_STORAGE",
            "REFRESH_TOKEN",
            "REDIRECT_URI_SCHEME",
            "REDIRECT_URI_MATCHING",
        )
    },
}
# Programs in browsers that may call the API from other sites; none by default.
CORS_ALLOWED_ORIGINS = env.read_list("CORS_ALLOWED_ORIGINS", "")
CORS_URLS_REGEX = r"^/(api/v1/.*|api/schema/|o/token/|o/revoke/|\.well-known/oauth-.*)$"
CORS_ALLOW_HEADERS = [
    *default_headers,
    "idempotency-key",
    "if-match",
    "if-none-match",
    "last-event-id",
    "range",
]
CORS_EXPOSE_HEADERS = [
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
]
SPECTACULAR_SETTINGS = {
    "TITLE": "Facet",
    "DESCRIPTION": "Everything that the pages of Facet can do, for programs.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "LICENSE": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
    "SERVERS": [{"url": "/", "description": "The installation that serves this document."}],
    "TAGS": [
        {"name": name, "description": description}
        for name, description in (
            ("addresses", "Public addresses of the caller's pictures"),
            ("advice", "Which headshot suits which profile, and why"),
            ("batches", "Publications that were created together"),
            ("calendar", "The calendar of coming runs"),
            ("choices", "Which headshot is used where"),
            ("connections", "Connected accounts"),
            ("deliveries", "Messages sent to webhooks"),
            ("export", "Everything that the caller has, as one archive"),
            ("handoffs", "Headshots that a person uploads themselves"),
            ("juries", "Questions to other people about headshots"),
            ("kit", "The brand kit"),
            ("looks", "The looks that headshots can have"),
            ("me", "The caller"),
            ("painter", "Image generation"),
            ("photos", "Photos and their checks"),
            ("places", "Platforms and how each shows pictures"),
            ("profiles", "Accounts and places of the caller"),
            ("publications", "Headshots that are sent to profiles"),
            ("refresh", "Chosen headshots, rendered again from the newest photo"),
            ("renders", "Sets of headshots that are rendered together"),
            ("runs", "Runs of schedules"),
            ("scenes", "Backgrounds"),
            ("schedules", "Schedules"),
            ("upcoming", "Coming runs of every schedule"),
            ("variants", "Headshots"),
            ("verify", "Whether a picture was made here, and how"),
            ("webhooks", "Addresses that receive events"),
        )
    ],
    "WEBHOOKS": "branding.api.account.webhook_payloads.MESSAGES",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        *(
            f"branding.api.schema_hooks.{hook}"
            for hook in (
                "forbid_unknown_fields",
                "replace_nullable",
                "merge_blank_alternatives",
                "merge_blank_choices",
                "describe_response_headers",
                "describe_signature",
            )
        ),
    ],
    "ENUM_NAME_OVERRIDES": {
        "PhotoState": "headshots.models.Photo.State",
        "VariantState": "headshots.models.Variant.State",
        "Place": "branding.api.serializers.PLACES",
        "HandOffState": "integrations.models.HandOff.State",
        "ConnectionState": "integrations.models.Connection.State",
        "PublicationState": "branding.api.publishing.publications.STATES",
        "ScheduleState": "integrations.models.Schedule.State",
        "ScheduleKind": "integrations.models.Schedule.Kind",
        "RenderKind": "headshots.models.Render.Kind",
        "AudienceEnum": "branding.kits.models.Kit.Audience",
        "JuryAudience": "branding.juries.models.Jury.Audience",
        "RunState": "integrations.models.Run.State",
        "DeliveryState": "branding.webhooks.models.Delivery.State",
    },
}
