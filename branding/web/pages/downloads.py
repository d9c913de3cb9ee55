"""What can be taken home: one file, in a place's size, or many as a zip."""

import io
import zipfile
from collections.abc import Iterator
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from branding.web.pages.answers import ids
from headshots import pictures, selectors
from headshots.errors import NotReady
from headshots.models import Variant
from integrations.errors import UnknownPlace
from integrations.frames import Frame, frames
from integrations.renditions import rendition
from integrations.selectors import places_of_variants


@login_required
@require_GET
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The file: as made, or as a place wants it."""
    found = _ready(request, pk)
    place = request.GET.get("place")
    if not place:
        return _file(pictures.read(found.picture), file_name(found))
    frame = frames().get(place)
    if frame is None:
        raise UnknownPlace(f"There is no place '{place}'.")
    return _file(rendition(found, frame), f"{found.label}-{frame.file_name}", form=frame.form)


def _ready(request: HttpRequest, pk: UUID) -> Variant:
    found = selectors.variant_for(request.user, pk)
    if not found.is_ready:
        raise NotReady("This headshot is not ready.")
    return found


def file_name(variant: Variant) -> str:
    """What a downloaded headshot is called."""
    return f"{variant.label}-{variant.look}.jpg"


def _file(data: bytes, name: str, *, form: str = "jpeg") -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=f"image/{form}", headers=headers)


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
    yield file_name(variant), pictures.read(variant.picture)
    for frame in places:
        yield f"{variant.label}-{variant.look}/{frame.file_name}", rendition(variant, frame)
