"""One letter about everything that needs a person, once it has settled; none when all is well."""

import logging
from datetime import timedelta
from smtplib import SMTPException
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from integrations.models import Publication
from integrations.services import letters

log = logging.getLogger(__name__)

HOLD = timedelta(minutes=10)  # in which a letter is sent, or tried again after it
PEOPLE = 100  # a tick writes to


def send() -> int:
    """Write to everybody whose news have settled; how many letters were sent."""
    settled = timezone.now() - timedelta(seconds=settings.PUBLISH_DIGEST_SECONDS)
    due = Publication.objects.filter(news_at__lte=settled).order_by()
    owners = due.values_list("owner", flat=True).distinct()[:PEOPLE]
    return sum(_write(pk) for pk in owners)


def _write(owner: Any) -> bool:
    """One letter with all the news of one person; another tick at this moment sends none."""
    until = timezone.now() + HOLD
    with transaction.atomic():  # all of them are this tick's, or none: two never share them
        news = [one for one in _news_of(owner) if _held(one, until)]
    if not news:
        return False
    try:
        letters.tell_news(get_user_model().objects.get(pk=owner), news)
    except (OSError, SMTPException) as error:  # kept, and tried again
        log.warning("a letter was not sent: %s", type(error).__name__)
        return False
    told: list[UUID] = [one.pk for one in news]
    Publication.objects.filter(pk__in=told, news_at=until).update(news_at=None)
    return True


def _news_of(owner: Any) -> list[Publication]:
    found = Publication.objects.filter(owner=owner, news_at__lte=timezone.now())
    return list(found.select_related("connection").order_by("place", "asked_at"))


def _held(one: Publication, until: Any) -> bool:
    same = Publication.objects.filter(pk=one.pk, news_at=one.news_at)
    return bool(same.update(news_at=until))
