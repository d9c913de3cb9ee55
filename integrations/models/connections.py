"""Client apps of this installation, sign-ins that are under way, and connected accounts."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models.sealed import Sealed
from integrations.platforms import registry
from integrations.platforms.base import Platform


class Registration(Sealed):
    """A client app that was registered at a server, or our own signing key (without a server).

    Of several with the same platform, server, redirect URI and scopes the oldest counts.
    """

    platform = models.SlugField(max_length=40)
    server = models.CharField(max_length=255)
    redirect_uri = models.CharField(max_length=300)
    # With which it was registered, separated by spaces; "" if an older release did it.
    scopes = models.CharField(max_length=500, blank=True, default="", db_default="")
    client_id = models.CharField(max_length=500)
    made_at = models.DateTimeField(default=timezone.now)


class Handshake(Sealed):
    """A sign-in that a person has begun at a platform; it can be used once, until it expires."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    platform = models.SlugField(max_length=40)
    server = models.CharField(max_length=255)
    way = models.PositiveSmallIntegerField(default=0)  # index of the authentication method
    state = models.CharField(max_length=64, unique=True)  # hashed
    binding = models.CharField(max_length=64)  # the session that began it, hashed
    expires_at = models.DateTimeField(db_index=True)


class Connection(models.Model):
    """An account of a person at a platform; it stays, with its history, when disconnected."""

    class State(models.TextChoices):
        CONNECTED = "connected", _("connected")
        LOST = "lost", _("needs to be connected again")
        ENDED = "ended", _("disconnected")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="connections")
    slug = models.SlugField(max_length=40)  # of the platform
    server = models.CharField(max_length=255)
    account_id = models.CharField(max_length=255)
    account_name = models.CharField(max_length=255)
    account_url = models.CharField(max_length=500, blank=True)
    facts = models.JSONField(default=dict)  # about the account, needed by calls; nothing secret
    state = models.CharField(max_length=10, choices=State, default=State.CONNECTED)
    reason = models.CharField(max_length=300, blank=True)  # why it was lost
    picture_key = models.CharField(max_length=500, blank=True)
    portrait = models.BinaryField(default=bytes, blank=True)  # the current picture as a small JPEG
    looked_at = models.DateTimeField(null=True)
    connected_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["slug", "account_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "slug", "server", "account_id"], name="connection_has_one_history"
            ),
            models.UniqueConstraint(
                fields=["slug", "server", "account_id"],
                condition=~models.Q(state="ended"),
                name="account_connected_once",
            ),
        ]

    @property
    def platform(self) -> Platform:
        return registry.get_adapter(self.slug).platform

    @property
    def is_connected(self) -> bool:
        return self.state == self.State.CONNECTED

    @property
    def service_name(self) -> str:
        """The name of what the account is on: a server that the person named, or the platform."""
        host = self.server.partition("://")[2]
        return host if host and self.platform.has_user_named_server else self.platform.name

    @property
    def typed_address(self) -> str:
        """What the person typed to connect it: the host of its server, or their handle."""
        return self.server.partition("://")[2] or self.account_name

    @property
    def page(self) -> str:
        """The platform's page on which the person changes the picture by hand."""
        replacements = {"{server}": self.server, "{user}": str(self.facts.get("user", ""))}
        page = self.platform.page
        for name, value in replacements.items():
            page = page.replace(name, value)
        return page


class Grant(Sealed):
    """The tokens of a connection; deleted when it ends."""

    connection = models.OneToOneField(Connection, models.CASCADE, related_name="grant")
    way = models.PositiveSmallIntegerField(default=0)
    scope = models.CharField(max_length=500, blank=True)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)  # of the access token
    refresh_at = models.DateTimeField(null=True, db_index=True)  # None: cannot be refreshed
    ends_at = models.DateTimeField(null=True, db_index=True)  # of a grant that cannot be refreshed
    warned_days = models.PositiveSmallIntegerField(null=True)  # the last warning sent
    held_until = models.DateTimeField(default=timezone.now)  # by the worker that refreshes it
    failures = models.PositiveSmallIntegerField(default=0)
