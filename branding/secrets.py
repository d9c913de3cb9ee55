"""Secrets of the installation: generated on first use, in files that only their owner can read."""

import base64
import os
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.utils.functional import SimpleLazyObject

from branding import env


def generate_secret_key() -> str:
    """Return a random SECRET_KEY of 64 characters (48 bytes in URL-safe base64)."""
    return secrets.token_urlsafe(48)


def generate_vault_key() -> str:
    """Return a random VAULT_KEY: 32 bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def has_secret(name: str, folder: Path) -> bool:
    """Whether a secret exists, as a variable or as a file; it is not created."""
    return bool(env.read_text(name)) or (folder / name.lower()).exists()


def load_or_create_secret(name: str, folder: Path, generate: Callable[[], str]) -> str:
    """Return the value of an environment variable, or of the file for it in `folder`.

    If there is neither, the file is created with what `generate` returns, and with mode 0600.
    Processes that start at the same time get the same value: each writes a draft, the first one
    to link it to the final name wins, and the others read that file.
    """
    environment_value = env.read_text(name)
    if environment_value:
        return environment_value
    path = folder / name.lower()
    if not path.exists():
        _write_secret(path, generate())
    return path.read_text().strip()


def lazy_secret(name: str, folder: Path, generate: Callable[[], str]) -> str:
    """Return the same as a lazy string that is evaluated on first use.

    Importing the settings then creates no secret, for example while an image is built.
    """
    return SimpleLazyObject(partial(load_or_create_secret, name, folder, generate))  # type: ignore[return-value]


def _write_secret(path: Path, value: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft_path = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(value)
    try:
        os.link(draft_path, path)
    except FileExistsError:
        pass  # another process was first: its secret is used
    finally:
        draft_path.unlink()
