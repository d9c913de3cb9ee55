"""How allauth works here: who may sign up, limits, links, and what needs a new sign-in."""

import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.account.utils import filter_users_by_email
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from branding.accounts import known_devices, notices, trials, wording
from branding.accounts.invitations import invited_address
from headshots.errors import PhotoLimitReached
from headshots.wording import in_language_of, word
from integrations.emails.messages import build_email

ACTION_FAILED: Final = "login_failed"  # by address and account together
ACTION_FAILED_ACCOUNT: Final = "login_failed_account"  # by account alone, much looser
ACTION_FAILED_DEVICE: Final = "login_failed_device"  # a device that signed in before


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """The rules of this installation, from SIGN_UP and SITE_URL, and the words of its pages."""

    error_messages = DefaultAccountAdapter.error_messages | wording.ACCOUNT_ERRORS

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether this visitor may make an account, as SIGN_UP says."""
        return settings.SIGN_UP == "open" or (
            settings.SIGN_UP == "invited" and invited_address(request) is not None
        )

    def clean_email(self, email: str) -> str:
        """Refuse every address but the invited one where accounts are made by invitation."""
        request = self.request
        is_sign_up = request.path == reverse("account_signup")
        if is_sign_up and settings.SIGN_UP == "invited":
            invited = invited_address(request) or ""
            if email.lower() != invited.lower():
                raise self.validation_error("email_taken")
        return email

    def new_user(self, request: HttpRequest) -> Any:
        """Return the user of the trial in this browser, otherwise a new one."""
        trial = trials.find_trial(request)
        return trial.owner if trial else super().new_user(request)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Save the account; with it, the photo and headshots of a trial are kept.

        E-mails come in the language in which the person signed up, where there are several.
        """
        with transaction.atomic():
            user.language = get_language() if len(settings.LANGUAGES) > 1 else ""
            return super().save_user(request, trials.keep_trial(user), form, commit)

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """Ask for the password again, unless the person signed in a short while ago."""
        if app == "allauth.account" and signed_in_recently(self.request):
            return False
        return super().is_reauthentication_required(app=app, **options)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return the ways to prove who one is, in our words."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [
            {**method, "description": wording.REAUTHENTICATION[method["id"]]} for method in methods
        ]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Offer to end tokens and applications after the password was changed."""
        return reverse("web:access_review")

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse:
        """Remember the device, and write to the person if it is a new one; keep their trial.

        Signing up counts as a sign-in, which allauth records only for a typed password.
        """
        response = super().post_login(request, user, **options)
        if options.get("signup"):
            record_authentication(request, user, "password")
        else:
            _keep_trial_of(request, user)
        if not known_devices.is_known(request, user.email):
            known_devices.remember(request, response, user.email)
            if not options.get("signup"):
                notices.send_notice(user, "new_device")
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send an e-mail whose links all begin with SITE_URL, whatever host was requested."""
        site = urlsplit(settings.SITE_URL)
        links: dict[str, Any] = {
            name: _on_this_site(value)
            for name, value in context.items()
            if isinstance(value, str) and value.startswith(("http://", "https://"))
        }
        links["current_site"] = {"name": site.netloc, "domain": site.netloc}
        links |= {"request": self.request, "email": email, "site_url": settings.SITE_URL}
        with self._language_of(context.get("user"), email):
            self.render_mail(template_prefix, email, {**context, **links}).send()

    def _language_of(self, user: Any, email: str) -> AbstractContextManager[None]:
        """Activate the language of who gets an e-mail; allauth does not name the user in all."""
        recipient = user or next(iter(filter_users_by_email(email)), None)
        return in_language_of(recipient) if recipient else nullcontext()

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMultiAlternatives:
        """Return the e-mail with this name as plain text and HTML."""
        subject = render_to_string(f"{template_prefix}_subject.txt", context)
        text = render_to_string(f"{template_prefix}_message.txt", context, self.request)
        recipients = [email] if isinstance(email, str) else email
        return build_email(" ".join(subject.split()), text, recipients, headers=headers)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count failed attempts by network address and account together."""
        return f"{self.get_client_ip(request)}:{_login_of(credentials)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Consume one attempt of each limit; ValidationError beyond one of them.

        A stranger can use up the limits of an account, so a device that signed in to it before has
        one of its own.
        """
        login = _login_of(credentials)
        self._attempts: list[Any] = []
        if device := known_devices.find(request, login):
            limits = [(ACTION_FAILED_DEVICE, device)]
        else:
            by_both = self._get_login_attempts_cache_key(request, **credentials)
            limits = [(ACTION_FAILED, by_both), (ACTION_FAILED_ACCOUNT, login)]
        for action, key in limits:
            usage = ratelimit.consume(request, app="allauth.account", action=action, key=key)
            if not usage:
                raise self.validation_error("too_many_login_attempts")
            self._attempts.append(usage)

    def _rollback_login_failed_rl_usage(self) -> None:
        """Give back the attempts of a sign-in that succeeded."""
        for usage in self._attempts:
            usage.rollback()


def signed_in_recently(request: HttpRequest) -> bool:
    """Whether the person has signed in, or typed the password again, a short while ago."""
    records = get_authentication_records(request, request.user)
    oldest = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(record["at"] > oldest for record in records)


def _keep_trial_of(request: HttpRequest, user: Any) -> None:
    """Give the trial of this browser to who signs in, and tell them, also if it cannot be kept."""
    try:
        if trials.give_trial(request, user):
            messages.success(request, _("Your photo and the headshots that you tried are kept."))
    except PhotoLimitReached as error:
        messages.warning(request, word(f"{error.message} {error.advice}"))


def _login_of(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email", credentials.get("username", ""))).lower()


def _on_this_site(url: str) -> str:
    """Return a link to this installation with SITE_URL instead of the host that was requested."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{settings.SITE_URL}{parts.path}{query}"
