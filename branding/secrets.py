"""Secrets that nobody has to think of: made on first run, readable by their owner only."""

import os
import secrets
from pathlib import Path

from branding import env

BYTES = 48


def secret(name: str, folder: Path) -> str:
    """The environment's value, or the one kept in `folder`, made now if there is none.

    The file has mode 0600 from its first moment. Two processes that start together agree: whoever
    links its file first wins, and the file is complete before it gets its name.
    """
    given = env.text(name)
    if given:
        return given
    path = folder / name.lower()
    if not path.exists():
        _make(path)
    return path.read_text().strip()


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(BYTES))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its secret is ours
    finally:
        draft.unlink()
