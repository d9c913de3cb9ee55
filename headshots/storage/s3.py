"""File storage in an S3 bucket that raises the same errors as files on a disk."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

HTTP_NOT_FOUND: Final = 404
CLIENT_CONFIG: Final = Config(
    connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3}
)


class BucketError(OSError):
    """The service answered with an error, or did not answer."""


@contextmanager
def translate_errors(object_name: str) -> Iterator[None]:
    """Raise errors of S3 as OSError, and a missing object as FileNotFoundError."""
    try:
        yield
    except ClientError as error:
        error_details = error.response.get("Error", {})
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == HTTP_NOT_FOUND:
            raise FileNotFoundError(
                errno.ENOENT, "No such file in the bucket", object_name
            ) from error
        raise BucketError(
            errno.EIO, f"the storage refused it ({error_details.get('Code')})"
        ) from error
    except BotoCoreError as error:
        raise BucketError(
            errno.EIO, f"the storage does not answer ({type(error).__name__})"
        ) from error


class BucketStorage(S3Storage):
    """S3 storage whose objects are private and have exactly the given names.

    Objects get no access control list: they are private unless the bucket says otherwise, and new
    buckets reject such lists.
    See https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """

    client_config: Any  # a botocore.config.Config

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_config = self.client_config.merge(CLIENT_CONFIG)

    def get_default_settings(self) -> dict[str, Any]:
        """Return the options of the parent class, without access list and with overwriting."""
        return super().get_default_settings() | {"default_acl": None, "file_overwrite": True}

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        with translate_errors(name):
            return super()._open(name, mode)

    def _save(self, name: str, content: "File[Any]") -> str:
        with translate_errors(name):
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        """Delete an object; no error if there is none."""
        with translate_errors(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        """Whether an object of this name exists."""
        with translate_errors(name):
            return bool(super().exists(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Return folders and files in a folder; none if it does not exist."""
        with translate_errors(path):
            return super().listdir(path)

    def size(self, name: str) -> int:
        """Return the size in bytes."""
        with translate_errors(name):
            return int(super().size(name))

    def get_modified_time(self, name: str) -> datetime:
        """Return when the object was written."""
        with translate_errors(name):
            return super().get_modified_time(name)
