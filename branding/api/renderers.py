"""Renderers and responses for pictures and files, which are bytes instead of JSON."""

from typing import Any

from django.http import Http404, HttpResponse
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from branding.api.views import ApiView
from branding.partial_content import apply_conditions
from integrations.models import Backup, Connection


class BinaryRenderer(BaseRenderer):
    """Base class of the media types that a picture can be requested in.

    It takes part in content negotiation only: views return the bytes in an HttpResponse.
    """

    render_style = "binary"

    def render(self, data: Any, media_type: str | None = None, context: Any = None) -> bytes:
        """Render an error, the only data that comes here, as JSON."""
        return JSONRenderer().render(data)


class JpegRenderer(BinaryRenderer):
    """Offers image/jpeg, for photos and headshots."""

    media_type = "image/jpeg"
    format = "jpg"


class PngRenderer(BinaryRenderer):
    """Offers image/png, for places that take PNG."""

    media_type = "image/png"
    format = "png"


class BinaryContentNegotiation(DefaultContentNegotiation):
    """Answers errors as JSON whatever was requested."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """Choose as usual, but replace a binary renderer by JSON, as only errors are rendered."""
        renderer, _ = super().select_renderer(request, renderers, format_suffix)
        if isinstance(renderer, BinaryRenderer):
            return JSONRenderer(), "application/json"
        return renderer, renderer.media_type


class PictureView(ApiView):
    """Base class of the views that return a picture."""

    renderer_classes: tuple[type[BaseRenderer], ...] = (JpegRenderer, JSONRenderer)
    content_negotiation_class = BinaryContentNegotiation

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer conditions and ranges of bytes."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code == 200 and type(response) is HttpResponse:
            return apply_conditions(request, response)
        return response


class FileView(PictureView):
    """Base class of the views that return a file in the format that a place takes."""

    renderer_classes = (JpegRenderer, PngRenderer, JSONRenderer)


def portrait_response(portrait_owner: Connection | Backup | None) -> HttpResponse:
    """Return the small picture of a connection or a backup; Http404 without one."""
    if portrait_owner is None or not portrait_owner.portrait:
        raise Http404
    return picture_response(bytes(portrait_owner.portrait))


def picture_response(data: bytes, *, name: str = "", image_format: str = "jpeg") -> HttpResponse:
    """Return the bytes as `image/{form}`, cached by the owner's client only.

    With a name, it is an attachment to be saved under that name.
    """
    headers = {"Cache-Control": "private, max-age=300"}
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return HttpResponse(data, content_type=f"image/{image_format}", headers=headers)
