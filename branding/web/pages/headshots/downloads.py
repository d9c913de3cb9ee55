"""Views of downloads: one file, as rendered or encoded for a place, or many as a zip file."""

import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_GET

from branding.accounts.concurrency import AccountSlots, LimitedStream
from branding.web.requests import PageRequest
from branding.web.responses import parse_uuids
from headshots import selectors
from headshots.errors import FacetError, NotReady, TooManyAtOnce
from headshots.models import Variant
from integrations import renditions
from integrations.places import Place, all_places
from integrations.selectors import places_of_variants

ARCHIVE_SLOTS: Final = AccountSlots(1, "Another download of yours is under way.")
MAX_HEADSHOTS: Final = 100  # of one download
FORMATS = {"jpeg": "jpg", "png": "png", "webp": "webp"}  # names of files by format
SMALLEST = 16  # pixels per side


class BadDownload(FacetError):
    """A size or a format that is not offered."""

    code = "bad_download"


@login_required
@require_GET
def download_headshot(request: PageRequest, pk: UUID) -> HttpResponse:
    """Return the file as rendered, encoded for a place, or in a size and a format."""
    variant = selectors.variant_for(request.user, pk)
    if "size" in request.GET or "format" in request.GET:
        file = _encode_as_wished(variant, request.GET)
    else:
        file = renditions.build_download(variant, request.GET.get("place", ""))
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.data, content_type=f"image/{file.form}", headers=headers)


def _encode_as_wished(variant: Variant, wish: QueryDict) -> renditions.Download:
    """Return a headshot in a size and a format, never enlarged. Raises BadDownload or NotReady."""
    form, size = wish.get("format", "jpeg"), wish.get("size", "")
    if form not in FORMATS or not (size.isascii() and size.isdigit() and int(size) >= SMALLEST):
        raise BadDownload(
            "There is no such size or format.", advice="Choose one from the download menu."
        )
    if not variant.is_ready:
        raise NotReady("This headshot is not ready.")
    side = min(int(size), variant.render.size)
    data = renditions.encode_with_side(variant, side, file_format=form)
    name = f"{variant.label}-{variant.look}-{side}.{FORMATS[form]}"
    return renditions.Download(data, name, form)


@login_required
@require_GET
def download_archive(request: PageRequest) -> LimitedStream:
    """Return a zip of headshots, each as rendered and encoded for every place that shows it."""
    places_by_variant = places_of_variants(request.user)
    chosen = _variants_for_archive(request)
    if not chosen:
        raise NotReady(
            "There is no headshot to download yet.", advice="Keep some of your headshots first."
        )
    if len(chosen) > MAX_HEADSHOTS:
        raise TooManyAtOnce(
            f"{len(chosen)} headshots are more than one download takes.",
            advice=f"Choose up to {MAX_HEADSHOTS} of them.",
        )
    all_sizes = list(all_places().values()) if request.GET.get("places") == "all" else None
    places = {variant.pk: all_sizes or places_by_variant.get(variant.pk, []) for variant in chosen}
    return LimitedStream(
        _stream_archive(chosen, places),
        slots=ARCHIVE_SLOTS,
        owner_id=request.user.pk,
        headers={"Content-Disposition": 'attachment; filename="headshots.zip"'},
        content_type="application/zip",
    )


class _ArchiveBuffer(io.RawIOBase):
    """Collects what zipfile writes until it is sent; never larger than one file."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        content, self.parts = b"".join(self.parts), []
        return content


async def _stream_archive(
    chosen: list[Variant], places: dict[UUID, list[Place]]
) -> AsyncIterator[bytes]:
    """Yield a zip, file by file; each is encoded when the one before it was sent."""
    buffer = _ArchiveBuffer()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive_file:
        for variant in chosen:
            files = _archive_files(variant, places[variant.pk])
            while named_file := await sync_to_async(_next_file)(files):
                name, content = named_file
                archive_file.writestr(name, content)
                yield buffer.take()
    yield buffer.take()


def _next_file(files: Iterator[tuple[str, bytes]]) -> tuple[str, bytes] | None:
    return next(files, None)


def _variants_for_archive(request: PageRequest) -> list[Variant]:
    """Return the headshots with the given ids, or those of one sheet, or all that were kept."""
    ready = selectors.variants_of(request.user).filter(state="ready")
    if variant_ids := parse_uuids(request.GET.get("ids", "").split(",")):
        return list(ready.filter(pk__in=variant_ids))
    if render_ids := parse_uuids([request.GET.get("render", "")]):
        return list(ready.filter(render=render_ids[0], discarded_at=None))
    return list(selectors.kept_variants_of(request.user))


def _archive_files(variant: Variant, places: list[Place]) -> Iterator[tuple[str, bytes]]:
    picture = renditions.build_download(variant)
    yield picture.name, picture.data
    folder = picture.name.removesuffix(".jpg")
    for place in places:
        yield f"{folder}/{place.file_name}", renditions.encode_for_place(variant, place)
