"""Send a publication to its platform once, then poll until the platform shows the picture."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from headshots.errors import FacetError
from headshots.isolation import report_failure
from integrations import publication_states
from integrations.errors import (
    AccountRenamed,
    ActionNotAvailable,
    ManualActionRequired,
    PlatformError,
    RateLimited,
    Uncertain,
)
from integrations.models import Connection, Publication
from integrations.platforms import registry
from integrations.platforms.base import (
    PictureSlot,
    PlatformAdapter,
    PlatformClient,
    Rendition,
    UploadReceipt,
    UploadStatus,
)
from integrations.publication_states import DeliveryStep, NextStep, State
from integrations.publishing import (
    adoption,
    backups,
    handoffs,
    outages,
    rate_limits,
    temporary_urls,
    transitions,
)
from integrations.publishing.eligibility import require_allowed
from integrations.publishing.fingerprints import compute_fingerprint, is_same_picture
from integrations.renditions import encode_for_slot

OpenClient = Callable[[Connection], AbstractContextManager[PlatformClient]]

ABSENT_AFTER_POLLS: Final = 2  # polls without the picture after which it counts as not arrived
MAX_POLL_DELAY_DAYS: Final = 30  # days between two polls, at most


@dataclass(frozen=True)
class DeliveryContext:
    """A publication with the authorized client of its account."""

    publication: Publication
    adapter: PlatformAdapter
    client: PlatformClient
    slot: PictureSlot

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the picture that is sent; empty if none was sent yet."""
        return self.publication.fingerprint

    @property
    def removes_picture(self) -> bool:
        """Whether the publication removes the picture."""
        restores = self.publication.restores
        return restores is not None and restores.is_none


def send_publication(publication_pk: UUID, *, open_client: OpenClient) -> None:
    """Send a publication, unless it is no longer ready or its slot is taken.

    `open_client` is a context manager that gives the authorized client of a connection.
    """
    publication = transitions.claim_publication(publication_pk)
    if publication is None:
        return
    try:
        rendition = _build_rendition(publication)
        try:
            _deliver(publication, rendition, open_client)
        except AccountRenamed:  # nothing was sent yet
            _deliver(publication, rendition, open_client)
    except PlatformError as error:
        _handle_error(publication, error)
    except FacetError as error:  # it may not be sent at all
        transitions.change_state(
            publication, State.FAILED, code=error.code, message=error.message, advice=error.advice
        )
    except Exception as error:  # noqa: BLE001 - becomes the failure of this publication
        _handle_error(publication, _unexpected_error(error, publication))


def _deliver(
    publication: Publication, rendition: Rendition | None, open_client: OpenClient
) -> None:
    with _open_delivery(publication, open_client) as context:
        _back_up_and_send(context, rendition)


def poll_publication(publication_pk: UUID, *, open_client: OpenClient) -> None:
    """Poll whether the platform shows a publication, without changing anything there."""
    publication = transitions.claim_poll(publication_pk)
    if publication is None:
        return
    try:
        if adoption.continue_adoption(publication):
            return
        with _open_delivery(publication, open_client) as context:
            outcome = _check_published(context)
    except PlatformError as error:
        _handle_poll_error(publication, error)
        return
    except Exception as error:  # noqa: BLE001 - becomes the failure of this poll
        _handle_poll_error(publication, _unexpected_error(error, publication))
        return
    if outcome is UploadStatus.PUBLISHED:
        return
    if publication.state == State.UNCERTAIN:
        _handle_absent(publication)
    else:
        _schedule_next_poll(publication)


def _unexpected_error(error: Exception, publication: Publication) -> PlatformError:
    """Report an error that nobody expected; return the one as which it is handled.

    Whether anything was sent is not known, as with every other unclear result.
    """
    report_failure("publication", error, (publication,))
    return Uncertain(
        "An error in Facet stood in the way.", advice="Tell whoever runs this Facet, or try again."
    )


def _build_rendition(publication: Publication) -> Rendition | None:
    """Return the picture to send, encoded for its slot; None if the picture is to be removed."""
    slot = _find_slot(publication)
    if publication.undoes_id or publication.restores_id:
        if publication.restores is None:
            raise ActionNotAvailable("The picture from before is not known any more.")
        rendition = backups.encode_backup(publication.restores, slot)
    elif publication.variant is None:
        raise ActionNotAvailable("The headshot was deleted.", advice="Choose another one.")
    else:
        require_allowed(publication.variant, publication.connection)
        rendition = encode_for_slot(publication.variant, slot)
        publication.is_signed = rendition.is_signed
    publication.fingerprint = rendition.fingerprint if rendition else ""
    return (
        temporary_urls.attach_temporary_url(rendition)
        if rendition and slot.needs_public_url
        else rendition
    )


@contextmanager
def _open_delivery(publication: Publication, open_client: OpenClient) -> Iterator[DeliveryContext]:
    connection = publication.connection
    assert connection is not None  # only accounts are sent to
    adapter = registry.get_adapter(connection.slug)
    with open_client(connection) as client:
        yield DeliveryContext(publication, adapter, client, _find_slot(publication))


def _find_slot(publication: Publication) -> PictureSlot:
    assert publication.connection is not None  # only accounts are sent to
    platform_slots = publication.connection.platform.slots
    return next(slot for slot in platform_slots if slot.name == publication.slot)


def _back_up_and_send(context: DeliveryContext, rendition: Rendition | None) -> None:
    """Back up the current picture, block if it was set by hand, and only then replace it."""
    publication = context.publication
    before = backups.read_current_picture(
        publication, context.adapter, context.client, context.slot
    )
    if before and backups.is_changed_by_hand(publication, before, context.fingerprint):
        transitions.change_state(
            publication,
            State.BLOCKED,
            code="drifted",
            before=before,
            message="Somebody set another picture there; Facet does not overwrite it.",
            advice="Keep theirs, take it over as a headshot, or send yours.",
        )
        return
    if not transitions.mark_write_started(publication, before=before):
        return  # the claim was lost: the publication is uncertain now and is polled
    receipt = _write_picture(context, rendition)
    _handle_accepted(context, receipt)


def _write_picture(context: DeliveryContext, rendition: Rendition | None) -> UploadReceipt:
    """Publish, restore or remove the picture: the only call that changes the platform."""
    if rendition is None or context.publication.restores_id:
        context.adapter.restore_previous_picture(context.client, context.slot, rendition)
        return UploadReceipt()
    return context.adapter.upload_picture(context.client, context.slot, rendition)


def _handle_accepted(context: DeliveryContext, receipt: UploadReceipt) -> None:
    """Poll once, right after the platform accepted the picture, and schedule the next poll."""
    publication = context.publication
    publication.receipt = {"key": receipt.key, "facts": dict(receipt.facts)}
    try:
        is_published = _check_published(context) is UploadStatus.PUBLISHED
    except PlatformError:  # only the poll failed
        is_published = False
    if not is_published:
        transitions.change_state(
            publication,
            State.PROCESSING,
            receipt=publication.receipt,
            poll_count=0,
            message="The platform took it; it does not show yet.",
            not_before=_next_poll_time(0),
        )
    transitions.cancel_older_polled(publication)


def _check_published(context: DeliveryContext) -> UploadStatus:
    """Poll the platform, and mark the publication as published if it shows the picture."""
    publication = context.publication
    outcome, key = _compare_picture(context)
    if outcome is UploadStatus.PUBLISHED:
        transitions.change_state(
            publication,
            State.PUBLISHED,
            live_key=key[:500],
            receipt=publication.receipt,
            message="Seen at the platform.",
        )
    return outcome


def _compare_picture(context: DeliveryContext) -> tuple[UploadStatus, str]:
    """Return whether the platform shows the picture, and the platform's key of it.

    The current picture is downloaded and compared by its fingerprint, unless the platform
    guarantees that its key changes with the picture.
    """
    receipt = UploadReceipt(**(context.publication.receipt or {}))
    if receipt.key and context.adapter.platform.key_guarantee:
        outcome = context.adapter.check_upload(context.client, context.slot, receipt)
        if outcome is UploadStatus.PUBLISHED:
            return outcome, receipt.key
    picture = context.adapter.read_current_picture(context.client, context.slot)
    if picture is None:
        return (UploadStatus.PUBLISHED if context.removes_picture else UploadStatus.ABSENT), ""
    data = picture.data or backups.download_picture(context.client, picture.url)
    if context.removes_picture:
        is_shown = backups.shows_placeholder(context.publication, context.client, picture, data)
    else:
        is_shown = is_same_picture(compute_fingerprint(data), context.fingerprint)
    return (UploadStatus.PUBLISHED if is_shown else UploadStatus.ABSENT), picture.key


def _handle_error(publication: Publication, error: PlatformError) -> None:
    """Change to the state to which an error leads, depending on whether anything was sent."""
    step = DeliveryStep.WRITE if publication.sent_at else DeliveryStep.BEFORE
    next_step = publication_states.next_after_error(error, step=step)
    reason: dict[str, Any] = {"code": error.code, "message": error.message, "advice": error.advice}
    if next_step.state is State.UNCERTAIN:
        transitions.change_state(
            publication, State.UNCERTAIN, poll_count=0, not_before=_next_poll_time(0), **reason
        )
        return
    wait = outages.wait_after_error(publication, error)
    needs_person = isinstance(error, ManualActionRequired)
    if needs_person and publication.variant and not publication.restores_id:
        reason["handoff"] = handoffs.begin_handoff(
            publication.variant,
            publication.place,
            account=publication.connection,
            batch=publication.batch,
        )
    _return_to_queue(publication, next_step, wait=wait, **reason)


def _return_to_queue(
    publication: Publication, next_step: NextStep, *, wait: timedelta, **reason: Any
) -> None:
    """Change to a state in which nothing was sent; after too many attempts, to blocked.

    `reason` has further fields of the publication, such as its code, message and advice.
    """
    assert next_step.state is not None  # an error before anything was sent
    attempts = publication.attempts + next_step.counts_as_attempt
    target, not_before = next_step.state, timezone.now() + wait
    if target is State.READY and outages.is_told(publication, attempts, reason["code"]):
        target = State.BLOCKED
        not_before = outages.next_try(publication, wait)
        reason |= outages.describe_outage(publication, reason["code"])
    transitions.change_state(
        publication,
        target,
        attempts=min(attempts, transitions.MAX_COUNT),
        sent_at=None,
        not_before=not_before,
        **reason,
    )


def _handle_poll_error(publication: Publication, error: PlatformError) -> None:
    """Handle a poll that failed: poll later; if the outcome stays unknown, ask the person."""
    if publication.state == State.UNCERTAIN and publication.poll_count >= settings.PUBLISH_ATTEMPTS:
        _ask_what_happened(publication)
        return
    wait = rate_limits.backoff_delay(publication.poll_count)
    if isinstance(error, RateLimited):
        wait = timedelta(0)
    until = timezone.now() + max(wait, timedelta(seconds=error.retry_after))
    code = publication.code or error.code
    transitions.postpone_poll(publication, until=until, code=code, message=error.message)


def _handle_absent(publication: Publication) -> None:
    """Handle a poll by which a picture that may have been sent does not show.

    The first time, it is polled again: the server may still be working on a request that timed out.
    Then it is sent again, or the person decides if sending it twice would do harm.
    """
    if publication.poll_count < ABSENT_AFTER_POLLS:
        transitions.postpone_poll(
            publication, until=_next_poll_time(publication.poll_count), code="uncertain"
        )
    elif _find_slot(publication).is_idempotent:
        message = "It did not arrive; Facet sends it again."
        next_step = NextStep(State.READY, counts_as_attempt=True)
        _return_to_queue(publication, next_step, wait=timedelta(), code="absent", message=message)
    else:
        _ask_what_happened(publication)


def _ask_what_happened(publication: Publication) -> None:
    transitions.change_state(
        publication,
        State.BLOCKED,
        code="unclear",
        message="Nobody can tell whether the picture arrived.",
        advice="Look at the profile, then keep it or send the picture again.",
    )


def _schedule_next_poll(publication: Publication) -> None:
    """Schedule the next poll of a picture that was accepted and does not show yet."""
    poll_count = publication.poll_count
    message = "The platform took it; some places still show the old one."
    until = _next_poll_time(poll_count)
    if publication.state == State.PROCESSING and poll_count >= len(settings.POLL_DELAYS):
        transitions.change_state(
            publication, State.PROPAGATING, code="propagating", message=message, not_before=until
        )
    else:
        transitions.postpone_poll(
            publication, until=until, code=publication.code, message=publication.message
        )


def _next_poll_time(poll_count: int) -> datetime:
    """Return the time of the next poll: after POLL_DELAYS seconds, then 1, 2, 4, … 30 days."""
    early_delays = settings.POLL_DELAYS
    if poll_count < len(early_delays):
        return timezone.now() + timedelta(seconds=early_delays[poll_count])
    return timezone.now() + timedelta(
        days=min(2 ** min(poll_count - len(early_delays), 10), MAX_POLL_DELAY_DAYS)
    )
