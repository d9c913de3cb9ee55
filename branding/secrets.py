"""Secrets that nobody has to think of: made on first use, readable by their owner only."""

import base64
import os
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.utils.functional import SimpleLazyObject

from branding import env


def phrase() -> str:
    """Django's key: 64 random characters."""
    return secrets.token_urlsafe(48)


def vault_key() -> str:
    """The vault's key: 32 random bytes, as urlsafe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def secret(name: str, folder: Path, make: Callable[[], str]) -> str:
    """The environment's value, or the one kept in `folder`, made now if there is none.

    The file has mode 0600 from its first moment. Two processes that start together agree: whoever
    links its file first wins, and the file is complete before it gets its name.
    """
    given = env.text(name)
    if given:
        return given
    path = folder / name.lower()
    if not path.exists():
        _keep(path, make())
    return path.read_text().strip()


def lazy_secret(name: str, folder: Path, make: Callable[[], str]) -> str:
    """The same, looked up when it is first used: reading the settings alone makes no secret.

    So an image that is built with the settings carries none.
    """
    return SimpleLazyObject(partial(secret, name, folder, make))  # type: ignore[return-value]


def _keep(path: Path, value: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(value)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its secret is ours
    finally:
        draft.unlink()
