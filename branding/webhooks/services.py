"""The verbs of webhooks: make, remove, try, collect what happened, deliver it, replay.

Signed by the Standard Webhooks scheme:
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from celery import signature
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from branding.webhooks import events as event_log
from branding.webhooks.models import Delivery, Event, Webhook
from headshots.errors import NotReady, PhotoLimitReached
from integrations.errors import ForbiddenAddress, PlatformError
from integrations.outbound.client import Door, Limits

Owner = Any  # a settings.AUTH_USER_MODEL
TASK: Final = "hooks.deliver"
LIMIT: Final = 10  # webhooks of an account
PREFIX: Final = "whsec_"
WINDOW: Final = timedelta(hours=6)  # how far back a tick looks for what happened
LEASE: Final = timedelta(minutes=2)  # longer than a delivery takes
# Minutes until the next try, over about a day.
WAITS: Final = (0.1, 1, 5, 30, 120, 360, 720)
KEPT: Final = timedelta(days=30)  # of the log
BATCH: Final = 200
SHORT: Final = Limits(connect=5, read=10, total=20, size=100_000)
GONE: Final = 410


def make_webhook(owner: Owner, url: str, events: Sequence[str]) -> tuple[Webhook, str]:
    """An address that is told from now on, and its secret, shown once.

    ForbiddenAddress for an address that Facet does not speak to, PhotoLimitReached beyond the limit.
    """
    if Webhook.objects.filter(owner=owner).count() >= LIMIT:
        raise PhotoLimitReached(
            f"An account has at most {LIMIT} webhooks.", advice="Remove one first."
        )
    _door().check(url)
    secret = secrets.token_bytes(24)
    webhook = Webhook(owner=owner, url=url, events=[one for one in Event.values if one in events])
    webhook.seal({"secret": base64.b64encode(secret).decode()})
    webhook.save()
    return webhook, PREFIX + base64.b64encode(secret).decode()


def remove_webhook(webhook: Webhook) -> None:
    """Tell it nothing any more; its log goes with it."""
    webhook.delete()


def try_webhook(webhook: Webhook) -> Delivery:
    """Send a test."""
    one = event_log.Happening(f"test:{uuid4()}", Event.TEST, timezone.now(), {"hello": "Facet"})
    made = _written(webhook, one)
    _tell(made)
    return made


def replay(delivery: Delivery) -> None:
    """Tell it once more, under the same id: whoever keeps ids knows that it is the same."""
    if delivery.state == Delivery.State.WAITING:
        raise NotReady("This one is on its way already.")
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.WAITING, attempts=0, next_at=timezone.now(), words=""
    )
    _tell(delivery)


def collect() -> int:
    """Write down what happened for everybody who wants to hear of it, once; how much was new."""
    moment, new = timezone.now() - WINDOW, 0
    for webhook in Webhook.objects.filter(stopped_at=None):
        told = webhook.deliveries.filter(happened_at__gte=moment)
        known = set(told.values_list("key", flat=True))
        for one in event_log.since(webhook.owner_id, max(moment, webhook.made_at)):
            if one.event in webhook.events and one.key not in known:
                _written(webhook, one)
                new += 1
    return new


def tell_due() -> int:
    """Tell workers of what is due; a lost message is told again by the next tick."""
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=timezone.now())
    found = list(due.order_by("next_at")[:BATCH])
    for one in found:
        _tell(one)
    return len(found)


def forget_old() -> int:
    """Forget deliveries of a month ago; how many."""
    old = Delivery.objects.filter(happened_at__lt=timezone.now() - KEPT)
    return old.exclude(state=Delivery.State.WAITING).delete()[0]


def deliver(pk: UUID) -> None:
    """Tell one event to its address, if nobody does already."""
    now = timezone.now()
    due = Delivery.objects.filter(pk=pk, state=Delivery.State.WAITING, next_at__lte=now)
    if not due.update(next_at=now + LEASE, attempts=F("attempts") + 1):
        return
    one = Delivery.objects.select_related("webhook").get(pk=pk)
    try:
        answer = _door().call(
            "POST", one.webhook.url, data=one.payload.encode(), headers=_signed(one)
        )
    except PlatformError as error:
        _failed(one, error)
        return
    Delivery.objects.filter(pk=pk).update(
        state=Delivery.State.DELIVERED, status=answer.status, words="", done_at=timezone.now()
    )


def sign(secret: str, *, identity: str, moment: int, payload: str) -> str:
    """The signature of one message: `v1,` and the HMAC-SHA256 of id, time and body, in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    said = f"{identity}.{moment}.{payload}".encode()
    return "v1," + base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()


def _signed(one: Delivery) -> dict[str, str]:
    identity, moment = f"msg_{one.pk.hex}", int(timezone.now().timestamp())
    secret = one.webhook.unseal()["secret"]
    return {
        "Content-Type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": str(moment),
        "webhook-signature": sign(secret, identity=identity, moment=moment, payload=one.payload),
    }


def _failed(one: Delivery, error: PlatformError) -> None:
    """Try again later; give up after a day, at once where it never can, and for good on 410."""
    never = isinstance(error, ForbiddenAddress) or error.status == GONE
    over = never or one.attempts >= len(WAITS)
    wait = timedelta(minutes=WAITS[min(one.attempts, len(WAITS)) - 1])
    Delivery.objects.filter(pk=one.pk).update(
        state=Delivery.State.FAILED if over else Delivery.State.WAITING,
        next_at=timezone.now() + wait,
        status=error.status,
        words=error.message[:300],
        done_at=timezone.now() if over else None,
    )
    if error.status == GONE:
        Webhook.objects.filter(pk=one.webhook_id).update(stopped_at=timezone.now())


def _written(webhook: Webhook, one: event_log.Happening) -> Delivery:
    body = {"type": one.event.value, "timestamp": one.at.isoformat(), "data": one.data}
    return Delivery.objects.get_or_create(
        webhook=webhook,
        key=one.key,
        defaults={
            "event": one.event,
            "payload": json.dumps(body),
            "happened_at": one.at,
        },
    )[0]


def _tell(one: Delivery) -> None:
    message = signature(TASK, (str(one.pk),), ignore_result=True)
    transaction.on_commit(message.delay, robust=True)


def _door() -> Door:
    return Door(None, platform="The webhook", loopback=settings.OPEN_LOOPBACK, limits=SHORT)
