"""A passkey in software: answers WebAuthn's challenges as a phone or a key would."""

import hashlib
import json
import secrets

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN = "http://localhost"
PRESENT_AND_VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class Passkey:
    """One key pair for one account."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.user = b""
        self.sign_count = 0

    def register(self, options):
        """The answer to creation options, as JSON."""
        public = options["publicKey"]
        self.user = websafe_decode(public["user"]["id"])
        credential = AttestedCredentialData.create(
            bytes(16), self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(
            _hash(public["rp"]["id"]),
            PRESENT_AND_VERIFIED | AuthenticatorData.FLAG.AT,
            self.sign_count,
            credential,
        )
        answer = {
            "clientDataJSON": _client("webauthn.create", public),
            "attestationObject": AttestationObject.create("none", data, {}),
        }
        return self._credential(answer, credProps={"rk": True})

    def sign(self, options):
        """The answer to request options, as JSON."""
        public = options["publicKey"]
        self.sign_count += 1
        data = AuthenticatorData.create(
            _hash(public["rpId"]), PRESENT_AND_VERIFIED, self.sign_count
        )
        client = _client("webauthn.get", public)
        answer = {
            "clientDataJSON": client,
            "authenticatorData": data,
            "signature": self.key.sign(data + _hash(client), ec.ECDSA(SHA256())),
            "userHandle": self.user,
        }
        return self._credential(answer)

    def _credential(self, answer, **extensions):
        name = websafe_encode(self.id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": {key: websafe_encode(value) for key, value in answer.items()},
                "clientExtensionResults": extensions,
            }
        )


def _client(kind, public):
    challenge = websafe_decode(public["challenge"])
    return CollectedClientData.create(kind, challenge, ORIGIN)


def _hash(value):
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).digest()
