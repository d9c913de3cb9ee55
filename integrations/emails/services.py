"""E-mails about connections, publications and schedules, and the digest that bundles news."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from headshots.isolation import run_for_each
from headshots.models import Variant
from headshots.storage import pictures
from headshots.wording import in_language_of, word
from integrations import recurrence
from integrations.emails import notices
from integrations.emails.messages import build_email
from integrations.models import Connection, Publication, Run
from integrations.selectors import Profile

if TYPE_CHECKING:
    from headshots.models import User

log = logging.getLogger(__name__)

DIGEST_LEASE = timedelta(minutes=10)  # after which a digest that could not be sent is tried again
MAX_DIGESTS_PER_CALL = 100  # who get a digest per call
# Headshots attached to a request for approval; its page shows all of them.
MAX_ATTACHED_HEADSHOTS = 3


def send_connection_lost(connection: Connection) -> None:
    """Tell the owner that a connection is lost."""
    with in_language_of(connection.owner):
        placeholders = {"name": connection.account_name, "platform": connection.service_name}
        _send_connection_email(
            connection,
            _("%(platform)s: please connect again") % placeholders,
            _("Facet can no longer reach %(name)s at %(platform)s. Nothing there was changed.")
            % placeholders
            + (f"\n\n{word(connection.reason)}" if connection.reason else ""),
        )


def send_expiry_warning(connection: Connection, days: int) -> None:
    """Tell the owner that a connection expires within some days."""
    with in_language_of(connection.owner):
        placeholders = {
            "name": connection.account_name,
            "platform": connection.service_name,
            "days": days,
        }
        subject = ngettext(
            "%(platform)s: connect again within a day",
            "%(platform)s: connect again within %(days)s days",
            days,
        )
        text = ngettext(
            "%(platform)s lets Facet in for one more day; then %(name)s has to say yes again.",
            "%(platform)s lets Facet in for %(days)s more days;"
            " then %(name)s has to say yes again.",
            days,
        )
        _send_connection_email(connection, subject % placeholders, text % placeholders)


def send_publication_news(person: User, news: Sequence[Publication]) -> None:
    """Tell a person in one e-mail which publications failed or need a decision."""
    with in_language_of(person):
        subject = ngettext(
            "One of your profiles needs you", "%(count)d of your profiles need you", len(news)
        ) % {"count": len(news)}
        lines = [
            "\n".join(
                part
                for part in (
                    f"{publication.name}: {word(publication.message)}",
                    word(publication.advice),
                )
                if part
            )
            for publication in news
        ]
        text = "\n\n".join([*lines, f"{settings.SITE_URL}/profiles/"])
        notices.send_notice(person, subject, text)


def _send_connection_email(connection: Connection, subject: str, text: str) -> None:
    link = f"{settings.SITE_URL}/connect/{connection.slug}/"
    notices.send_notice(connection.owner, subject, f"{text}\n\n{link}")


def send_approval_request(
    run: Run, sendings: Sequence[tuple[Profile, Variant]], *, decide_by: datetime, token: str
) -> None:
    """Ask the owner whether a run may publish, with the headshots and a link to answer."""
    with in_language_of(run.schedule.owner):
        local_deadline = decide_by.astimezone(recurrence.load_zone(run.schedule.zone))
        placeholders = {
            "until": date_format(local_deadline, "DATETIME_FORMAT") + f" ({run.schedule.zone})",
            "profiles": "\n".join(f"- {profile.name}" for profile, _variant in sendings),
            "link": f"{settings.SITE_URL}/schedules/answer/{token}/",
        }
        text = _(
            "Facet would like to send the headshot in this email to:\n\n%(profiles)s\n\n"
            "Say yes or no until %(until)s; without a yes nothing is sent:\n\n%(link)s\n"
        )
        email = build_email(
            _("Shall this headshot be sent?"), text % placeholders, [run.schedule.owner.email]
        )
        _attach_headshots(email, [variant for _profile, variant in sendings])
        email.send()


def _attach_headshots(email: EmailMessage, variants: Sequence[Variant]) -> None:
    """Attach the first few of some headshots as small JPEGs, each once."""
    unique_variants = list(dict.fromkeys(variants))[:MAX_ATTACHED_HEADSHOTS]
    for number, variant in enumerate(unique_variants, start=1):
        email.attach(
            f"headshot-{number}.jpg", pictures.read_file(variant.picture, "400"), "image/jpeg"
        )


def send_run_failure(run: Run, *, message: str, advice: str) -> None:
    """Tell the owner that a run of a schedule failed."""
    with in_language_of(run.schedule.owner):
        name = run.schedule.name or _("A schedule")
        text = f"{word(message)} {word(advice)}\n\n{settings.SITE_URL}/schedules/"
        subject = _("%(name)s could not send your headshot") % {"name": name}
        notices.send_notice(run.schedule.owner, subject, text)


def send_digests() -> int:
    """Send a digest to everybody whose news are old enough; return how many were sent.

    News wait for PUBLISH_DIGEST_SECONDS, so that further ones come in the same e-mail.
    """
    news_before = timezone.now() - timedelta(seconds=settings.PUBLISH_DIGEST_SECONDS)
    due_publications = Publication.objects.filter(news_at__lte=news_before).order_by()
    owners = due_publications.values_list("owner", flat=True).distinct()[:MAX_DIGESTS_PER_CALL]
    return sum(run_for_each("digest", list(owners), _send_digest))


def _send_digest(owner_id: Any) -> bool:
    """Send one person all their news in one e-mail; a concurrent call sends nothing."""
    hold_until = timezone.now() + DIGEST_LEASE
    with transaction.atomic():  # so that two concurrent calls do not share the news
        news = [
            publication
            for publication in _pending_news(owner_id)
            if _hold_news(publication, hold_until)
        ]
    if not news:
        return False
    try:
        send_publication_news(get_user_model().objects.get(pk=owner_id), news)
    except (OSError, SMTPException) as error:  # it is tried again after the hold
        log.warning("an e-mail was not sent: %s", type(error).__name__)
        return False
    publication_ids: list[UUID] = [publication.pk for publication in news]
    Publication.objects.filter(pk__in=publication_ids, news_at=hold_until).update(news_at=None)
    return True


def _pending_news(owner_id: Any) -> list[Publication]:
    publications = Publication.objects.filter(owner=owner_id, news_at__lte=timezone.now())
    return list(publications.select_related("connection").order_by("place", "asked_at"))


def _hold_news(publication: Publication, until: datetime) -> bool:
    """Reserve the news of a publication until then; False if another call was faster."""
    unchanged_rows = Publication.objects.filter(pk=publication.pk, news_at=publication.news_at)
    return bool(unchanged_rows.update(news_at=until))
