"""Keys: what seals secrets and what signs proofs of who we are."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE: Final = 12


class Unreadable(Exception):
    """A sealed row cannot be opened: its key is gone, or it belongs to another row."""


class Vault:
    """Seals with the first key of a list, by commas, and opens with any of them."""

    def __init__(self, keys: str) -> None:
        raw = [base64.urlsafe_b64decode(key.strip()) for key in keys.split(",") if key.strip()]
        if not raw or any(len(key) != 32 for key in raw):
            raise ValueError("A vault key is 32 bytes in urlsafe base64.")
        self._keys = {hashlib.sha256(key).hexdigest()[:12]: AESGCM(key) for key in raw}
        self.key_id = next(iter(self._keys))

    @property
    def key_ids(self) -> frozenset[str]:
        """The keys that it can open with."""
        return frozenset(self._keys)

    def __repr__(self) -> str:
        return f"<Vault {self.key_id}>"

    def seal(self, data: Mapping[str, Any], *, purpose: str) -> bytes:
        """AES-256-GCM; a row sealed for one purpose cannot be opened as another."""
        nonce = secrets.token_bytes(_NONCE)
        plain = json.dumps(data).encode()
        return nonce + self._keys[self.key_id].encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, *, key_id: str, purpose: str) -> dict[str, Any]:
        """What was sealed; Unreadable if the key is not there or the purpose is another."""
        if key_id not in self._keys:
            raise Unreadable(f"The vault key {key_id} is not there; see VAULT_KEY.")
        nonce, rest = sealed[:_NONCE], sealed[_NONCE:]
        try:
            return json.loads(self._keys[key_id].decrypt(nonce, rest, purpose.encode()))
        except InvalidTag as error:
            raise Unreadable("A sealed row was changed or moved.") from error


def lock(data: bytes, passphrase: str) -> bytes:
    """Seal with words that a person keeps: scrypt (RFC 7914, 64 MB), then AES-256-GCM."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(_NONCE)
    return salt + nonce + _stretched(passphrase, salt).encrypt(nonce, data, None)


def unlock(locked: bytes, passphrase: str) -> bytes:
    """What was locked; Unreadable with other words."""
    salt, nonce, rest = locked[:16], locked[16 : 16 + _NONCE], locked[16 + _NONCE :]
    try:
        return _stretched(passphrase, salt).decrypt(nonce, rest, None)
    except InvalidTag as error:
        raise Unreadable("This is another passphrase.") from error


def _stretched(passphrase: str, salt: bytes) -> AESGCM:
    memory = 2**27  # bytes, twice what these numbers need
    key = hashlib.scrypt(passphrase.encode(), salt=salt, n=2**16, r=8, p=1, maxmem=memory, dklen=32)
    return AESGCM(key)


@dataclass(frozen=True)
class SigningKey:
    """A P-256 key that signs tokens (ES256, RFC 7518)."""

    d: str = field(repr=False)  # the private number, base64url

    @classmethod
    def make(cls) -> "SigningKey":
        """A new one."""
        number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
        return cls(b64url(number.to_bytes(32, "big")))

    @property
    def public(self) -> dict[str, str]:
        """The public half as a JWK (RFC 7517)."""
        point = self._key.public_key().public_numbers()
        x, y = (b64url(number.to_bytes(32, "big")) for number in (point.x, point.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    @property
    def id(self) -> str:
        """Its thumbprint (RFC 7638)."""
        members = json.dumps(dict(sorted(self.public.items())), separators=(",", ":"))
        return b64url(hashlib.sha256(members.encode()).digest())

    def sign(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        """A compact JWS (RFC 7515)."""
        parts = [b64url(json.dumps(part).encode()) for part in ({"alg": "ES256", **header}, claims)]
        text = ".".join(parts)
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{text}.{b64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    @property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        number = int.from_bytes(base64.urlsafe_b64decode(self.d + "=" * (-len(self.d) % 4)), "big")
        return ec.derive_private_key(number, ec.SECP256R1())


def b64url(data: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def s256(text: str) -> str:
    """The SHA-256 of a text as PKCE and DPoP write it."""
    return b64url(hashlib.sha256(text.encode()).digest())
