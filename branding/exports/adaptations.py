"""What an import changes in rows, because the account is at another place now.

Nothing is sent by an import: the account from which the export came may still be sending.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils import timezone

from integrations.models import AvatarAddress, Connection, HandOff, Publication, Run, Schedule
from integrations.publication_states import FINAL_STATES, State

IMPORTED_CODE: Final = "imported"
RECONNECT_REASON: Final = "The account was imported: connect it again."
NOT_SENT_MESSAGE: Final = "It was not finished when the account was exported."


def ask_to_connect_again(connection: Connection) -> None:
    """Have a connection connected again; one that somebody else holds has ended."""
    if connection.state == Connection.State.ENDED:
        return
    same_account = Connection.objects.filter(
        slug=connection.slug, server=connection.server, account_id=connection.account_id
    )
    if same_account.exclude(state=Connection.State.ENDED).exists():
        connection.state, connection.ended_at = Connection.State.ENDED, timezone.now()
    else:
        connection.state = Connection.State.LOST
    connection.reason = RECONNECT_REASON


def cancel_unfinished_publication(publication: Publication) -> None:
    """Cancel what was not sent yet."""
    publication.key = f"{IMPORTED_CODE}:{publication.pk}"
    if publication.state not in FINAL_STATES:
        publication.state, publication.settled_at = State.CANCELLED, timezone.now()
        publication.code, publication.message = IMPORTED_CODE, NOT_SENT_MESSAGE
        publication.advice = ""


def cancel_waiting_handoff(handoff: HandOff) -> None:
    """Cancel what the person has not set by hand yet."""
    if handoff.is_waiting:
        handoff.state, handoff.ended_at = HandOff.State.CANCELLED, timezone.now()


def pause_schedule(schedule: Schedule) -> None:
    """Pause a schedule, which would send beside the original."""
    if schedule.is_active:
        schedule.state = Schedule.State.PAUSED
        schedule.due_at = schedule.next_run_at = None


def skip_open_run(run: Run) -> None:
    """Skip a run that was under way."""
    if run.is_open:
        run.state, run.finished_at = Run.State.SKIPPED, timezone.now()
        run.code, run.message = IMPORTED_CODE, NOT_SENT_MESSAGE


def free_public_name(address: AvatarAddress) -> None:
    """Leave out a public name that somebody has, and the lookup by e-mail address.

    The addresses of this account may be others.
    """
    address.by_email = False
    if address.name and AvatarAddress.objects.filter(name=address.name).exists():
        address.name, address.places = None, []


ADAPTATIONS: Final[Mapping[str, Callable[[Any], None]]] = {
    "connections": ask_to_connect_again,
    "publications": cancel_unfinished_publication,
    "handoffs": cancel_waiting_handoff,
    "schedules": pause_schedule,
    "runs": skip_open_run,
    "public_addresses": free_public_name,
}
