"""Pictures as answers: bytes with a type, instead of data in JSON."""

from typing import Any

from django.http import Http404, HttpResponse
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from branding.api.views import Operation


class Bytes(BaseRenderer):
    """What such an operation offers; the bytes are answered by themselves."""

    render_style = "binary"

    def render(self, data: Any, media_type: str | None = None, context: Any = None) -> bytes:
        """Only refusals come here, and they are words."""
        return JSONRenderer().render(data)


class Jpeg(Bytes):
    """A photo or a headshot."""

    media_type = "image/jpeg"
    format = "jpg"


class Png(Bytes):
    """The file of a place that takes PNG."""

    media_type = "image/png"
    format = "png"


class Negotiation(DefaultContentNegotiation):
    """A refusal is JSON whatever was asked for."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """The usual choice, and JSON for words."""
        chosen, _ = super().select_renderer(request, renderers, format_suffix)
        return (
            (JSONRenderer(), "application/json")
            if isinstance(chosen, Bytes)
            else (chosen, chosen.media_type)
        )


class Picture(Operation):
    """An operation that answers a picture."""

    renderer_classes = (Jpeg, JSONRenderer)
    content_negotiation_class = Negotiation


class File(Picture):
    """An operation that answers a file in the form that a place takes."""

    renderer_classes = (Jpeg, Png, JSONRenderer)


def small(kept: Any) -> HttpResponse:
    """The portrait of an account or a backup; Http404 without one."""
    if kept is None or not kept.portrait:
        raise Http404
    return jpeg(bytes(kept.portrait))


def jpeg(data: bytes, *, name: str = "", form: str = "jpeg") -> HttpResponse:
    """The picture, for its owner only."""
    headers = {"Cache-Control": "private, max-age=300"}
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return HttpResponse(data, content_type=f"image/{form}", headers=headers)
