"""The addresses of the OAuth 2 provider that are used; the toolkit's others do not exist here."""

from django.urls import path
from oauth2_provider.views import OAuthServerMetadataView

from branding.api import oauth
from branding.web.pages.account import consent

app_name = "oauth2_provider"  # the name under which the toolkit looks for them
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
