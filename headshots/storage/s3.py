"""Files in a bucket of a service that speaks S3, with the errors that files on a disk have."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

ABSENT: Final = 404
PATIENCE: Final = Config(
    connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3}
)


class BucketError(OSError):
    """The service refused, or did not answer."""


@contextmanager
def as_on_disk(name: str) -> Iterator[None]:
    """Whoever keeps files need not know where: what S3 says becomes an OSError."""
    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {})
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == ABSENT:
            raise FileNotFoundError(errno.ENOENT, "No such file in the bucket", name) from error
        raise BucketError(errno.EIO, f"the storage refused it ({told.get('Code')})") from error
    except BotoCoreError as error:
        raise BucketError(errno.EIO, f"the storage does not answer ({_kind(error)})") from error


def _kind(error: Exception) -> str:
    return type(error).__name__


class Bucket(S3Storage):
    """django-storages' S3, private and under exactly the name that was asked for.

    Objects carry no access list: they are private unless the bucket says otherwise, and buckets
    made today refuse lists (docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership).
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.client_config = self.client_config.merge(PATIENCE)

    def get_default_settings(self) -> dict[str, Any]:
        """django-storages would also look at settings of its own; ours are all in one place."""
        return super().get_default_settings() | {"default_acl": None, "file_overwrite": True}

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        with as_on_disk(name):
            return super()._open(name, mode)

    def _save(self, name: str, content: "File[Any]") -> str:
        with as_on_disk(name):
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        """Delete the object; what is not there is gone."""
        with as_on_disk(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        """Whether there is such an object."""
        with as_on_disk(name):
            return bool(super().exists(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Folders and files beneath a folder; none for one that is not there."""
        with as_on_disk(path):
            return super().listdir(path)

    def size(self, name: str) -> int:
        """Bytes."""
        with as_on_disk(name):
            return int(super().size(name))

    def get_modified_time(self, name: str) -> datetime:
        """When it was written."""
        with as_on_disk(name):
            return super().get_modified_time(name)
