"""Read the current picture of a connected account, and keep a small copy of it."""

from datetime import timedelta
from uuid import UUID

from celery import signature
from django.db import transaction
from django.utils import timezone

from headshots.errors import FacetError
from headshots.isolation import run_for_each
from integrations.connections import sign_in_setup
from integrations.connections import tokens as connection_tokens
from integrations.models import Connection
from integrations.platforms.base import PlatformClient, ProfilePicture
from integrations.renditions import make_portrait

FETCH_PICTURE_TASK = "integrations.fetch_current_picture"


def fetch_current_picture(connection: Connection) -> None:
    """Read the current picture of an account and store a small copy of it."""
    adapter = sign_in_setup.get_adapter(connection.slug)
    with connection_tokens.open_client(connection) as client:
        picture = adapter.read_current_picture(client, adapter.platform.slot)
        data = _download_picture(client, picture)
    Connection.objects.filter(pk=connection.pk).update(
        picture_key=picture.key[:500] if picture else "",
        portrait=make_portrait(data),
        looked_at=timezone.now(),
    )


def try_fetch_picture(connection_pk: UUID) -> None:
    """Read the current picture if the account is connected; an error is only logged."""
    connection = Connection.objects.filter(
        pk=connection_pk, state=Connection.State.CONNECTED
    ).first()
    if connection is None:
        return
    try:
        fetch_current_picture(connection)
    except FacetError as error:
        connection_tokens.log.warning("%s: not seen, %s", connection.slug, error.code)


def enqueue_picture_fetch(connection: Connection) -> None:
    """Enqueue a task that reads the current picture once the transaction is committed."""
    message = signature(FETCH_PICTURE_TASK, (str(connection.pk),), ignore_result=True)
    transaction.on_commit(message.delay, robust=True)


def enqueue_missing_pictures() -> None:
    """Enqueue accounts of the last hour whose picture is unknown, as messages may get lost."""
    connected_after = timezone.now() - timedelta(hours=1)
    unseen = Connection.objects.filter(
        state=Connection.State.CONNECTED, looked_at=None, connected_at__gt=connected_after
    )
    run_for_each("picture fetch", unseen.only("pk"), enqueue_picture_fetch)


def _download_picture(client: PlatformClient, picture: ProfilePicture | None) -> bytes:
    if picture is None:
        return b""
    return picture.data or client.outbound.download_picture(picture.url).data
