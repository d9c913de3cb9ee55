"""Sign files with C2PA manifests and read them (https://spec.c2pa.org/); no other file does."""

import io
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import c2pa

from integrations.content_credentials.certificates import (
    SigningCertificate,
    read_anchor,
    read_serial_number,
)

# Nothing is ever fetched: neither a manifest from an address in a file, nor the state of a
# certificate. Thumbnails would be ten times as large as the rest.
BASE_SETTINGS: Final[dict[str, Any]] = {
    "verify": {
        "verify_after_sign": False,
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
        "verify_trust": True,
    },
    "builder": {"thumbnail": {"enabled": False}},
}
TRUSTED: Final = "signingCredential.trusted"
# They say nothing about whether the file was changed.
NOT_ABOUT_CHANGES: Final = frozenset(
    {"signingCredential.untrusted", "signingCredential.expired", "timeStamp.untrusted"}
)


@dataclass(frozen=True)
class ManifestReport:
    """What a file says about itself, and whether that holds.

    `signer` is the name in the certificate. `is_ours` is whether one of the known certificates
    signed it, and `is_intact` whether neither file nor manifest was changed since. `assertions` are
    those of the active manifest by their label. `signed_at` is when a time-stamping authority saw
    the signature, if one did.
    """

    signer: str
    is_ours: bool
    is_intact: bool
    assertions: dict[str, Any]
    signed_at: datetime | None = None


def sign_file(
    data: bytes,
    image_format: str,
    *,
    manifest: dict[str, Any],
    certificate: SigningCertificate,
    timestamp_url: str | None = None,
) -> bytes:
    """Return a JPEG, PNG or WebP file with a signed manifest in it; the pixels are the same.

    `manifest` is a manifest definition:
    https://opensource.contentauthenticity.org/docs/manifest/manifest-json-ref. `timestamp_url` is
    where a time stamp is asked for (RFC 3161). Raises C2paError, also without an answer from there.
    """
    signer_info = c2pa.C2paSignerInfo(
        c2pa.C2paSigningAlg[certificate.algorithm.upper()],
        certificate.chain.encode(),
        certificate.private_key.encode(),
        timestamp_url.encode() if timestamp_url else None,
    )
    signed_file = io.BytesIO()
    with (
        c2pa.Signer.from_info(signer_info) as signer,
        c2pa.Builder(manifest, _signing_context()) as builder,
    ):
        builder.sign(signer, f"image/{image_format}", io.BytesIO(data), signed_file)
    return signed_file.getvalue()


def read_manifest(
    data: bytes, image_format: str, *, known_chains: Collection[str]
) -> ManifestReport | None:
    """Return what the manifest in a file says; None without a manifest that can be read.

    `known_chains` are certificates with their issuers, as PEM: what they signed is ours, and what
    others signed that the same issuer trusts is not.
    """
    anchors = "".join(read_anchor(chain) for chain in known_chains)
    trust = {"trust": {"user_anchors": anchors}} if anchors else {}
    context = c2pa.Context.from_dict({**BASE_SETTINGS, **trust})
    serial_numbers = {read_serial_number(chain) for chain in known_chains}
    try:
        with c2pa.Reader(f"image/{image_format}", io.BytesIO(data), context=context) as reader:
            return _summarize(json.loads(reader.json()), serial_numbers)
    except c2pa.C2paError:
        return None


def _summarize(store: dict[str, Any], serial_numbers: set[str]) -> ManifestReport:
    manifest = store["manifests"][store["active_manifest"]]
    results = store.get("validation_results", {}).get("activeManifest", {})
    passed = {entry["code"] for entry in results.get("success", [])}
    failed = {entry["code"] for entry in results.get("failure", [])} - NOT_ABOUT_CHANGES
    signature = manifest.get("signature_info", {})
    return ManifestReport(
        signer=str(signature.get("common_name", "")),
        is_ours=TRUSTED in passed and signature.get("cert_serial_number") in serial_numbers,
        is_intact=not failed,
        assertions={entry["label"]: entry["data"] for entry in manifest.get("assertions", [])},
        signed_at=_parse_time(signature.get("time")),
    )


def _parse_time(text: str | None) -> datetime | None:
    """Return the time of a time stamp, as RFC 3339 writes it."""
    return datetime.fromisoformat(text) if text else None


@cache
def _signing_context() -> Any:
    return c2pa.Context.from_dict(BASE_SETTINGS)
