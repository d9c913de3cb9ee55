"""The base of every error that a person may see, and what the service itself refuses.

Every package has its own branch; pages, the API and commands handle all of them alike::

    FacetError                    code, message and advice
    ├── EngineError               a photo or a recipe: headshots/engine/errors.py
    ├── ServiceError              an action that is not possible: here and integrations/errors.py
    │   ├── PhotoLimitReached
    │   ├── StorageFull
    │   ├── NotReady
    │   ├── TooManyAtOnce
    │   ├── DifferentPeople
    │   └── WorkerBusy
    └── PlatformError             what a platform answered: integrations/errors.py
"""


class FacetError(Exception):
    """Base of every error that is shown to a person.

    `code` is stable and meant for programs, `message` says what happened, `advice` what to do next
    ("" if there is nothing to do).
    """

    code = "error"
    advice = ""

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice or self.advice


class ServiceError(FacetError):
    """An action that is not possible at the moment or not in this state; nothing was changed."""

    code = "service"


class PhotoLimitReached(ServiceError):
    """The account already keeps as many photos as it may."""

    code = "too_many"
    advice = "Delete a photo you no longer need, then add this one."


class StorageFull(ServiceError):
    """The disk or the bucket did not take the file; nothing was changed."""

    code = "no_space"
    advice = "Nothing was lost. Ask whoever runs this Facet to make room, then try again."


class NotReady(ServiceError):
    """The action needs something that does not exist yet."""

    code = "not_ready"
    advice = "Wait a moment and try again."


class DifferentPeople(ServiceError):
    """Photos of several people were chosen for headshots of one."""

    code = "different_people"
    advice = "Choose photos of one person at a time."


class WorkerBusy(ServiceError):
    """No worker answered in time; nothing was changed."""

    code = "busy"
    advice = "Try again in a moment."


class TooManyAtOnce(ServiceError):
    """The account has as much of this under way as one account may; nothing was changed."""

    code = "too_many_at_once"
    advice = "Wait until some of it is finished, then try again."
    retry_after = 5  # seconds
