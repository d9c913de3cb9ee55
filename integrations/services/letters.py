"""What a person is told by letter about connections and what is sent there."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.models import Connection, Publication


def tell_lost(connection: Connection) -> None:
    """The platform no longer lets us in."""
    told = {"name": connection.account_name, "platform": connection.platform.name}
    _send(
        connection,
        _("%(platform)s: please connect again") % told,
        _("Facet can no longer reach %(name)s at %(platform)s. Nothing there was changed.") % told,
    )


def tell_ends(connection: Connection, days: int) -> None:
    """A grant that cannot be renewed ends soon."""
    told = {"name": connection.account_name, "platform": connection.platform.name, "days": days}
    subject = ngettext(
        "%(platform)s: connect again within a day",
        "%(platform)s: connect again within %(days)s days",
        days,
    )
    text = ngettext(
        "%(platform)s lets Facet in for one more day; then %(name)s has to say yes again.",
        "%(platform)s lets Facet in for %(days)s more days; then %(name)s has to say yes again.",
        days,
    )
    _send(connection, subject % told, text % told)


def tell_news(person: Any, news: Sequence[Publication]) -> None:
    """What needs the person or failed, all in one letter."""
    subject = ngettext(
        "One of your profiles needs you", "%(count)d of your profiles need you", len(news)
    ) % {"count": len(news)}
    lines = [
        "\n".join(part for part in (f"{one.name}: {one.words}", one.advice) if part) for one in news
    ]
    text = "\n\n".join([*lines, f"{settings.SITE_URL}/profiles/"])
    send_mail(subject, f"{text}\n", None, [person.email])


def _send(connection: Connection, subject: str, text: str) -> None:
    link = f"{settings.SITE_URL}/connect/{connection.slug}/"
    send_mail(subject, f"{text}\n\n{link}\n", None, [connection.owner.email])
