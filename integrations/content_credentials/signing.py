"""Sign the files of headshots; a file that cannot be signed leaves without a signature."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.cache import cache

from headshots.evidence import Evidence, hash_file
from headshots.isolation import run_isolated
from headshots.models import Variant
from headshots.version import program_version
from integrations.content_credentials.certificates import SigningCertificate
from integrations.content_credentials.identity import has_certificate_table, load_certificate
from integrations.content_credentials.manifests import sign_file
from integrations.content_credentials.statements import ContentStatement, build_manifest
from integrations.content_credentials.timestamps import relay_to

if TYPE_CHECKING:
    from headshots.engine.results import RenderedVariant


# After a time-stamping authority failed, files are signed without it for a while, at once.
AUTHORITY_FAILED_KEY: Final = "time-stamping-authority-failed"
AUTHORITY_PAUSE: Final = 300  # seconds


@dataclass(frozen=True)
class SignedFile:
    """A file, and whether it carries a signed manifest."""

    data: bytes = field(repr=False)
    is_signed: bool


def sign_variant_file(
    variant: Variant,
    data: bytes,
    *,
    image_format: str,
    stored_file: bytes,
    max_bytes: int | None = None,
) -> SignedFile:
    """Sign a file that shows a headshot in some size and format.

    `stored_file` is the stored picture that it was made of. Where that is not the one that was
    measured, nothing is signed. Without room for the manifest in `max_bytes`, or if signing fails,
    the file stays as it is.
    """
    evidence = Evidence.from_plain_data(variant.evidence) if variant.evidence else None
    if evidence and evidence.picture_sha256 != hash_file(stored_file):
        return SignedFile(data, is_signed=False)
    statement = ContentStatement(
        variant.steps, variant.source_type, evidence, is_marked=variant.is_marked
    )
    return _sign(data, image_format, statement, max_bytes=max_bytes)


def sign_rendered_file(rendered: RenderedVariant, data: bytes, evidence: Evidence) -> bytes:
    """Return the JPEG of a headshot that was just rendered, signed if that is possible."""
    if not has_certificate_table():
        return data
    statement = ContentStatement(rendered.steps, rendered.source_type, evidence)
    return _sign(data, "jpeg", statement, max_bytes=None).data


def _sign(
    data: bytes, image_format: str, statement: ContentStatement, *, max_bytes: int | None
) -> SignedFile:
    manifest = build_manifest(statement, version=program_version())
    signed = run_isolated(
        "content credentials", _sign_with_certificate, data, image_format, manifest
    )
    if signed is None or (max_bytes is not None and len(signed) > max_bytes):
        return SignedFile(data, is_signed=False)
    return SignedFile(signed, is_signed=True)


def _sign_with_certificate(data: bytes, image_format: str, manifest: dict[str, Any]) -> bytes:
    """Sign a file, with a time stamp if one is configured and the authority answers."""
    certificate = load_certificate()
    if settings.TIMESTAMP_URL and not cache.get(AUTHORITY_FAILED_KEY):
        stamped = run_isolated(
            "time stamp",
            _sign_with_time,
            data,
            image_format,
            manifest,
            certificate,
            on_failure=lambda _error: cache.set(AUTHORITY_FAILED_KEY, True, AUTHORITY_PAUSE),
            uses_database=False,
        )
        if stamped is not None:
            return stamped
    return sign_file(data, image_format, manifest=manifest, certificate=certificate)


def _sign_with_time(
    data: bytes, image_format: str, manifest: dict[str, Any], certificate: SigningCertificate
) -> bytes:
    with relay_to(settings.TIMESTAMP_URL) as timestamp_url:
        return sign_file(
            data,
            image_format,
            manifest=manifest,
            certificate=certificate,
            timestamp_url=timestamp_url,
        )
