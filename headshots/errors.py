"""What the service refuses beyond what the engine does; one family, so both are shown alike."""

from headshots.engine.errors import EngineError


class TooMany(EngineError):
    """The account already keeps as many photos as it may."""

    code = "too_many"
    advice = "Delete a photo you no longer need, then add this one."


class NoSpace(EngineError):
    """The disk or bucket did not take the file; nothing was changed."""

    code = "no_space"
    advice = "Nothing was lost. Ask whoever runs this Facet to make room, then try again."


class NotReady(EngineError):
    """What was asked for needs something that is not there yet."""

    code = "not_ready"
    advice = "Wait a moment and try again."


class Busy(EngineError):
    """No worker answered in time; nothing was changed."""

    code = "busy"
    advice = "Try again in a moment."
