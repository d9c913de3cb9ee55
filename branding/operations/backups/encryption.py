"""Backups that are encrypted with a passphrase: two files of the format age in one.

The first is armored and holds a key that was made for this backup, encrypted with the passphrase;
the second holds the archive, encrypted with that key. Both are streams of authenticated chunks.
https://age-encryption.org/v1
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import IO, Final

import pyrage

FIRST_LINE: Final = b"-----BEGIN AGE ENCRYPTED FILE-----\n"
LAST_LINE: Final = b"-----END AGE ENCRYPTED FILE-----\n"
SKIPPED_BYTES: Final = 65536
MAX_KEY_LINES: Final = 100  # of the first file; it has about ten


class DecryptionError(Exception):
    """An encrypted backup cannot be decrypted; the text says why."""


def is_encrypted(source: IO[bytes]) -> bool:
    """Whether a file is an encrypted backup; reads from its beginning and goes back there."""
    source.seek(0)
    first_line = source.read(len(FIRST_LINE))
    source.seek(0)
    return first_line == FIRST_LINE


@contextmanager
def encrypt(target: IO[bytes], passphrase: str) -> Iterator[IO[bytes]]:
    """Provide a file, and write all that is written to it to `target`, encrypted."""
    identity = pyrage.x25519.Identity.generate()
    key_file = pyrage.passphrase.encrypt(str(identity).encode(), passphrase, armored=True)
    target.write(key_file.rstrip(b"\n") + b"\n")
    read_end, write_end = os.pipe()
    with ThreadPoolExecutor(1) as pool:
        encryption = pool.submit(_encrypt_stream, read_end, target, identity.to_public())
        # The pipe breaks if `target` does not take more; the result then raises why.
        with suppress(BrokenPipeError), os.fdopen(write_end, "wb") as plain_target:
            yield plain_target
        encryption.result()


@contextmanager
def decrypt(source: IO[bytes], passphrase: str) -> Iterator[IO[bytes]]:
    """Provide the decrypted content of an encrypted backup as a file.

    Raises DecryptionError for another passphrase or a changed file.
    """
    identity = _read_identity(source, passphrase)
    read_end, write_end = os.pipe()
    with ThreadPoolExecutor(1) as pool:
        with os.fdopen(read_end, "rb") as plain_source:
            decryption = pool.submit(_decrypt_stream, source, write_end, identity)
            yield plain_source
            while plain_source.read(SKIPPED_BYTES):  # to the end, which proves it complete
                pass
        decryption.result()


def _encrypt_stream(read_end: int, target: IO[bytes], recipient: pyrage.x25519.Recipient) -> None:
    with os.fdopen(read_end, "rb") as plain_source:
        pyrage.encrypt_io(plain_source, target, [recipient])


def _decrypt_stream(source: IO[bytes], write_end: int, identity: pyrage.x25519.Identity) -> None:
    with os.fdopen(write_end, "wb") as plain_target:
        try:
            pyrage.decrypt_io(source, plain_target, [identity])
        except (pyrage.DecryptError, OSError) as error:
            raise DecryptionError("The backup was changed, or it is not complete.") from error


def _read_identity(source: IO[bytes], passphrase: str) -> pyrage.x25519.Identity:
    """Read and decrypt the key of this backup."""
    lines: list[bytes] = []
    while len(lines) < MAX_KEY_LINES and LAST_LINE not in lines[-1:]:
        lines.append(source.readline())
    try:
        return pyrage.x25519.Identity.from_str(
            pyrage.passphrase.decrypt(b"".join(lines), passphrase).decode()
        )
    except (pyrage.DecryptError, pyrage.IdentityError, ValueError) as error:
        raise DecryptionError("This is another passphrase, or the backup is damaged.") from error
