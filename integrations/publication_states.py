"""The life of a publication: its states, which may follow which, and what each error leads to.

One table, checked when it is imported and drawn in the README. Nothing else decides what may
happen next; a move that is not in it raises.
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
    """Where a publication stands."""

    SCHEDULED = "scheduled"  # waits for its time
    READY = "ready"  # may be claimed, after `not_before`
    SENDING = "sending"  # exactly one worker holds it
    PROCESSING = "processing"  # accepted, not seen yet: looked for
    PROPAGATING = "propagating"  # accepted long ago, still not seen
    UNCERTAIN = "uncertain"  # nobody knows whether it happened: looked for before anything else
    BLOCKED = "blocked"  # needs the person
    PUBLISHED = "published"  # seen at the platform
    FAILED = "failed"  # the platform said no
    CANCELLED = "cancelled"  # the person, or something newer, took it back


class Step(StrEnum):
    """How far a run was when an error came."""

    BEFORE = "before"  # nothing of ours was sent
    WRITE = "write"  # it may have been
    LOOK = "look"  # only reading


class InvalidTransition(ValueError):
    """A move that the table does not have."""


@dataclass(frozen=True)
class Next:
    """What follows an error."""

    state: State | None  # None: it stays where it is, and is looked at again
    counts: bool = False  # as one of the tries after which the person is asked


STARTS: Final = frozenset({State.SCHEDULED, State.READY})
ENDS: Final = frozenset({State.PUBLISHED, State.FAILED, State.CANCELLED})
WATCHED: Final = frozenset({State.PROCESSING, State.PROPAGATING, State.UNCERTAIN})
# A picture of the same slot must not be sent while one of these is.
HOLDING: Final = frozenset({State.SENDING, State.UNCERTAIN})
# Worth waiting for: it goes on by itself within minutes.
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

_ALWAYS: Final[Mapping[type[PlatformError], Next]] = {
    ManualActionRequired: Next(State.BLOCKED),
    Rejected: Next(State.FAILED),
    Unauthorized: Next(State.BLOCKED),
    RateLimited: Next(State.READY),
    Unavailable: Next(State.READY, counts=True),
}
# "I do not know" before anything was sent is a failed attempt; after it, it has to be found out.
NEXT: Final[Mapping[Step, Mapping[type[PlatformError], Next]]] = {
    Step.BEFORE: {**_ALWAYS, Uncertain: Next(State.READY, counts=True)},
    Step.WRITE: {**_ALWAYS, Uncertain: Next(State.UNCERTAIN)},
    Step.LOOK: {kind: Next(None) for kind in (*_ALWAYS, Uncertain)},
}


def require(source: State, target: State) -> None:
    """Misstep unless one may follow the other."""
    if target not in EDGES[source]:
        raise InvalidTransition(f"A publication does not go from {source} to {target}.")


def after(error: PlatformError, *, step: Step) -> Next:
    """What an error at a step leads to; the nearest kind decides."""
    known = NEXT[step]
    return next(known[kind] for kind in type(error).__mro__ if kind in known)  # type: ignore[index]


def drawing() -> str:
    """The table as a Mermaid diagram."""
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
    """ValueError unless every state is reached, every end is final and every error leads on."""
    reached = set(STARTS)
    while new := {target for source in reached for target in EDGES[source]} - reached:
        reached |= new
    if reached != set(State) or set(EDGES) != set(State):
        raise ValueError("The table of states is not whole.")
    if {state for state in State if not EDGES[state]} != ENDS:
        raise ValueError("Exactly the ends lead nowhere.")
    for step, known in NEXT.items():
        if set(known) != {*_ALWAYS, Uncertain}:
            raise ValueError(f"Not every kind of error is led from '{step}'.")
        for told in known.values():
            if told.state and told.state not in EDGES[State.SENDING]:
                raise ValueError(f"An error at '{step}' leads where sending does not go.")


validate()
