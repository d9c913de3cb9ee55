"""The words of allauth's forms and errors, in the voice of our pages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

PASSWORD_HELP: Final = _(
    "At least eight characters. A sentence is good; a common password, or one like your email"
    " address, is not."
)
LABELS: Final = {
    "login": _("Email"),
    "email": _("Email"),
    "remember": _("Stay signed in on this device"),
    "oldpassword": _("Current password"),
    "password2": _("The same once more"),
    "code": _("Code"),
    "name": _("Name"),
    "passwordless": _("Use it instead of my password"),
}
NEW_PASSWORD: Final = MappingProxyType({"password1": _("New password")})
HELP: Final = {
    "password1": PASSWORD_HELP,
    "passwordless": _(
        "You then sign in with this key alone; it asks for your finger, face or PIN."
    ),
}
REAUTHENTICATION: Final = {
    "reauthenticate": _("Use my password"),
    "mfa_reauthenticate": _("Use a code from my app"),
    "mfa_reauthenticate:webauthn": _("Use my security key"),
}
ACCOUNT_ERRORS: Final = {
    "account_inactive": _("This account is switched off."),
    "cannot_remove_primary_email": _("This is your main address. Choose another main one first."),
    "duplicate_email": _("You have added this address already."),
    "email_password_mismatch": _("This email address and password do not belong together."),
    "email_taken": _("There is an account with this address already. Sign in instead."),
    "enter_current_password": _("This is not your current password."),
    "incorrect_code": _("This code is wrong or too old. Take the newest one."),
    "incorrect_password": _("This password is wrong."),
    "invalid_login": _("This email address and password do not belong together."),
    "invalid_or_expired_key": _("This link was used already, or is too old."),
    "invalid_password_reset": _("This link was used already, or is too old."),
    "max_email_addresses": _("You cannot have more than %d addresses."),
    "rate_limited": _("That was too often in a short time. Wait a few minutes, then try again."),
    "same_as_current": _("Enter something else than before."),
    "select_only_one": _("Choose one."),
    "too_many_login_attempts": _(
        "That was wrong too many times. Wait a few minutes, or set a new password."
    ),
    "unknown_email": _("There is no account with this address. Check the spelling."),
    "unverified_primary_email": _("Confirm the address first: the link is in your mailbox."),
}
FACTOR_ERRORS: Final = {
    "add_email_blocked": _("Switch two-step sign-in off before you add an address."),
    "cannot_delete_authenticator": _("This is your only second step, so it has to stay."),
    "cannot_generate_recovery_codes": _("Set up an app or a key first."),
    "incorrect_code": _("This code is wrong or too old. Take the newest one."),
    "unverified_email": _("Confirm your email address first: the link is in your mailbox."),
}
TWO_PASSWORDS: Final = _("These are two different passwords. Type the same one twice.")


class WordedForm:
    """Mixin that gives the fields of a form of allauth our labels and help texts."""

    fields: dict[str, Any]
    own_labels: Mapping[str, Any] = MappingProxyType({})  # of one form

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.own_labels.get(name, LABELS.get(name, field.label))
            field.help_text = HELP.get(name, field.help_text)
            field.widget.attrs.pop("placeholder", None)  # it repeats the label in allauth's words

    def add_error(self, field: str | None, error: Any) -> None:
        """Say in our words that the password was not repeated exactly; allauth has no code for it.

        Its other errors come from the adapters.
        """
        is_repetition = field == "password2" and not isinstance(error, ValidationError)
        super().add_error(field, TWO_PASSWORDS if is_repetition else error)  # type: ignore[misc]
