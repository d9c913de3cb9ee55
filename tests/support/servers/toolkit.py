"""django-oauth-toolkit as a strict provider.

Run `python -m tests.support.servers.toolkit PORT CALLBACK`. PKCE is required, refresh tokens rotate
without a grace period, and reuse of a spent one revokes all tokens of its grant.
"""

import sys

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="a key for tests only, " * 3,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "toolkit.sqlite3"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    LOGIN_URL="/login/",
    USE_TZ=True,
    OAUTH2_PROVIDER={
        "SCOPES": {"avatar": "Set your picture"},
        "PKCE_REQUIRED": True,
        "ROTATE_REFRESH_TOKEN": True,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
        "ACCESS_TOKEN_EXPIRE_SECONDS": 60,
        "ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https"],
    },
)
django.setup()

from django.contrib.auth import get_user_model, login  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.servers.basehttp import get_internal_wsgi_application, run  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.shortcuts import redirect  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.decorators import protected_resource  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402

from tests.support.servers.oidc_platform import CLIENT, SECRET  # noqa: E402


def sign_in(request):
    login(request, get_user_model().objects.get(username="alice"))
    return redirect(request.GET["next"])


@protected_resource(scopes=["avatar"])
def show_account(request):
    return JsonResponse({"sub": request.resource_owner.username})


urlpatterns = [
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("login/", sign_in),
    path("me", show_account),
]


def main(port: str, callback: str) -> None:
    call_command("migrate", verbosity=0)
    get_application_model().objects.create(
        client_id=CLIENT,
        client_secret=SECRET,
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=callback,
        user=get_user_model().objects.create_user("alice"),
    )
    run("127.0.0.1", int(port), get_internal_wsgi_application(), threading=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
