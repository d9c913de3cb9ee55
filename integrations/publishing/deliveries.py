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
from integrations import publication_states
from integrations.errors import ActionNotAvailable, ManualActionRequired, PlatformError, RateLimited
from integrations.models import Connection, Publication
from integrations.platforms import registry
from integrations.platforms.base import Adapter, Client, Outcome, Receipt, Rendition, Slot
from integrations.publication_states import Next, State, Step
from integrations.publishing import (
    adoption,
    backups,
    handoffs,
    rate_limits,
    temporary_urls,
    transitions,
)
from integrations.publishing.eligibility import require_allowed
from integrations.renditions import for_slot

OpenClient = Callable[[Connection], AbstractContextManager[Client]]

SURE: Final = 2  # polls after which a picture that does not show is taken as not arrived
MONTH: Final = 30  # days between two polls, at most


@dataclass(frozen=True)
class Visit:
    """A publication with the authorized client of its account."""

    publication: Publication
    adapter: Adapter
    client: Client
    slot: Slot

    @property
    def looks(self) -> str:
        """The fingerprint of the picture that is sent; empty if none was sent yet."""
        return self.publication.fingerprint

    @property
    def takes_away(self) -> bool:
        """Whether the publication removes the picture."""
        restores = self.publication.restores
        return restores is not None and restores.is_none


def send(pk: UUID, *, open_client: OpenClient) -> None:
    """Send a publication, unless it is no longer ready or its slot is taken.

    `open_client` is a context manager that gives the authorized client of a connection.
    """
    publication = transitions.claim(pk)
    if publication is None:
        return
    try:
        wanted = _wanted(publication)
        with _visit(publication, open_client) as visit:
            _send(visit, wanted)
    except PlatformError as error:
        _failed(publication, error)
    except FacetError as error:  # it may not be sent at all
        transitions.move(
            publication, State.FAILED, code=error.code, words=error.message, advice=error.advice
        )


def look(pk: UUID, *, open_client: OpenClient) -> None:
    """Poll whether the platform shows a publication, without changing anything there."""
    publication = transitions.claim_look(pk)
    if publication is None:
        return
    if adoption.waits(publication):
        return
    try:
        with _visit(publication, open_client) as visit:
            outcome = _seen(visit)
    except PlatformError as error:
        _not_known(publication, error)
        return
    if outcome is Outcome.PUBLISHED:
        return
    if publication.state == State.UNCERTAIN:
        _not_there(publication)
    else:
        _not_yet(publication)


def _wanted(publication: Publication) -> Rendition | None:
    """Return the picture to send, encoded for its slot; None if the picture is to be removed."""
    slot = _slot(publication)
    if publication.undoes_id or publication.restores_id:
        if publication.restores is None:
            raise ActionNotAvailable("What hung there before is not known any more.")
        made = backups.rendition(publication.restores, slot)
    elif publication.variant is None:
        raise ActionNotAvailable("The headshot was deleted.", advice="Choose another one.")
    else:
        require_allowed(publication.variant, publication.connection)
        made = for_slot(publication.variant, slot)
    publication.fingerprint = made.looks if made else ""
    return temporary_urls.lend(made) if made and slot.fetched else made


@contextmanager
def _visit(publication: Publication, open_client: OpenClient) -> Iterator[Visit]:
    connection = publication.connection
    adapter = registry.adapter(connection.slug)
    with open_client(connection) as client:
        yield Visit(publication, adapter, client, _slot(publication))


def _slot(publication: Publication) -> Slot:
    slots = publication.connection.platform.slots
    return next(slot for slot in slots if slot.name == publication.slot)


def _send(visit: Visit, wanted: Rendition | None) -> None:
    """Back up the current picture, block if it was set by hand, and only then replace it."""
    publication = visit.publication
    live = visit.adapter.current(visit.client, visit.slot)
    before = backups.take(publication, visit.client, live)
    if backups.is_changed_by_hand(publication, before, visit.looks):
        transitions.move(
            publication,
            State.BLOCKED,
            code="drifted",
            before=before,
            words="Somebody set another picture there; Facet does not overwrite it.",
            advice="Keep theirs, take it over as a headshot, or send yours.",
        )
        return
    if not transitions.about_to_write(publication, before=before):
        return  # the claim was lost: the publication is uncertain now and is polled
    receipt = _write(visit, wanted)
    _accepted(visit, receipt)


def _write(visit: Visit, wanted: Rendition | None) -> Receipt:
    """Publish, restore or remove the picture: the only call that changes the platform."""
    if wanted is None or visit.publication.restores_id:
        visit.adapter.withdraw(visit.client, visit.slot, wanted)
        return Receipt()
    return visit.adapter.publish(visit.client, visit.slot, wanted)


def _accepted(visit: Visit, receipt: Receipt) -> None:
    """Poll once, right after the platform accepted the picture, and schedule the next poll."""
    publication = visit.publication
    publication.receipt = {"key": receipt.key, "facts": dict(receipt.facts)}
    try:
        seen = _seen(visit) is Outcome.PUBLISHED
    except PlatformError:  # only the poll failed
        seen = False
    if not seen:
        transitions.move(
            publication,
            State.PROCESSING,
            receipt=publication.receipt,
            looks=0,
            words="The platform took it; it does not show yet.",
            not_before=_after_look(0),
        )
    transitions.outdate(publication)


def _seen(visit: Visit) -> Outcome:
    """Poll the platform, and mark the publication as published if it shows the picture."""
    publication = visit.publication
    outcome, key = _compared(visit)
    if outcome is Outcome.PUBLISHED:
        transitions.move(
            publication,
            State.PUBLISHED,
            live_key=key[:500],
            receipt=publication.receipt,
            words="Seen at the platform.",
        )
    return outcome


def _compared(visit: Visit) -> tuple[Outcome, str]:
    """Return whether the platform shows the picture, and the platform's key of it.

    The key or facts in the receipt decide, if the platform gave any; otherwise the current
    picture is downloaded and compared by its fingerprint.
    """
    told = Receipt(**visit.publication.receipt) if visit.publication.receipt else Receipt()
    if told.key or told.facts:
        outcome = visit.adapter.check(visit.client, visit.slot, told)
        if outcome in (Outcome.PUBLISHED, Outcome.PROCESSING):
            return outcome, told.key
    live = visit.adapter.current(visit.client, visit.slot)
    if live is None or visit.takes_away:
        gone = live is None and visit.takes_away
        return (Outcome.PUBLISHED if gone else Outcome.ABSENT), ""
    data = live.data or visit.client.door.fetch(live.url).data
    same = backups.looks_like(backups.print_of(data), visit.looks)
    return (Outcome.PUBLISHED if same else Outcome.ABSENT), live.key


def _failed(publication: Publication, error: PlatformError) -> None:
    """Change to the state to which an error leads, depending on whether anything was sent."""
    step = Step.WRITE if publication.sent_at else Step.BEFORE
    told = publication_states.after(error, step=step)
    if told.state is State.UNCERTAIN:
        transitions.move(
            publication,
            State.UNCERTAIN,
            code=error.code,
            words=error.message,
            advice=error.advice,
            looks=0,
            not_before=_after_look(0),
        )
        return
    wait = rate_limits.backoff(publication.attempts + 1)
    if isinstance(error, RateLimited):
        wait = timedelta(seconds=error.retry_after)
    why: dict[str, Any] = {"code": error.code, "words": error.message, "advice": error.advice}
    if (
        isinstance(error, ManualActionRequired)
        and publication.variant
        and not publication.restores_id
    ):
        why["handoff"] = handoffs.begin(
            publication.variant,
            publication.place,
            account=publication.connection,
            batch=publication.batch,
        )
    _again(publication, told, wait=wait, **why)


def _again(publication: Publication, told: Next, *, wait: timedelta, **why: Any) -> None:
    """Change to a state in which nothing was sent; after too many attempts, to blocked.

    `why` has further fields of the publication, such as its code, message and advice.
    """
    tries = publication.attempts + told.counts
    worn_out = told.state is State.READY and tries >= settings.PUBLISH_ATTEMPTS
    if worn_out:
        why["advice"] = "Try again when the platform answers, or set the picture there yourself."
    transitions.move(
        publication,
        State.BLOCKED if worn_out else told.state,
        attempts=tries,
        sent_at=None,
        not_before=timezone.now() + wait,
        **why,
    )


def _not_known(publication: Publication, error: PlatformError) -> None:
    """Handle a poll that failed: poll later; if the outcome stays unknown, ask the person."""
    if publication.state == State.UNCERTAIN and publication.looks >= settings.PUBLISH_ATTEMPTS:
        _ask_what_happened(publication)
        return
    until = timezone.now() + rate_limits.backoff(publication.looks)
    if isinstance(error, RateLimited):
        until = timezone.now() + timedelta(seconds=error.retry_after)
    code = publication.code or error.code
    transitions.stay(publication, until=until, code=code, words=error.message)


def _not_there(publication: Publication) -> None:
    """Handle a poll by which a picture that may have been sent does not show.

    The first time, it is polled again: the server may still be working on a request that timed out.
    Then it is sent again, or the person decides if sending it twice would do harm.
    """
    if publication.looks < SURE:
        transitions.stay(publication, until=_after_look(publication.looks), code="uncertain")
    elif _slot(publication).idempotent:
        words = "It did not arrive; Facet sends it again."
        again = Next(State.READY, counts=True)
        _again(publication, again, wait=timedelta(), code="absent", words=words)
    else:
        _ask_what_happened(publication)


def _ask_what_happened(publication: Publication) -> None:
    transitions.move(
        publication,
        State.BLOCKED,
        code="unclear",
        words="Nobody can tell whether the picture arrived.",
        advice="Look at the profile, then keep it or send the picture again.",
    )


def _not_yet(publication: Publication) -> None:
    """Schedule the next poll of a picture that was accepted and does not show yet."""
    looks, words = publication.looks, "The platform took it; some places still show the old one."
    until = _after_look(looks)
    if publication.state == State.PROCESSING and looks >= len(settings.POLL_DELAYS):
        transitions.move(
            publication, State.PROPAGATING, code="propagating", words=words, not_before=until
        )
    else:
        transitions.stay(publication, until=until, code=publication.code, words=publication.words)


def _after_look(looks: int) -> datetime:
    """Return the time of the next poll: after POLL_DELAYS seconds, then 1, 2, 4, … 30 days."""
    early = settings.POLL_DELAYS
    if looks < len(early):
        return timezone.now() + timedelta(seconds=early[looks])
    return timezone.now() + timedelta(days=min(2 ** (looks - len(early)), MONTH))
