"""Say what is missing on this machine, in words, before anything starts."""

import sys
from importlib import import_module

# MediaPipe brings the full OpenCV, which a slim Debian cannot load: shared library → package.
PACKAGES = {
    "libGL.so.1": "libgl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
}


def missing_packages(error: str) -> str:
    """Which Debian packages a loader's message asks for."""
    named = {package for library, package in PACKAGES.items() if library in error}
    return " ".join(sorted(named or set(PACKAGES.values())))


def require_libraries() -> None:
    """Exit with one sentence and one command instead of a traceback."""
    try:
        import_module("cv2")
    except ImportError as error:
        sys.exit(
            f"Facet cannot start: OpenCV needs a system library ({error}).\n"
            f"Install it with: apt-get install {missing_packages(str(error))}"
        )


if __name__ == "__main__":
    require_libraries()
    import_module("headshots.engine.matting")  # compiles PyMatting's solvers, once
