"""What a worker does with one publication: send it once, then look until it is seen."""

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

SURE: Final = 2  # looks after which what does not show is believed not to have arrived
MONTH: Final = 30  # days


@dataclass(frozen=True)
class Visit:
    """A publication, and the way to its account."""

    publication: Publication
    adapter: Adapter
    client: Client
    slot: Slot

    @property
    def looks(self) -> str:
        """How the picture that is sent looks; '' if no run came as far as sending one."""
        return self.publication.fingerprint

    @property
    def takes_away(self) -> bool:
        """Whether there is to be no picture."""
        restores = self.publication.restores
        return restores is not None and restores.is_none


def send(pk: UUID, *, open_client: OpenClient) -> None:
    """Send one publication, if it still waits and nobody else sends to its slot.

    `open_client` gives the authorized HTTP client of a connection for as long as its block lasts.
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
    except FacetError as error:  # not to be sent at all
        transitions.move(
            publication, State.FAILED, code=error.code, words=error.message, advice=error.advice
        )


def look(pk: UUID, *, open_client: OpenClient) -> None:
    """See whether a publication shows at the platform; nothing is changed there."""
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
    """The picture to be sent, fitted into its slot; None if there is to be none."""
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
    """Keep what hangs there, ask if a person put it there, and only then change it."""
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
        return  # this run was given up meanwhile: somebody else looks what became of it
    receipt = _write(visit, wanted)
    _accepted(visit, receipt)


def _write(visit: Visit, wanted: Rendition | None) -> Receipt:
    """The one effect."""
    if wanted is None or visit.publication.restores_id:
        visit.adapter.withdraw(visit.client, visit.slot, wanted)
        return Receipt()
    return visit.adapter.publish(visit.client, visit.slot, wanted)


def _accepted(visit: Visit, receipt: Receipt) -> None:
    """It was taken: look at once whether it shows; if not, look again later."""
    publication = visit.publication
    publication.receipt = {"key": receipt.key, "facts": dict(receipt.facts)}
    try:
        seen = _seen(visit) is Outcome.PUBLISHED
    except PlatformError:  # only the look failed
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
    """What a look says; if it shows, that is written down."""
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
    """By the platform's own key if it gave one, else by looking at the picture."""
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
    """Go where the table says this error leads, from how far the run was."""
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
    """Back to where it can be tried again, nothing having changed; after some tries, ask."""
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
    """The look itself failed: look again later; of what may have happened, ask in the end."""
    if publication.state == State.UNCERTAIN and publication.looks >= settings.PUBLISH_ATTEMPTS:
        _ask_what_happened(publication)
        return
    until = timezone.now() + rate_limits.backoff(publication.looks)
    if isinstance(error, RateLimited):
        until = timezone.now() + timedelta(seconds=error.retry_after)
    code = publication.code or error.code
    transitions.stay(publication, until=until, code=code, words=error.message)


def _not_there(publication: Publication) -> None:
    """It may have been sent and does not show: believed the second time, then sent again.

    A server may still be at work on what it did not answer in time. Where sending twice would do
    harm, the person decides.
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
    """It was taken and does not show: look again, less and less often."""
    looks, words = publication.looks, "The platform took it; some places still show the old one."
    until = _after_look(looks)
    if publication.state == State.PROCESSING and looks >= len(settings.PUBLISH_LOOKS):
        transitions.move(
            publication, State.PROPAGATING, code="propagating", words=words, not_before=until
        )
    else:
        transitions.stay(publication, until=until, code=publication.code, words=publication.words)


def _after_look(looks: int) -> datetime:
    """When to look next, after so many: 5 s, 30 s, 5 min, 1 h, then 1, 2, 4, … days."""
    early = settings.PUBLISH_LOOKS
    if looks < len(early):
        return timezone.now() + timedelta(seconds=early[looks])
    return timezone.now() + timedelta(days=min(2 ** (looks - len(early)), MONTH))
