"""The URLs of the OAuth 2 provider; the other ones of Django OAuth Toolkit are left out."""

from django.urls import path
from oauth2_provider.views import OAuthServerMetadataView

from branding.api import oauth
from branding.web.pages.account import consent

app_name = "oauth2_provider"  # the namespace that Django OAuth Toolkit expects
urlpatterns = [
    path("o/authorize/", consent.ConsentView.as_view(), name="authorize"),
    path("o/token/", oauth.TokenEndpoint.as_view(), name="token"),
    path("o/revoke/", oauth.RevocationEndpoint.as_view(), name="revoke-token"),
    path(
        ".well-known/oauth-authorization-server",
        OAuthServerMetadataView.as_view(),
        name="oauth-server-metadata",
    ),
]
