"""What programs meet, as Django's settings: the API, its schema and the OAuth 2 provider."""

from branding import env
from branding.settings.base import SITE_URL

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "branding.api.authentication.Bearer",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["branding.api.authentication.Scoped"],
    "DEFAULT_THROTTLE_CLASSES": [
        "branding.api.authentication.PerAccount",
        "branding.api.authentication.PerToken",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "account": env.text("API_RATE_ACCOUNT", "1200/min"),
        "token": env.text("API_RATE_TOKEN", "600/min"),
    },
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "branding.api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "branding.api.schema.Schema",
    "EXCEPTION_HANDLER": "branding.api.exceptions.refuse",
    "URL_FORMAT_OVERRIDE": None,  # what is wanted is said by Accept alone
}
# Other people's programs (branding/api/oauth.py): as RFC 9700, the best current practice, has it.
OAUTH2_PROVIDER_APPLICATION_MODEL = "api.Application"
OAUTH2_PROVIDER = {
    "OIDC_ISS_ENDPOINT": SITE_URL,
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.WebApplicationServer",  # codes and renewals, no more
    "OAUTH2_VALIDATOR_CLASS": "branding.api.oauth.Validator",
    "SCOPES_BACKEND_CLASS": "branding.api.oauth.Scopes",
    "ACCESS_TOKEN_GENERATOR": "branding.api.oauth.new_text",
    "REFRESH_TOKEN_GENERATOR": "branding.api.oauth.new_text",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 90 * 24 * 3600,  # unused; each renewal begins anew
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],  # branding/api/redirects.py knows the exceptions
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
SPECTACULAR_SETTINGS = {
    "TITLE": "Facet",
    "DESCRIPTION": "Everything a page of Facet can do, for programs.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "branding.api.schema.strict",
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
        "RunState": "integrations.models.Run.State",
        "DeliveryState": "branding.webhooks.models.Delivery.State",
    },
}
