"""Certificates that sign content credentials: those made here, and those an operator brings."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_FOR: Final = timedelta(days=20 * 365)
CLOCK_TOLERANCE: Final = timedelta(days=1)  # another machine's clock may be behind
ORGANIZATION: Final = "Facet"
MAX_NAME_LENGTH: Final = 64  # characters of a common name (RFC 5280, ub-common-name)
_CURVE_ALGORITHMS: Final = {"secp256r1": "Es256", "secp384r1": "Es384", "secp521r1": "Es512"}


class BadCertificate(ValueError):
    """A certificate or its key cannot sign content credentials."""


@dataclass(frozen=True)
class SigningCertificate:
    """A certificate with its issuers, and the private key that belongs to it.

    `chain` is PEM, the signing certificate first. `private_key` is PEM (PKCS #8), and `algorithm`
    one of C2PA's names, such as Es256.
    """

    chain: str
    private_key: str = field(repr=False)
    algorithm: str = "Es256"


def create_certificate(name: str, *, now: datetime) -> SigningCertificate:
    """Create a certificate authority and let it sign one certificate, as C2PA asks for.

    `name` is what a reader shows as the signer. The authority's key is used this once and not kept.
    Profile: C2PA 2.2, section 14.5.1.
    """
    authority_key = ec.generate_private_key(ec.SECP256R1())
    signing_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = _name(f"{name} (certificate authority)")
    authority = (
        _start_certificate(authority_name, authority_name, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    key_identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = (
        _start_certificate(_name(name), authority_name, signing_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
        .add_extension(key_identifier, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    chain = "".join(_to_pem(part) for part in (certificate, authority))
    private_key = signing_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return SigningCertificate(chain, private_key.decode())


def read_certificate(chain: bytes, private_key: bytes) -> SigningCertificate:
    """Read a certificate chain and its key from PEM files.

    Raises BadCertificate if they cannot be read, do not belong together or are of a kind that C2PA
    does not allow.
    """
    try:
        certificates = x509.load_pem_x509_certificates(chain)
        key = serialization.load_pem_private_key(private_key, password=None)
    except (TypeError, ValueError) as error:
        raise BadCertificate(f"The certificate or its key cannot be read: {error}") from error
    if certificates[0].public_key() != key.public_key():
        raise BadCertificate("The first certificate and the private key do not belong together.")
    pkcs8 = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return SigningCertificate(
        "".join(map(_to_pem, certificates)), pkcs8.decode(), _find_algorithm(key)
    )


def hash_certificate(chain: str) -> str:
    """Return the SHA-256 of the first certificate of a chain, in hexadecimal digits."""
    return _first_certificate(chain).fingerprint(hashes.SHA256()).hex()


def read_serial_number(chain: str) -> str:
    """Return the serial number of the first certificate of a chain, as decimal digits."""
    return str(_first_certificate(chain).serial_number)


def read_anchor(chain: str) -> str:
    """Return the last certificate of a chain as PEM: what the others are trusted by."""
    return _to_pem(x509.load_pem_x509_certificates(chain.encode())[-1])


def _first_certificate(chain: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(chain.encode())


def _find_algorithm(key: object) -> str:
    """Return C2PA's name of the algorithm that signs with a key; raises BadCertificate."""
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVE_ALGORITHMS:
        return _CURVE_ALGORITHMS[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "Ed25519"
    if isinstance(key, rsa.RSAPrivateKey):
        return "Ps256"
    raise BadCertificate("C2PA signs with keys on P-256, P-384, P-521 or Ed25519, or with RSA.")


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:MAX_NAME_LENGTH]),
        ]
    )


def _start_certificate(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_TOLERANCE)
        .not_valid_after(now + VALID_FOR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """Return the usage of an authority's key, or that of a key that signs files."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _to_pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
