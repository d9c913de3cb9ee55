"""Access to the process environment. All code reads variables through these functions."""

import os
from urllib.parse import urlsplit


def text(name: str, default: str = "") -> str:
    """Return a variable as text."""
    return os.environ.get(name, default)


def number(name: str, default: int) -> int:
    """Return a variable as an integer. Raises ValueError, naming the variable, if it is not one."""
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a whole number, not '{value}'.") from error


def address(name: str) -> str:
    """Return a variable as an http(s) URL, or '' if it is not set. Raises ValueError otherwise."""
    value = text(name)
    parts = urlsplit(value)
    if value and not (parts.scheme in {"http", "https"} and parts.hostname):
        raise ValueError(f"{name} must be an address like http://host:4318, not '{value}'.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list without empty entries."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def flag(name: str, *, default: bool = False) -> bool:
    """Return a variable as a boolean: 1, true, yes and on, in any case, are true."""
    value = os.environ.get(name)
    return default if value is None else value.lower() in {"1", "true", "yes", "on"}


def put(name: str, value: str) -> None:
    """Set a variable of this process, for a library that reads its options there."""
    os.environ[name] = value


def ending(*endings: str) -> dict[str, str]:
    """Return all non-empty variables whose names end so, such as `_CLIENT_ID`."""
    return {name: value for name, value in os.environ.items() if name.endswith(endings) and value}


def everything(**changed: str) -> dict[str, str]:
    """Return a copy of the environment with some values changed, for a child process."""
    return {**os.environ, **changed}
