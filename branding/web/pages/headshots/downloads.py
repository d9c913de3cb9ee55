"""What can be taken home: one file, in a place's size, or many as a zip."""

import io
import zipfile
from collections.abc import Iterator
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from branding.web.responses import ids
from headshots import selectors
from headshots.errors import NotReady
from headshots.models import Variant
from integrations import renditions
from integrations.places import Frame, frames
from integrations.selectors import places_of_variants


@login_required
@require_GET
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The file: as made, or as a place wants it."""
    file = renditions.download(
        selectors.variant_for(request.user, pk), request.GET.get("place", "")
    )
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.data, content_type=f"image/{file.form}", headers=headers)


@login_required
@require_GET
def archive(request: HttpRequest) -> HttpResponse:
    """A zip of headshots, each as made and in the size of every place it hangs at."""
    hanging = places_of_variants(request.user)
    chosen = _for_archive(request)
    if not chosen:
        raise NotReady(
            "There is no headshot to download yet.", advice="Keep some of your headshots first."
        )
    everywhere = list(frames().values()) if request.GET.get("places") == "all" else None
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive_file:
        for one in chosen:
            for name, data in _files(one, everywhere or hanging.get(one.pk, [])):
                archive_file.writestr(name, data)
    headers = {"Content-Disposition": 'attachment; filename="headshots.zip"'}
    return HttpResponse(packed.getvalue(), content_type="application/zip", headers=headers)


def _for_archive(request: HttpRequest) -> list[Variant]:
    """The ones named, or those of one sheet, or all that were kept."""
    ready = selectors.variants_of(request.user).filter(state="ready")
    if named := ids(request.GET.get("ids", "").split(",")):
        return list(ready.filter(pk__in=named))
    if sheet := ids([request.GET.get("render", "")]):
        return list(ready.filter(render=sheet[0], discarded_at=None))
    return list(selectors.kept_by(request.user))


def _files(variant: Variant, places: list[Frame]) -> Iterator[tuple[str, bytes]]:
    made = renditions.download(variant)
    yield made.name, made.data
    folder = made.name.removesuffix(".jpg")
    for frame in places:
        yield f"{folder}/{frame.file_name}", renditions.rendition(variant, frame)
