"""Access tokens, OAuth applications, and stored responses of idempotent requests."""

from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication


class Scope(models.TextChoices):
    """The scopes of a token. Applications are granted the same ones."""

    READ = "read", _("see everything")
    MAKE = "make", _("add photos, make and choose headshots")
    PUBLISH = "publish", _("send to profiles, and manage connections")


class Token(models.Model):
    """A personal access token; only its SHA-256 is stored."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    name = models.CharField(_("what it is for"), max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    tail = models.CharField(max_length=4)  # its last characters, by which its owner recognises it
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at"]

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class Application(AbstractApplication):
    """An OAuth application that people can authorize; `user` registered it.

    Only a hash of its secret is stored.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    website = models.URLField(_("website"), max_length=300)

    class Meta:
        ordering = ["-created"]

    @property
    def is_confidential(self) -> bool:
        return self.client_type == self.CLIENT_CONFIDENTIAL

    @property
    def host(self) -> str:
        """The host of its website, shown to people as a hint at who runs it."""
        return urlsplit(self.website).hostname or ""

    @property
    def redirects(self) -> list[str]:
        """Its redirect URIs."""
        return self.redirect_uris.split()


class Answered(models.Model):
    """The response to a request with an `Idempotency-Key`.

    `status` is 0 while the request is being handled.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of the request
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    location = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="answered_once"),
        ]
