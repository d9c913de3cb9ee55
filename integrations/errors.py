"""What cannot be done with a place or a platform, each with a code, a sentence and what to do next.

A platform's answer leads to one of five kinds, and the kind alone decides the next step: "I do not
know" is never turned into "try again".
"""

from headshots.engine.errors import EngineError


class UnknownPlace(EngineError):
    """No such place is declared in frames.toml."""

    code = "unknown_place"
    advice = "Choose one of the places on the board."


class NotShowable(EngineError):
    """Only a finished headshot can hang anywhere."""

    code = "not_showable"
    advice = "Choose a headshot that is ready."


class NotHere(EngineError):
    """Nothing can be sent there."""

    code = "not_here"
    advice = "Connect the account first."


class NotYou(EngineError):
    """A headshot goes only to the accounts of the person whose photos it was measured against."""

    code = "not_you"
    advice = "Choose a headshot that was made from your own photos."


class BadName(EngineError):
    """A name that cannot be one."""

    code = "bad_name"
    advice = "Give the name as it stands in the address of your profile."


class NameTaken(EngineError):
    """Somebody else has this public name."""

    code = "name_taken"
    advice = "Choose another one."


class PlatformError(EngineError):
    """What a platform answered, or did not; `answer` carries no secret."""

    code = "platform"
    advice = "Try again later."

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

    def becomes(self, kind: "type[PlatformError]") -> "PlatformError":
        """The same, understood as another kind."""
        return kind(
            self.message, platform=self.platform, call=self.call, status=self.status,
            answer=self.answer,
        )  # fmt: skip


class Refused(PlatformError):
    """It understood and said no: the person can change something, trying again cannot."""

    code = "refused"
    advice = "See what the platform says, change it, and try again."


class Unauthorised(PlatformError):
    """The token or the scope is gone."""

    code = "unauthorised"
    advice = "Connect the account again."


class Throttled(PlatformError):
    """Too many calls; `retry_after` says how many seconds to wait."""

    code = "throttled"
    advice = "Wait a little; nothing was changed."

    def __init__(self, message: str, *, retry_after: float = 60, **told: object) -> None:
        super().__init__(message, **told)  # type: ignore[arg-type]
        self.retry_after = retry_after


class Unavailable(PlatformError):
    """Nothing was accepted: trying again later does no harm."""

    code = "unavailable"
    advice = "The platform cannot be reached at the moment; nothing was changed."


class Uncertain(PlatformError):
    """Something was sent and no clear answer came: look before sending it again."""

    code = "uncertain"
    advice = "Look at the profile before trying again: it may have been changed."


class Forbidden(Refused):
    """An address that this server does not speak to; nothing was sent."""

    code = "forbidden_address"
    advice = "Give the public address of the server, such as example.social."


class HandOff(Refused):
    """The platform takes no picture from apps (any more): the person puts it there."""

    code = "hand_off"
    advice = "Download the file and set it on the platform's own page."


class AlreadyConnected(Refused):
    """One account, one person: two cannot both decide what hangs there."""

    code = "already_connected"


class BadRule(EngineError):
    """A schedule's rule names an unknown zone or unit, or a number out of range."""

    code = "bad_rule"
    advice = "Choose when it should happen once more."


class BadSchedule(EngineError):
    """A schedule that makes no sense, or a verb that does not fit where it stands."""

    code = "bad_schedule"
    advice = "Look at the schedule once more."
