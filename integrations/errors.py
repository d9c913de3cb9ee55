"""Errors of places and platforms, each with a code, a sentence and what to do next::

    FacetError (headshots/errors.py)
    ├── ServiceError
    │   ├── UnknownPlace, ActionNotAvailable, NotPublishable, NotOwner
    │   ├── BadName, NameTaken
    │   └── BadRule, BadSchedule
    └── PlatformError
        ├── Rejected                  the platform understood and said no
        │   ├── ForbiddenAddress      an address that this server does not contact
        │   ├── ManualActionRequired  only the person can do it, on the platform's own page
        │   └── AlreadyConnected
        ├── Unauthorized              the token or the scope is gone
        ├── RateLimited               too many calls
        ├── Unavailable               nothing was accepted: trying again does no harm
        │   └── AccountRenamed        the account was found by its id: try again at once
        └── Uncertain                 something was sent and no clear answer came: poll first

The five kinds of PlatformError decide the next step of a publication (publication_states.py):
"unknown" is never turned into "try again".
"""

from typing import Final

from headshots.errors import FacetError, ServiceError

# Statuses below 500 that say "later": RFC 9110, RFC 8470, RFC 6585.
TRANSIENT_STATUSES: Final = (408, 425, 429)


class BadDownload(ServiceError):
    """A size or a format that is not offered."""

    code = "bad_download"
    advice = "Choose one from the download menu."


class UnknownPlace(ServiceError):
    """No such place is declared in places.toml."""

    code = "unknown_place"
    advice = "Choose one of the profiles that are listed."


class NotPublishable(ServiceError):
    """A headshot that is not finished cannot be published."""

    code = "not_showable"
    advice = "Choose a headshot that is ready."


class ActionNotAvailable(ServiceError):
    """Nothing can be sent there."""

    code = "not_here"
    advice = "Connect the account first."


class NotOwner(ServiceError):
    """A headshot goes only to the accounts of the person whose photos it was measured against."""

    code = "not_you"
    advice = "Choose a headshot that was made from your own photos."


class BadName(ServiceError):
    """A name that cannot be one."""

    code = "bad_name"
    advice = "Give the name as it stands in the address of your profile."


class NameTaken(ServiceError):
    """Somebody else has this public name."""

    code = "name_taken"
    advice = "Choose another one."


class PlatformError(FacetError):
    """What a platform answered, or did not; `answer` carries no secret.

    `retry_after` is how many seconds the platform asks to wait; 0 if it does not say.
    """

    code = "platform"
    advice = "Try again later."
    retry_after: float = 0

    def __init__(
        self,
        message: str,
        *,
        advice: str | None = None,
        platform: str = "",
        call: str = "",
        status: int | None = None,
        answer: str = "",
    ) -> None:
        super().__init__(message, advice=advice)
        self.platform = platform
        self.call = call
        self.status = status
        self.answer = answer
        self.is_about_picture = False  # whether only the current picture could not be read

    @property
    def is_lasting(self) -> bool:
        """Whether the same call would be answered like this again, however often it is repeated."""
        if self.status is None:
            return isinstance(self, Rejected | Unauthorized)
        return self.status < 500 and self.status not in TRANSIENT_STATUSES

    def reclassify_as(self, error_class: "type[PlatformError]") -> "PlatformError":
        """The same, understood as another kind."""
        error = error_class(
            self.message,
            platform=self.platform,
            call=self.call,
            status=self.status,
            answer=self.answer,
        )
        error.retry_after = self.retry_after or error.retry_after
        return error


class Rejected(PlatformError):
    """It understood and said no: the person can change something, trying again cannot."""

    code = "refused"
    advice = "See what the platform says, change it, and try again."


class Unauthorized(PlatformError):
    """The token or the scope is gone."""

    code = "unauthorised"
    advice = "Connect the account again."


class RateLimited(PlatformError):
    """Too many calls; `retry_after` says how many seconds to wait."""

    code = "throttled"
    advice = "Wait a little; nothing was changed."

    def __init__(self, message: str, *, retry_after: float = 60, **details: object) -> None:
        super().__init__(message, **details)  # type: ignore[arg-type]
        self.retry_after = retry_after


class Unavailable(PlatformError):
    """Nothing was accepted: trying again later does no harm."""

    code = "unavailable"
    advice = "The platform cannot be reached at the moment; nothing was changed."


class AccountRenamed(Unavailable):
    """The account has another name there now, which is stored: try again at once."""


class Uncertain(PlatformError):
    """Something was sent and no clear answer came: poll before sending it again."""

    code = "uncertain"
    advice = "Look at the profile before trying again: it may have been changed."


class ForbiddenAddress(Rejected):
    """An address that this server does not speak to; nothing was sent."""

    code = "forbidden_address"
    advice = "Give the public address of the server, such as example.social."


class ManualActionRequired(Rejected):
    """The platform takes no picture from apps (any more): the person puts it there."""

    code = "hand_off"
    advice = "Download the file and set it on the platform's own page."


class AlreadyConnected(Rejected):
    """The account is connected by another person already."""

    code = "already_connected"


class BadRule(ServiceError):
    """A schedule's rule names an unknown zone or unit, or a number out of range."""

    code = "bad_rule"
    advice = "Choose when it should happen once more."


class BadSchedule(ServiceError):
    """A schedule that makes no sense, or a verb that does not fit where it stands."""

    code = "bad_schedule"
    advice = "Look at the schedule once more."
