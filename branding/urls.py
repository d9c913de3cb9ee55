"""The root URL configuration."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("branding.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("branding.web.oauth_urls")),
    path("", include("branding.web.urls")),
]

handler400 = "branding.web.rejected_hosts.answer_bad_request"
