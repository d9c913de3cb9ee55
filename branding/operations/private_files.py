"""Keeps the data of an installation unreadable for other users of the machine."""

import logging
import os
import stat
from pathlib import Path

from django.conf import settings

OTHERS: int = stat.S_IRWXG | stat.S_IRWXO  # every permission of group and others

log = logging.getLogger(__name__)


def protect_data_folder() -> None:
    """Create files for this user only from now on, and correct what others may open in DATA_DIR.

    Called once by every process that serves or works. Only the folder and what lies directly in it
    are looked at: nothing below can be reached through them.
    """
    os.umask(0o077)
    for path in (settings.DATA_DIR, *settings.DATA_DIR.iterdir()):
        _close_to_others(path)


def _close_to_others(path: Path) -> None:
    """Remove the permissions of group and others, and say so in the log."""
    if path.is_symlink():
        return
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & OTHERS:
            path.chmod(mode & ~OTHERS)
            log.warning("%s could be opened by others (mode %o); not any more.", path, mode)
    except FileNotFoundError:  # another process deleted it meanwhile
        return
    except PermissionError:
        log.warning("%s can be opened by others, and belongs to somebody else.", path)
