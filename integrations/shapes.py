"""An answer of another shape than documented is one of the five kinds, never a stray KeyError."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from integrations.errors import PlatformError

log = logging.getLogger(__name__)

# What reading a list as an object, a missing field or a broken number raises. Adapters and flows
# take answers at their documented word, so within them these mean: the answer was another one.
_SURPRISES: Final = (LookupError, TypeError, AttributeError, ValueError)


@contextmanager
def understood(misread: Callable[[], PlatformError]) -> Iterator[None]:
    """What is read within has the documented shape; if not, what `misread` says is raised."""
    try:
        yield
    except _SURPRISES as error:
        told = misread()
        log.warning("%s: an answer was not understood (%s)", told.platform, type(error).__name__)
        raise told from error
