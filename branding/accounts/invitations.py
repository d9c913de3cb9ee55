"""Invitations: signed links with which one person may sign up where SIGN_UP is `invited`."""

from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

SALT: Final = "invitation"
LIFETIME_SECONDS: Final = 14 * 24 * 3600
PARAMETER: Final = "invitation"  # of the link, and key in the session


def invitation_url(email: str) -> str:
    """Return the link with which the owner of an address may sign up, for two weeks."""
    query = urlencode({PARAMETER: signing.dumps(email, salt=SALT)})
    return f"{settings.SITE_URL}{reverse('account_signup')}?{query}"


def invited_address(request: HttpRequest) -> str | None:
    """Return the invited address of a visitor, None without a valid invitation.

    The invitation in a link is remembered in the session, because the form does not repeat it.
    """
    if invitation := request.GET.get(PARAMETER):
        request.session[PARAMETER] = invitation
    try:
        email = signing.loads(
            request.session.get(PARAMETER, ""), salt=SALT, max_age=LIFETIME_SECONDS
        )
    except signing.BadSignature:
        return None
    return str(email)
