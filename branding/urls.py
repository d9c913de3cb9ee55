"""Every address of the project."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("branding.web.urls")),
]
