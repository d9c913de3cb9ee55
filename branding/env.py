"""Access to the process environment. All code reads variables through these functions."""

import os
from urllib.parse import urlsplit


def read_text(name: str, default: str = "") -> str:
    """Return a variable as text."""
    return os.environ.get(name, default)


def read_number(name: str, default: int) -> int:
    """Return a variable as an integer. Raises ValueError, naming the variable, if it is not one."""
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a whole number, not '{value}'.") from error


def read_address(name: str) -> str:
    """Return a variable as an http(s) URL, or '' if it is not set. Raises ValueError otherwise."""
    value = read_text(name)
    url_parts = urlsplit(value)
    if value and not (url_parts.scheme in {"http", "https"} and url_parts.hostname):
        raise ValueError(f"{name} must be an address like http://host:4318, not '{value}'.")
    return value


def read_list(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list without empty entries."""
    return [entry.strip() for entry in read_text(name, default).split(",") if entry.strip()]


def read_flag(name: str, *, default: bool = False) -> bool:
    """Return a variable as a boolean: 1, true, yes and on, in any case, are true."""
    value = os.environ.get(name)
    return default if value is None else value.lower() in {"1", "true", "yes", "on"}


def set_variable(name: str, value: str) -> None:
    """Set a variable of this process, for a library that reads its options there."""
    os.environ[name] = value


def variables_ending_with(*suffixes: str) -> dict[str, str]:
    """Return all non-empty variables whose names end so, such as `_CLIENT_ID`."""
    return {name: value for name, value in os.environ.items() if name.endswith(suffixes) and value}


def environment_with(**changed: str) -> dict[str, str]:
    """Return a copy of the environment with some values changed, for a child process."""
    return {**os.environ, **changed}
