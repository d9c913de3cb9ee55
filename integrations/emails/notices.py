"""Notices: e-mails about profiles and schedules, which a person can turn off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from integrations.emails.messages import build_email

if TYPE_CHECKING:
    from headshots.models import User

_SIGNER_SALT = "integrations.emails.notices"


def send_notice(person: User, subject: str, text: str) -> None:
    """Send a person a notice, unless they turned notices off.

    Its headers let a mail program turn them off with one click (RFC 2369 and RFC 8058).
    """
    if not person.receives_notices:
        return
    address = f"{settings.SITE_URL}/notices/{notice_token(person)}/"
    headers = {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    closing = _("To stop emails like this one:")
    build_email(
        subject, f"{text}\n\n{closing}\n\n{address}", [person.email], headers=headers
    ).send()


def notice_token(person: User) -> str:
    """Return the token that lets anyone with a notice turn off this person's notices."""
    return signing.Signer(salt=_SIGNER_SALT).sign(str(person.pk))


def read_notice_token(token: str) -> str:
    """Return the id of the person for whom a token was made.

    Raises django.core.signing.BadSignature if it was not made by `notice_token`.
    """
    return signing.Signer(salt=_SIGNER_SALT).unsign(token)
