"""The only door to the process environment: every variable Facet reads passes through here."""

import os
from urllib.parse import urlsplit


def text(name: str, default: str = "") -> str:
    """A variable as text."""
    return os.environ.get(name, default)


def number(name: str, default: int) -> int:
    """A variable as a whole number; ValueError names the variable if it is none."""
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a whole number, not '{value}'.") from error


def address(name: str) -> str:
    """A variable as an address that begins with http, '' without one; ValueError if it is none."""
    value = text(name)
    parts = urlsplit(value)
    if value and not (parts.scheme in {"http", "https"} and parts.hostname):
        raise ValueError(f"{name} must be an address like http://host:4318, not '{value}'.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A variable as a list, by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def flag(name: str, *, default: bool = False) -> bool:
    """A variable as yes or no: 1, true, yes and on are yes."""
    value = os.environ.get(name)
    return default if value is None else value.lower() in {"1", "true", "yes", "on"}


def put(name: str, value: str) -> None:
    """Set a variable that a library reads."""
    os.environ[name] = value


def ending(*endings: str) -> dict[str, str]:
    """Every variable whose name ends like this: what an operator got from platforms."""
    return {name: value for name, value in os.environ.items() if name.endswith(endings) and value}


def everything(**changed: str) -> dict[str, str]:
    """The whole environment with some values changed: what a child process is given."""
    return {**os.environ, **changed}
