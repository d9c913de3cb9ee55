"""The states of a publication, the transitions between them, and what each error leads to.

A publication is one upload of a headshot to one account. The table of transitions is validated at
import and drawn in the documentation; a transition that is not in it raises InvalidTransition.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from integrations.errors import (
    ManualActionRequired,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Uncertain,
)


class State(StrEnum):
    """The state of a publication."""

    SCHEDULED = "scheduled"  # waits for its scheduled time
    READY = "ready"  # may be claimed by a worker, from `not_before` on
    SENDING = "sending"  # claimed by exactly one worker
    PROCESSING = "processing"  # accepted by the platform, not visible yet: polled
    PROPAGATING = "propagating"  # accepted long ago, still not visible
    UNCERTAIN = "uncertain"  # it is not known whether it was accepted: polled before anything else
    BLOCKED = "blocked"  # the person has to do something
    PUBLISHED = "published"  # visible at the platform
    FAILED = "failed"  # rejected by the platform
    CANCELLED = "cancelled"  # withdrawn by the person, or replaced by a newer one


class Step(StrEnum):
    """How far the delivery was when an error occurred."""

    BEFORE = "before"  # nothing was sent yet
    WRITE = "write"  # the picture may have been sent
    LOOK = "look"  # while polling, which only reads


class InvalidTransition(ValueError):
    """A transition that the table does not contain."""


@dataclass(frozen=True)
class Next:
    """What follows an error."""

    state: State | None  # None: the state stays and is polled again
    counts: bool = False  # towards the number of attempts after which the person is asked


STARTS: Final = frozenset({State.SCHEDULED, State.READY})
ENDS: Final = frozenset({State.PUBLISHED, State.FAILED, State.CANCELLED})
WATCHED: Final = frozenset({State.PROCESSING, State.PROPAGATING, State.UNCERTAIN})
# While one publication of a slot is in these states, no other one may be sent to it.
HOLDING: Final = frozenset({State.SENDING, State.UNCERTAIN})
# States that are left within minutes without any action by the person; pages wait for them.
MOVING: Final = frozenset({State.READY, State.SENDING, State.UNCERTAIN, State.PROCESSING})

EDGES: Final[Mapping[State, frozenset[State]]] = {
    State.SCHEDULED: frozenset({State.READY, State.CANCELLED}),
    State.READY: frozenset({State.SENDING, State.PUBLISHED, State.BLOCKED, State.CANCELLED}),
    State.SENDING: frozenset(
        {
            State.PUBLISHED,
            State.PROCESSING,
            State.READY,
            State.BLOCKED,
            State.FAILED,
            State.UNCERTAIN,
        }
    ),
    State.PROCESSING: frozenset(
        {State.PUBLISHED, State.PROPAGATING, State.FAILED, State.CANCELLED}
    ),
    State.PROPAGATING: frozenset({State.PUBLISHED, State.CANCELLED}),
    State.UNCERTAIN: frozenset({State.PUBLISHED, State.READY, State.BLOCKED, State.CANCELLED}),
    State.BLOCKED: frozenset({State.READY, State.PROCESSING, State.PUBLISHED, State.CANCELLED}),
    State.PUBLISHED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}

_NEXT_AT_ANY_STEP: Final[Mapping[type[PlatformError], Next]] = {
    ManualActionRequired: Next(State.BLOCKED),
    Rejected: Next(State.FAILED),
    Unauthorized: Next(State.BLOCKED),
    RateLimited: Next(State.READY),
    Unavailable: Next(State.READY, counts=True),
}
# An unknown result before anything was sent is a failed attempt; after that, the platform is polled
# to find out what happened.
NEXT: Final[Mapping[Step, Mapping[type[PlatformError], Next]]] = {
    Step.BEFORE: {**_NEXT_AT_ANY_STEP, Uncertain: Next(State.READY, counts=True)},
    Step.WRITE: {**_NEXT_AT_ANY_STEP, Uncertain: Next(State.UNCERTAIN)},
    Step.LOOK: {error_class: Next(None) for error_class in (*_NEXT_AT_ANY_STEP, Uncertain)},
}


def require(source: State, target: State) -> None:
    """Raise InvalidTransition unless a publication may go from `source` to `target`."""
    if target not in EDGES[source]:
        raise InvalidTransition(f"A publication does not go from {source} to {target}.")


def after(error: PlatformError, *, step: Step) -> Next:
    """Return what an error at a step leads to; the most specific known class decides."""
    by_class = NEXT[step]
    return next(by_class[cls] for cls in type(error).__mro__ if cls in by_class)  # type: ignore[index]


def drawing() -> str:
    """Return the table as a state diagram for Mermaid."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    [*] --> {state}" for state in State if state in STARTS]
    lines += [
        f"    {source} --> {target}"
        for source in State
        for target in State
        if target in EDGES[source]
    ]
    lines += [f"    {state} --> [*]" for state in State if state in ENDS]
    return "\n".join([*lines, "```"])


def validate() -> None:
    """Raise ValueError unless the tables are complete.

    Every state must be reachable, exactly the final states must have no transitions, and every kind
    of error must lead to a state that follows SENDING.
    """
    reached = set(STARTS)
    while new := {target for source in reached for target in EDGES[source]} - reached:
        reached |= new
    if reached != set(State) or set(EDGES) != set(State):
        raise ValueError("The table of states is not whole.")
    if {state for state in State if not EDGES[state]} != ENDS:
        raise ValueError("Exactly the ends lead nowhere.")
    for step, by_class in NEXT.items():
        if set(by_class) != {*_NEXT_AT_ANY_STEP, Uncertain}:
            raise ValueError(f"Not every kind of error is led from '{step}'.")
        for following in by_class.values():
            if following.state and following.state not in EDGES[State.SENDING]:
                raise ValueError(f"An error at '{step}' leads where sending does not go.")


validate()
