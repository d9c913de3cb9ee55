"""E-mails about connections, publications and schedules, and the digest that bundles news."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMessage, send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from headshots.models import Variant
from headshots.storage import pictures
from integrations import recurrence
from integrations.models import Connection, Publication, Run
from integrations.selectors import Profile

log = logging.getLogger(__name__)

HOLD = timedelta(minutes=10)  # after which a digest that could not be sent is tried again
PEOPLE = 100  # who get a digest per call
SHOWN = 3  # headshots attached to a request for approval; its page shows all of them


def tell_lost(connection: Connection) -> None:
    """Tell the owner that a connection is lost."""
    told = {"name": connection.account_name, "platform": connection.platform.name}
    _send(
        connection,
        _("%(platform)s: please connect again") % told,
        _("Facet can no longer reach %(name)s at %(platform)s. Nothing there was changed.") % told,
    )


def tell_ends(connection: Connection, days: int) -> None:
    """Tell the owner that a connection expires within some days."""
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


def tell_news(person: AbstractBaseUser, news: Sequence[Publication]) -> None:
    """Tell a person in one e-mail which publications failed or need a decision."""
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


def ask_for_approval(
    run: Run, sendings: Sequence[tuple[Profile, Variant]], *, decide_by: datetime, token: str
) -> None:
    """Ask the owner whether a run may publish, with the headshots and a link to answer."""
    local = decide_by.astimezone(recurrence.zone(run.schedule.zone))
    told = {
        "until": date_format(local, "DATETIME_FORMAT") + f" ({run.schedule.zone})",
        "profiles": "\n".join(f"- {profile.name}" for profile, _variant in sendings),
        "link": f"{settings.SITE_URL}/schedules/answer/{token}/",
    }
    text = _(
        "Facet would like to send the headshot in this letter to:\n\n%(profiles)s\n\n"
        "Say yes or no until %(until)s; without a yes nothing is sent:\n\n%(link)s\n"
    )
    letter = EmailMessage(
        _("Shall this headshot be sent?"), text % told, to=[run.schedule.owner.email]
    )
    shown = list(dict.fromkeys(variant for _profile, variant in sendings))[:SHOWN]
    for number, variant in enumerate(shown, start=1):
        letter.attach(f"headshot-{number}.jpg", pictures.read(variant.picture, "400"), "image/jpeg")
    letter.send()


def tell_run_failed(run: Run, *, words: str, advice: str) -> None:
    """Tell the owner that a run of a schedule failed."""
    name = run.schedule.name or _("A schedule")
    text = f"{words} {advice}\n\n{settings.SITE_URL}/schedules/\n"
    subject = _("%(name)s could not send your headshot") % {"name": name}
    send_mail(subject, text, None, [run.schedule.owner.email])


def send_digests() -> int:
    """Send a digest to everybody whose news are old enough; return how many were sent.

    News wait for PUBLISH_DIGEST_SECONDS, so that further ones come in the same e-mail.
    """
    settled = timezone.now() - timedelta(seconds=settings.PUBLISH_DIGEST_SECONDS)
    due = Publication.objects.filter(news_at__lte=settled).order_by()
    owners = due.values_list("owner", flat=True).distinct()[:PEOPLE]
    return sum(_send_digest(pk) for pk in owners)


def _send_digest(owner: Any) -> bool:
    """Send one person all their news in one e-mail; a concurrent call sends nothing."""
    until = timezone.now() + HOLD
    with transaction.atomic():  # so that two concurrent calls do not share the news
        news = [one for one in _news_of(owner) if _held(one, until)]
    if not news:
        return False
    try:
        tell_news(get_user_model().objects.get(pk=owner), news)
    except (OSError, SMTPException) as error:  # it is tried again after the hold
        log.warning("a letter was not sent: %s", type(error).__name__)
        return False
    told: list[UUID] = [one.pk for one in news]
    Publication.objects.filter(pk__in=told, news_at=until).update(news_at=None)
    return True


def _news_of(owner: Any) -> list[Publication]:
    found = Publication.objects.filter(owner=owner, news_at__lte=timezone.now())
    return list(found.select_related("connection").order_by("place", "asked_at"))


def _held(one: Publication, until: datetime) -> bool:
    """Reserve the news of a publication until then; False if another call was faster."""
    same = Publication.objects.filter(pk=one.pk, news_at=one.news_at)
    return bool(same.update(news_at=until))
