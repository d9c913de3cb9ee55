"""What cannot be done with a place, each with a code, a sentence and what to do next."""

from headshots.engine.errors import EngineError


class UnknownPlace(EngineError):
    """No such place is declared in frames.toml."""

    code = "unknown_place"
    advice = "Choose one of the places on the board."


class NotShowable(EngineError):
    """Only a finished headshot can hang anywhere."""

    code = "not_showable"
    advice = "Choose a headshot that is ready."
