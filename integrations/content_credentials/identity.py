"""The certificate that signs the files of this installation, and all that ever did."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from integrations.content_credentials.certificates import (
    SigningCertificate,
    create_certificate,
    hash_certificate,
    read_certificate,
)
from integrations.models import KnownCertificate


def has_certificate_table() -> bool:
    """Return whether certificates can be kept: commands also run where nothing was set up yet."""
    try:
        return KnownCertificate._meta.db_table in connection.introspection.table_names()
    except OperationalError:
        return False


def load_certificate() -> SigningCertificate:
    """Return the certificate that signs: the operator's, or the one made here at first use.

    Raises BadCertificate for an operator's certificate that cannot be used, and OSError where its
    files cannot be read.
    """
    if settings.C2PA_CERTIFICATE:
        return _load_operators_certificate()
    row = KnownCertificate.objects.filter(name=KnownCertificate.OWN).first() or _create_own()
    return SigningCertificate(row.chain, row.unseal()["private_key"])


def known_chains() -> list[str]:
    """Return the certificates that sign or have signed here with their issuers, as PEM."""
    chains = KnownCertificate.objects.order_by("created_at")
    return list(chains.values_list("chain", flat=True))


def _create_own() -> KnownCertificate:
    """Create the installation's certificate; of processes that do so at once, one succeeds."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    certificate = create_certificate(host, now=timezone.now())
    row = KnownCertificate(name=KnownCertificate.OWN, chain=certificate.chain)
    row.seal({"private_key": certificate.private_key})
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return KnownCertificate.objects.get(name=KnownCertificate.OWN)
    return row


def _load_operators_certificate() -> SigningCertificate:
    certificate = _read_files(settings.C2PA_CERTIFICATE, settings.C2PA_PRIVATE_KEY)
    name = hash_certificate(certificate.chain)
    if not KnownCertificate.objects.filter(name=name).exists():
        row = KnownCertificate(name=name, chain=certificate.chain)
        row.seal({})
        KnownCertificate.objects.bulk_create([row], ignore_conflicts=True)
    return certificate


@cache
def _read_files(certificate_path: str, key_path: str) -> SigningCertificate:
    return read_certificate(Path(certificate_path).read_bytes(), Path(key_path).read_bytes())
