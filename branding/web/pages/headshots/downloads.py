"""Views of downloads: one file, as rendered or encoded for a place, or many as a zip file."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from branding.accounts.concurrency import AccountSlots, LimitedStream
from branding.web.requests import PageRequest
from branding.web.responses import parse_uuids
from branding.zip_stream import iterate_in_thread, stream_zip
from headshots import selectors
from headshots.errors import NotReady, TooManyAtOnce
from headshots.models import Variant
from integrations import renditions
from integrations.places import Place, all_places
from integrations.selectors import places_of_variants

ARCHIVE_SLOTS: Final = AccountSlots(1, "Another download of yours is under way.")
MAX_HEADSHOTS: Final = 100  # of one download


@login_required
@require_GET
def download_headshot(request: PageRequest, pk: UUID) -> HttpResponse:
    """Return the file as rendered, encoded for a place, or in a size and a format."""
    variant = selectors.variant_for(request.user, pk)
    if "size" in request.GET or "format" in request.GET:
        form, size = request.GET.get("format", "jpeg"), request.GET.get("size", "")
        file = renditions.build_wished_download(variant, form, size)
    else:
        file = renditions.build_download(variant, request.GET.get("place", ""))
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.data, content_type=f"image/{file.form}", headers=headers)


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
        iterate_in_thread(stream_zip(_name_files(chosen, places))),
        slots=ARCHIVE_SLOTS,
        owner_id=request.user.pk,
        headers={"Content-Disposition": 'attachment; filename="headshots.zip"'},
        content_type="application/zip",
    )


def _name_files(
    chosen: list[Variant], places: dict[UUID, list[Place]]
) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the files of each headshot with their names."""
    for variant in chosen:
        for name, content in _archive_files(variant, places[variant.pk]):
            yield name, [content]


def _variants_for_archive(request: PageRequest) -> list[Variant]:
    """Return the headshots with the given ids, or those of one sheet, or all that were kept."""
    ready = selectors.variants_of(request.user).filter(state="ready")
    if variant_ids := parse_uuids(request.GET.get("ids", "").split(",")):
        return list(ready.filter(pk__in=variant_ids))
    if render_ids := parse_uuids([request.GET.get("render", "")]):
        return list(selectors.only_usable(ready).filter(render=render_ids[0]))
    return list(selectors.kept_variants_of(request.user))


def _archive_files(variant: Variant, places: list[Place]) -> Iterator[tuple[str, bytes]]:
    picture = renditions.build_download(variant)
    yield picture.name, picture.data
    folder = picture.name.removesuffix(".jpg")
    for place in places:
        yield f"{folder}/{place.file_name}", renditions.encode_for_place(variant, place)
