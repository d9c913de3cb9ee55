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


class DeliveryStep(StrEnum):
    """How far the delivery was when an error occurred."""

    BEFORE = "before"  # nothing was sent yet
    WRITE = "write"  # the picture may have been sent
    POLL = "look"  # while polling, which only reads


class InvalidTransition(ValueError):
    """A transition that the table does not contain."""


@dataclass(frozen=True)
class NextStep:
    """What follows an error."""

    state: State | None  # None: the state stays and is polled again
    counts_as_attempt: bool = False  # after PUBLISH_ATTEMPTS of them, the person is asked


INITIAL_STATES: Final = frozenset({State.SCHEDULED, State.READY})
FINAL_STATES: Final = frozenset({State.PUBLISHED, State.FAILED, State.CANCELLED})
POLLED_STATES: Final = frozenset({State.PROCESSING, State.PROPAGATING, State.UNCERTAIN})
# While one publication of a slot is in these states, no other one may be sent to it.
EXCLUSIVE_STATES: Final = frozenset({State.SENDING, State.UNCERTAIN})
# States that are left within minutes without any action by the person; pages wait for them.
ACTIVE_STATES: Final = frozenset({State.READY, State.SENDING, State.UNCERTAIN, State.PROCESSING})

TRANSITIONS: Final[Mapping[State, frozenset[State]]] = {
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

_NEXT_AT_ANY_STEP: Final[Mapping[type[PlatformError], NextStep]] = {
    ManualActionRequired: NextStep(State.BLOCKED),
    Rejected: NextStep(State.FAILED),
    Unauthorized: NextStep(State.BLOCKED),
    RateLimited: NextStep(State.READY),
    Unavailable: NextStep(State.READY, counts_as_attempt=True),
}
# An unknown result before anything was sent is a failed attempt; after that, the platform is polled
# to find out what happened.
NEXT_BY_STEP: Final[Mapping[DeliveryStep, Mapping[type[PlatformError], NextStep]]] = {
    DeliveryStep.BEFORE: {
        **_NEXT_AT_ANY_STEP,
        Uncertain: NextStep(State.READY, counts_as_attempt=True),
    },
    DeliveryStep.WRITE: {**_NEXT_AT_ANY_STEP, Uncertain: NextStep(State.UNCERTAIN)},
    DeliveryStep.POLL: {
        error_class: NextStep(None) for error_class in (*_NEXT_AT_ANY_STEP, Uncertain)
    },
}


def require_transition(source: State, target: State) -> None:
    """Raise InvalidTransition unless a publication may go from `source` to `target`."""
    if target not in TRANSITIONS[source]:
        raise InvalidTransition(f"A publication does not go from {source} to {target}.")


def next_after_error(error: PlatformError, *, step: DeliveryStep) -> NextStep:
    """Return what an error at a step leads to; the most specific known class decides."""
    by_class = NEXT_BY_STEP[step]
    return next(by_class[cls] for cls in type(error).__mro__ if cls in by_class)


def draw_diagram() -> str:
    """Return the table as a state diagram for Mermaid."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    [*] --> {state}" for state in State if state in INITIAL_STATES]
    lines += [
        f"    {source} --> {target}"
        for source in State
        for target in State
        if target in TRANSITIONS[source]
    ]
    lines += [f"    {state} --> [*]" for state in State if state in FINAL_STATES]
    return "\n".join([*lines, "```"])


def validate_tables() -> None:
    """Raise ValueError unless the tables are complete.

    Every state must be reachable, exactly the final states must have no transitions, and every kind
    of error must lead to a state that follows SENDING.
    """
    reached = set(INITIAL_STATES)
    while new := {target for source in reached for target in TRANSITIONS[source]} - reached:
        reached |= new
    if reached != set(State) or set(TRANSITIONS) != set(State):
        raise ValueError("A state is missing in TRANSITIONS or cannot be reached.")
    if {state for state in State if not TRANSITIONS[state]} != FINAL_STATES:
        raise ValueError("Exactly the final states must have no transitions.")
    for step, by_class in NEXT_BY_STEP.items():
        if set(by_class) != {*_NEXT_AT_ANY_STEP, Uncertain}:
            raise ValueError(f"NEXT_BY_STEP lacks a kind of error at '{step}'.")
        for following in by_class.values():
            if following.state and following.state not in TRANSITIONS[State.SENDING]:
                raise ValueError(f"An error at '{step}' leads to no state that follows SENDING.")


validate_tables()
