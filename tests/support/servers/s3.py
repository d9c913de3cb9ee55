"""A service that speaks S3: moto's server, and buckets in it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import boto3

from tests.support.servers.programs import free_port, running_process

BACKEND = "headshots.storage.s3.BucketStorage"
KEYS = {"access_key": "alice", "secret_key": "secret", "region_name": "us-east-1"}


@contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """A server until the block ends; yields its address."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    with running_process(command, port=port, folder=folder):
        yield f"http://127.0.0.1:{port}"


def make_bucket(address: str) -> str:
    """An empty bucket; returns its name."""
    name = f"pictures-{uuid4().hex[:8]}"
    service = boto3.client(
        "s3",
        endpoint_url=address,
        region_name=KEYS["region_name"],
        aws_access_key_id=KEYS["access_key"],
        aws_secret_access_key=KEYS["secret_key"],
    )
    service.create_bucket(Bucket=name)
    return name


def storage_settings(address: str, name: str) -> dict[str, object]:
    """Such a bucket, as settings.STORAGES has it."""
    return {
        "BACKEND": BACKEND,
        "OPTIONS": {"bucket_name": name, "endpoint_url": address, **KEYS},
    }
