"""E-mails that tell a person what was changed in their account, so that they notice a stranger.

allauth writes about the password, addresses and second factors; these are the others.
"""

import logging
from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django.utils import timezone

from branding.accounts.models import User

TEMPLATES: Final = "account/email/"
log = logging.getLogger(__name__)


def send_notice(owner: User, name: str, /, **details: Any) -> None:
    """Send the e-mail `account/email/<name>` to the primary address of a person.

    What was changed stays changed if the mail server does not take the e-mail.
    """
    adapter, request = get_adapter(), context.request
    email = EmailAddress.objects.get_primary_email(owner) or owner.email
    if request is not None:
        details |= {
            "ip": adapter.get_client_ip(request),
            "user_agent": adapter.get_http_user_agent(request)[:200],
        }
    details |= {"user": owner, "timestamp": timezone.now()}
    try:
        adapter.send_mail(TEMPLATES + name, email, details)
    except OSError as error:  # of the mail server; SMTPException is one, too
        log.warning("the notice %s was not sent: %s", name, type(error).__name__)
