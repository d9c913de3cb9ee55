"""The certificates with which this installation signs files."""

from django.db import models
from django.utils import timezone

from integrations.models.sealed import Sealed


class KnownCertificate(Sealed):
    """A certificate that signs or has signed files here; its private key is sealed.

    The certificate that the operator brings has no key here, and one row for each that was used, so
    that files are still recognised after it was replaced.
    """

    OWN = "own"  # the name of the certificate that was made here

    name = models.CharField(max_length=64, unique=True)  # OWN, or its SHA-256
    chain = models.TextField()  # PEM, the signing certificate first
    created_at = models.DateTimeField(default=timezone.now)
