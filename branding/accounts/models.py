"""The user model: identified by an e-mail address, without a user name."""

from typing import ClassVar
from uuid import uuid4

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models.sealed import Sealed


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **extra: object) -> "User":
        """Create and save a user."""
        user = self.model(email=self.normalize_email(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: object) -> "User":
        """Create and save a user with all permissions."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractUser):  # type: ignore[django-manager-missing]  # of a library without types
    """A person with an account."""

    username = None  # type: ignore[assignment]  # leaves the field of the base class out
    email = models.EmailField(_("e-mail address"), unique=True)
    receives_notices = models.BooleanField(default=True, db_default=True)
    # A code of settings.LANGUAGES; empty: what the browser asks for.
    language = models.CharField(max_length=16, blank=True, default="", db_default="")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]


class QueuedEmail(Sealed):
    """An e-mail that the mail server has not accepted yet; its content is encrypted."""

    queued_at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField(default=timezone.now, db_index=True)  # when it is tried again
    attempts = models.PositiveSmallIntegerField(default=0)


class Trial(models.Model):
    """Headshots of a visitor without an account; `owner` is a user as whom nobody can sign in."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.OneToOneField(User, models.CASCADE, related_name="trial")
    expires_at = models.DateTimeField(db_index=True)

    @property
    def minutes_left(self) -> int:
        """Minutes until everything is deleted, at least 1."""
        return max(1, round((self.expires_at - timezone.now()).total_seconds() / 60))
