"""The only door to the process environment: every variable Facet reads, with its default."""

import os


def text(name: str, default: str = "") -> str:
    """A variable as text."""
    return os.environ.get(name, default)


def flag(name: str, *, default: bool = False) -> bool:
    """A variable as yes or no: 1, true, yes and on are yes."""
    value = os.environ.get(name)
    return default if value is None else value.lower() in {"1", "true", "yes", "on"}
