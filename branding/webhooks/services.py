"""Create and remove webhooks, record events for them, deliver these, and replay deliveries.

Messages are signed as Standard Webhooks specifies:
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
PREFIX: Final = "whsec_"  # of a secret in base64, by the specification
SECRET_BYTES: Final = 24  # the shortest secret that the specification allows
WINDOW: Final = timedelta(hours=6)  # how far back events are read
LEASE: Final = timedelta(minutes=2)  # longer than a delivery takes: no other worker takes it
# Minutes between a failed attempt and the next one, about a day in total.
WAITS: Final = (0.1, 1, 5, 30, 120, 360, 720)
KEPT: Final = timedelta(days=30)  # how long deliveries are stored
BATCH: Final = 200  # due deliveries that are queued at a time
SHORT: Final = Limits(connect=5, read=10, total=20, size=100_000)
GONE: Final = 410  # HTTP status
WORDS_LENGTH: Final = 300  # characters, as in the model


def make_webhook(owner: Owner, url: str, events: Sequence[str]) -> tuple[Webhook, str]:
    """Create a webhook; return it with its signing secret, which is shown once.

    Raises ForbiddenAddress if requests to the address are not allowed, such as one inside a private
    network, and PhotoLimitReached beyond the limit.
    """
    if Webhook.objects.filter(owner=owner).count() >= LIMIT:
        raise PhotoLimitReached(
            f"An account has at most {LIMIT} webhooks.", advice="Remove one first."
        )
    _door().check(url)
    secret = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    subscribed = [event for event in Event.values if event in events]
    webhook = Webhook(owner=owner, url=url, events=subscribed)
    webhook.seal({"secret": secret})
    webhook.save()
    return webhook, PREFIX + secret


def remove_webhook(webhook: Webhook) -> None:
    """Delete a webhook and its deliveries."""
    webhook.delete()


def try_webhook(webhook: Webhook) -> Delivery:
    """Queue a test event for a webhook."""
    one = event_log.Happening(f"test:{uuid4()}", Event.TEST, timezone.now(), {"hello": "Facet"})
    made = _written(webhook, one)
    _tell(made)
    return made


def replay(delivery: Delivery) -> None:
    """Queue a delivery again; NotReady if it is queued already.

    The message id stays the same, so that a receiver can recognise the duplicate.
    """
    if delivery.state == Delivery.State.WAITING:
        raise NotReady("This one is on its way already.")
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.WAITING, attempts=0, next_at=timezone.now(), words=""
    )
    _tell(delivery)


def collect() -> int:
    """Store a delivery for every new event that a webhook subscribed to; return how many."""
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
    """Queue the deliveries that are due; return how many.

    A task that is lost is queued again the next time.
    """
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=timezone.now())
    found = list(due.order_by("next_at")[:BATCH])
    for one in found:
        _tell(one)
    return len(found)


def forget_old() -> int:
    """Delete old deliveries that are not waiting; return how many."""
    old = Delivery.objects.filter(happened_at__lt=timezone.now() - KEPT)
    return old.exclude(state=Delivery.State.WAITING).delete()[0]


def deliver(pk: UUID) -> None:
    """Send one event to its webhook, unless another worker does."""
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
    """Return the signature of one message: `v1,` and an HMAC-SHA256 in base64.

    `secret` is base64 with or without its prefix; `moment` is the Unix time in seconds.
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    said = f"{identity}.{moment}.{payload}".encode()
    return "v1," + base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()


def _signed(one: Delivery) -> dict[str, str]:
    """Return the headers of a message with its signature."""
    identity, moment = f"msg_{one.pk.hex}", int(timezone.now().timestamp())
    secret = one.webhook.unseal()["secret"]
    return {
        "Content-Type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": str(moment),
        "webhook-signature": sign(secret, identity=identity, moment=moment, payload=one.payload),
    }


def _failed(one: Delivery, error: PlatformError) -> None:
    """Schedule the next attempt, or give up.

    A delivery is given up after the last delay, or at once if the address is forbidden or gone. 410
    Gone stops the whole webhook.
    """
    never = isinstance(error, ForbiddenAddress) or error.status == GONE
    over = never or one.attempts >= len(WAITS)
    wait = timedelta(minutes=WAITS[min(one.attempts, len(WAITS)) - 1])
    Delivery.objects.filter(pk=one.pk).update(
        state=Delivery.State.FAILED if over else Delivery.State.WAITING,
        next_at=timezone.now() + wait,
        status=error.status,
        words=error.message[:WORDS_LENGTH],
        done_at=timezone.now() if over else None,
    )
    if error.status == GONE:
        Webhook.objects.filter(pk=one.webhook_id).update(stopped_at=timezone.now())


def _written(webhook: Webhook, one: event_log.Happening) -> Delivery:
    """Return the delivery of an event to a webhook; create it if there is none."""
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
    """Queue the task of a delivery after the transaction; a broker that fails is no error here."""
    message = signature(TASK, (str(one.pk),), ignore_result=True)
    transaction.on_commit(message.delay, robust=True)


def _door() -> Door:
    return Door(None, platform="The webhook", loopback=settings.OPEN_LOOPBACK, limits=SHORT)
