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
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from celery import signature
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from branding.accounts.models import User
from branding.accounts.notices import send_notice
from branding.webhooks import events as event_log
from branding.webhooks.models import Delivery, EventType, Webhook
from headshots.errors import NotReady, PhotoLimitReached
from headshots.isolation import load_rows, report_failure, run_for_each
from integrations.errors import ForbiddenAddress, PlatformError, Unavailable
from integrations.outbound.client import Limits, OutboundClient

DELIVER_TASK: Final = "webhooks.deliver_event"
MAX_WEBHOOKS: Final = 10  # webhooks of an account
SECRET_PREFIX: Final = "whsec_"  # of a secret in base64, by the specification
SECRET_BYTES: Final = 24  # the shortest secret that the specification allows
EVENT_WINDOW: Final = timedelta(hours=6)  # how far back events are read
DELIVERY_LEASE: Final = timedelta(
    minutes=2
)  # longer than a delivery takes: no other worker takes it
# Minutes between a failed attempt and the next one, about a day in total.
RETRY_MINUTES: Final = (0.1, 1, 5, 30, 120, 360, 720)
MAX_COUNT: Final = 10_000  # attempts that are counted; the column takes 32,767
DELIVERY_LIFETIME: Final = timedelta(days=30)  # how long deliveries are stored
MAX_DUE_DELIVERIES: Final = 200  # due deliveries that are queued at a time
REQUEST_LIMITS: Final = Limits(connect=5, read=10, total=20, size=100_000)
HTTP_GONE: Final = 410  # HTTP status
MAX_MESSAGE_LENGTH: Final = 300  # characters, as in the model


def create_webhook(owner: User, url: str, events: Sequence[str]) -> tuple[Webhook, str]:
    """Create a webhook; return it with its signing secret, which is shown once.

    Raises ForbiddenAddress if requests to the address are not allowed, such as one inside a private
    network, and PhotoLimitReached beyond the limit.
    """
    if Webhook.objects.filter(owner=owner).count() >= MAX_WEBHOOKS:
        raise PhotoLimitReached(
            f"An account has at most {MAX_WEBHOOKS} webhooks.", advice="Remove one first."
        )
    _outbound_client().check_allowed(url)
    secret = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    subscribed = [event for event in EventType.values if event in events]
    webhook = Webhook(owner=owner, url=url, events=subscribed)
    webhook.seal({"secret": secret})
    webhook.save()
    send_notice(owner, "webhook_created", host=urlsplit(url).hostname)
    return webhook, SECRET_PREFIX + secret


def delete_webhook(webhook: Webhook) -> None:
    """Delete a webhook and its deliveries."""
    webhook.delete()


def send_test_event(webhook: Webhook) -> Delivery:
    """Queue a test event for a webhook."""
    event = event_log.OccurredEvent(
        f"test:{uuid4()}", EventType.TEST, timezone.now(), {"hello": "Facet"}
    )
    delivery = _get_or_create_delivery(webhook, event)
    _enqueue_delivery(delivery)
    return delivery


def replay_delivery(delivery: Delivery) -> None:
    """Queue a delivery again; NotReady if it is queued already.

    The message id stays the same, so that a receiver can recognise the duplicate.
    """
    if delivery.state == Delivery.State.WAITING:
        raise NotReady("This one is on its way already.")
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.WAITING, attempts=0, next_at=timezone.now(), message=""
    )
    _enqueue_delivery(delivery)


def record_new_events() -> int:
    """Store a delivery for every new event that a webhook subscribed to; return how many."""
    webhooks = load_rows("webhook", Webhook.objects.filter(stopped_at=None).defer("sealed"))
    return sum(run_for_each("webhook", webhooks, _record_events_of))


def _record_events_of(webhook: Webhook) -> int:
    """Store a delivery for every new event of one webhook; return how many."""
    window_start, new_count = timezone.now() - EVENT_WINDOW, 0
    recent_deliveries = webhook.deliveries.filter(happened_at__gte=window_start)
    known_keys = set(recent_deliveries.values_list("key", flat=True))
    for event in event_log.events_since(webhook.owner_id, max(window_start, webhook.made_at)):
        if event.event in webhook.events and event.key not in known_keys:
            _get_or_create_delivery(webhook, event)
            new_count += 1
    return new_count


def enqueue_due_deliveries() -> int:
    """Queue the deliveries that are due; return how many.

    A task that is lost is queued again the next time.
    """
    due_deliveries = Delivery.objects.filter(
        state=Delivery.State.WAITING, next_at__lte=timezone.now()
    )
    deliveries = due_deliveries.order_by("next_at").only("pk")[:MAX_DUE_DELIVERIES]
    return len(run_for_each("delivery", deliveries, _enqueue_delivery))


def delete_old_deliveries() -> int:
    """Delete old deliveries that are not waiting; return how many."""
    old_deliveries = Delivery.objects.filter(happened_at__lt=timezone.now() - DELIVERY_LIFETIME)
    return old_deliveries.exclude(state=Delivery.State.WAITING).delete()[0]


def deliver_event(pk: UUID) -> None:
    """Send one event to its webhook, unless another worker does."""
    now = timezone.now()
    due_delivery = Delivery.objects.filter(pk=pk, state=Delivery.State.WAITING, next_at__lte=now)
    attempts = Least(F("attempts") + 1, MAX_COUNT)
    if not due_delivery.update(next_at=now + DELIVERY_LEASE, attempts=attempts):
        return
    delivery = Delivery.objects.select_related("webhook").get(pk=pk)
    try:
        response = _outbound_client().send_request(
            "POST",
            delivery.webhook.url,
            data=delivery.payload.encode(),
            headers=_signed_headers(delivery),
        )
    except PlatformError as error:
        _record_failure(delivery, error)
        return
    except Exception as error:  # noqa: BLE001 - becomes the failure of this delivery
        report_failure("delivery", error, (delivery,))
        _record_failure(delivery, Unavailable("An error in Facet kept this from being sent."))
        return
    Delivery.objects.filter(pk=pk).update(
        state=Delivery.State.DELIVERED, status=response.status, message="", done_at=timezone.now()
    )


def sign_message(secret: str, *, message_id: str, moment: int, payload: str) -> str:
    """Return the signature of one message: `v1,` and an HMAC-SHA256 in base64.

    `secret` is base64 with or without its prefix; `moment` is the Unix time in seconds.
    """
    signing_key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed_content = f"{message_id}.{moment}.{payload}".encode()
    return (
        "v1,"
        + base64.b64encode(hmac.new(signing_key, signed_content, hashlib.sha256).digest()).decode()
    )


def _signed_headers(delivery: Delivery) -> dict[str, str]:
    """Return the headers of a message with its signature."""
    message_id, moment = f"msg_{delivery.pk.hex}", int(timezone.now().timestamp())
    secret = delivery.webhook.unseal()["secret"]
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(moment),
        "webhook-signature": sign_message(
            secret, message_id=message_id, moment=moment, payload=delivery.payload
        ),
    }


def _record_failure(delivery: Delivery, error: PlatformError) -> None:
    """Schedule the next attempt, or give up.

    A delivery is given up after the last delay, or at once if the address is forbidden or gone. 410
    Gone stops the whole webhook.
    """
    is_permanent = isinstance(error, ForbiddenAddress) or error.status == HTTP_GONE
    is_final = is_permanent or delivery.attempts >= len(RETRY_MINUTES)
    delay = timedelta(minutes=RETRY_MINUTES[min(delivery.attempts, len(RETRY_MINUTES)) - 1])
    delay = max(delay, timedelta(seconds=error.retry_after))
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.FAILED if is_final else Delivery.State.WAITING,
        next_at=timezone.now() + delay,
        status=error.status,
        message=error.message[:MAX_MESSAGE_LENGTH],
        done_at=timezone.now() if is_final else None,
    )
    if error.status == HTTP_GONE:
        Webhook.objects.filter(pk=delivery.webhook_id).update(stopped_at=timezone.now())


def _get_or_create_delivery(webhook: Webhook, event: event_log.OccurredEvent) -> Delivery:
    """Return the delivery of an event to a webhook; create it if there is none."""
    body = {
        "type": event.event.value,
        "timestamp": event.happened_at.isoformat(),
        "data": event.data,
    }
    return Delivery.objects.get_or_create(
        webhook=webhook,
        key=event.key,
        defaults={
            "event": event.event,
            "payload": json.dumps(body),
            "happened_at": event.happened_at,
        },
    )[0]


def _enqueue_delivery(delivery: Delivery) -> None:
    """Queue the task of a delivery after the transaction; a broker that fails is no error here."""
    message = signature(DELIVER_TASK, (str(delivery.pk),), ignore_result=True)
    transaction.on_commit(message.delay, robust=True)


def _outbound_client() -> OutboundClient:
    return OutboundClient(
        None, platform="The webhook", allow_loopback=settings.OPEN_LOOPBACK, limits=REQUEST_LIMITS
    )
