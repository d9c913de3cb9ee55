"""What a person says by adding a photo, in words whose version is kept with the photo."""

from typing import Final

from django.utils.translation import gettext_lazy

# The day on which the words were chosen. Whoever changes what they mean changes it, too.
CONSENT_VERSION: Final = "2026-11-30"
CONSENT_TEXT: Final = gettext_lazy(
    "By adding a photo you confirm: this is me, or the person in it allows it."
)
NO_CONSENT: Final = ""  # of photos that nobody uploaded, and of those added before it was asked for
