"""What every operation shares: pages of a list, one thing with its ETag."""

import hashlib
from typing import Any, ClassVar

from django.utils.cache import get_conditional_response
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from branding.api.exceptions import Changed
from branding.api.models import Scope
from branding.api.validation import valid


class Operation(APIView):
    """One address; `scope` is what changing something there asks of a token."""

    scope: ClassVar[str] = Scope.MAKE


class Listed(ListAPIView, Operation):
    """A list of the caller's own, a page at a time."""

    ordering: ClassVar[tuple[str, ...]]
    query: ClassVar[type[serializers.Serializer]]
    paging: ClassVar[tuple[str, ...]] = ("limit", "cursor")

    def mine(self, owner: Any) -> Any:
        """The rows of an owner; every view says its own."""
        raise LookupError

    def get_queryset(self) -> Any:
        """The caller's; nobody's while the schema is written."""
        describing = getattr(self, "swagger_fake_view", False)
        if describing:
            return self.mine(None)
        asked = {
            name: value
            for name, value in self.request.query_params.items()
            if name not in self.paging
        }
        return self.mine(self.request.user).filter(**valid(self.query, asked))

    def get_serializer_context(self) -> dict[str, Any]:
        """Addresses are written in full."""
        return {"request": self.request}


class Item(Operation):
    """One thing of the caller's own: read with an ETag, changed if it still matches."""

    serializer_class: ClassVar[type[serializers.Serializer]]

    def found(self, pk: Any = None) -> Any:
        """The thing; ObjectDoesNotExist if it is not the caller's."""
        raise LookupError  # every view says its own

    def represented(self, thing: Any) -> Any:
        """As it is told."""
        return self.serializer_class(thing, context={"request": self.request}).data

    def answer(self, thing: Any, *, status: int = 200) -> Response:
        """The thing with its ETag; 304 if the caller has it already."""
        data = self.represented(thing)
        tag = etag(data)
        if self.request.method == "GET":
            known = get_conditional_response(self.request._request, etag=tag)
            if known is not None and known.status_code == 304:
                return Response(status=304, headers={"ETag": tag})
        return Response(data, status=status, headers={"ETag": tag})

    def still(self, thing: Any) -> Any:
        """The thing, if it is what the caller read (`If-Match`); Changed if not."""
        wanted = self.request.headers.get("If-Match", "")
        if wanted and wanted != "*" and etag(self.represented(thing)) not in wanted.split(", "):
            raise Changed
        return thing

    def get(self, request: Request, pk: Any = None) -> Response:
        """Read it."""
        return self.answer(self.found(pk))


def etag(data: Any) -> str:
    """A strong ETag of what is told (RFC 9110, 8.8.3)."""
    return f'"{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32]}"'
