"""Check before anything starts that the system libraries of OpenCV are installed."""

import ctypes
import sys
from importlib import import_module

# MediaPipe depends on the full OpenCV, whose shared libraries a slim Debian lacks. Shared library:
# Debian package.
DEBIAN_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
}


def is_loadable(library: str) -> bool:
    """Whether the dynamic loader finds a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def require_libraries() -> None:
    """Exit with a sentence and the command that helps if a library is missing.

    OpenCV itself is not imported: that would fail with a traceback.
    """
    if sys.platform != "linux":
        return
    missing = [library for library in DEBIAN_PACKAGES if not is_loadable(library)]
    if missing:
        packages = " ".join(sorted({DEBIAN_PACKAGES[library] for library in missing}))
        sys.exit(
            f"Facet cannot start: OpenCV needs system libraries ({', '.join(missing)}).\n"
            f"Install them with: apt-get install {packages}"
        )


if __name__ == "__main__":
    require_libraries()
    # Compiles PyMatting's solvers, which are then cached.
    import_module("headshots.engine.analysis.matting")
