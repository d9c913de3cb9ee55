"""Encryption of secrets at rest, and keys that sign tokens."""

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

VAULT_KEY_BYTES: Final = 32  # AES-256
KEY_ID_LENGTH: Final = 12  # hexadecimal digits of the key's SHA-256
_NONCE_BYTES: Final = 12  # the size for which GCM is defined best (NIST SP 800-38D, 5.2.1.1)
_SALT_BYTES: Final = 16
# scrypt (RFC 7914) with 128 * n * r bytes = 64 MiB of memory; chosen, not measured.
_SCRYPT_N: Final = 2**16
_SCRYPT_R: Final = 8
_SCRYPT_P: Final = 1
_SCRYPT_MEMORY_LIMIT: Final = 2**27  # bytes, twice what these parameters need
_COORDINATE_BYTES: Final = 32  # of a number on the curve P-256


class Unreadable(Exception):
    """Encrypted data cannot be decrypted: the key is missing or wrong, or the data was changed."""


class Vault:
    """Encrypts with the first of several comma-separated keys and decrypts with any of them.

    Keys are 32 bytes in URL-safe base64; ValueError otherwise.
    """

    def __init__(self, keys: str) -> None:
        try:
            decoded = [
                base64.b64decode(key.strip(), altchars="-_", validate=True)
                for key in keys.split(",")
                if key.strip()
            ]
        except ValueError:
            decoded = []
        if not decoded or any(len(key) != VAULT_KEY_BYTES for key in decoded):
            raise ValueError("A vault key is 32 bytes in URL-safe base64: 44 characters.")
        self._keys = {
            hashlib.sha256(key).hexdigest()[:KEY_ID_LENGTH]: AESGCM(key) for key in decoded
        }
        self.key_id = next(iter(self._keys))

    @property
    def key_ids(self) -> frozenset[str]:
        """Return the ids of the keys that data can be decrypted with."""
        return frozenset(self._keys)

    def __repr__(self) -> str:
        return f"<Vault {self.key_id}>"

    def seal(self, data: Mapping[str, Any], *, purpose: str) -> bytes:
        """Encrypt data as JSON with AES-256-GCM.

        `purpose` is authenticated too: data sealed for one purpose cannot be opened for another.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        plaintext = json.dumps(data).encode()
        return nonce + self._keys[self.key_id].encrypt(nonce, plaintext, purpose.encode())

    def unseal(self, sealed: bytes, *, key_id: str, purpose: str) -> dict[str, Any]:
        """Decrypt data; Unreadable if the key is missing or the purpose is another."""
        if key_id not in self._keys:
            raise Unreadable(f"The vault key {key_id} is not there; see VAULT_KEY.")
        nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return json.loads(self._keys[key_id].decrypt(nonce, ciphertext, purpose.encode()))
        except InvalidTag as error:
            raise Unreadable("A sealed row was changed or moved.") from error


def encrypt_with_passphrase(data: bytes, passphrase: str) -> bytes:
    """Encrypt with a passphrase: scrypt (RFC 7914) derives the key for AES-256-GCM."""
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    return salt + nonce + _derive_cipher(passphrase, salt).encrypt(nonce, data, None)


def decrypt_with_passphrase(encrypted: bytes, passphrase: str) -> bytes:
    """Decrypt what `encrypt_with_passphrase` returned; Unreadable with another passphrase."""
    salt, sealed = encrypted[:_SALT_BYTES], encrypted[_SALT_BYTES:]
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return _derive_cipher(passphrase, salt).decrypt(nonce, ciphertext, None)
    except InvalidTag as error:
        raise Unreadable("This is another passphrase.") from error


def _derive_cipher(passphrase: str, salt: bytes) -> AESGCM:
    """Return the cipher whose key scrypt derives from a passphrase."""
    key = hashlib.scrypt(
        passphrase.encode(),
        salt=salt,
        n=_SCRYPT_N,
        r=_SCRYPT_R,
        p=_SCRYPT_P,
        maxmem=_SCRYPT_MEMORY_LIMIT,
        dklen=VAULT_KEY_BYTES,
    )
    return AESGCM(key)


@dataclass(frozen=True)
class SigningKey:
    """A P-256 key that signs tokens (ES256, RFC 7518)."""

    # The private number as in a JWK (RFC 7518, 6.2.2), base64url.
    private_number: str = field(repr=False)

    @classmethod
    def generate(cls) -> "SigningKey":
        """Return a new random key."""
        number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
        return cls(encode_base64url(number.to_bytes(_COORDINATE_BYTES, "big")))

    @property
    def public_jwk(self) -> dict[str, str]:
        """Return the public key as a JWK (RFC 7517)."""
        point = self._private_key.public_key().public_numbers()
        x, y = (
            encode_base64url(number.to_bytes(_COORDINATE_BYTES, "big"))
            for number in (point.x, point.y)
        )
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    @property
    def thumbprint(self) -> str:
        """Return the thumbprint of the public key (RFC 7638)."""
        members = json.dumps(dict(sorted(self.public_jwk.items())), separators=(",", ":"))
        return encode_base64url(hashlib.sha256(members.encode()).digest())

    def sign_jwt(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
        """Return a signed JWT: a JWS in compact serialization (RFC 7515), signed with ES256."""
        parts = [
            encode_base64url(json.dumps(part).encode())
            for part in ({"alg": "ES256", **header}, claims)
        ]
        signed_text = ".".join(parts)
        signature = self._private_key.sign(signed_text.encode(), ec.ECDSA(hashes.SHA256()))
        r_and_s = decode_dss_signature(signature)
        raw_signature = b"".join(number.to_bytes(_COORDINATE_BYTES, "big") for number in r_and_s)
        return f"{signed_text}.{encode_base64url(raw_signature)}"

    @property
    def _private_key(self) -> ec.EllipticCurvePrivateKey:
        padding = "=" * (-len(self.private_number) % 4)
        number = int.from_bytes(base64.urlsafe_b64decode(self.private_number + padding), "big")
        return ec.derive_private_key(number, ec.SECP256R1())


def encode_base64url(data: bytes) -> str:
    """Encode as URL-safe base64 without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def hash_s256(text: str) -> str:
    """Return the SHA-256 of a text in base64url, as PKCE (RFC 7636) and DPoP (RFC 9449) use it."""
    return encode_base64url(hashlib.sha256(text.encode()).digest())
