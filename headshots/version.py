"""Which version of Facet this is."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """Return the version of the installed package; 'unknown' where it is not installed."""
    try:
        return version("facet")
    except PackageNotFoundError:
        return "unknown"
