"""Base classes of the API views: a paginated list, and a single object with an ETag."""

import hashlib
from typing import Any, ClassVar, Final

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

ETAG_LENGTH: Final = 32  # hexadecimal digits, 128 bits of the SHA-256


class Operation(APIView):
    """Base class of all views; `scope` is what a token needs for anything but reading."""

    scope: ClassVar[str] = Scope.MAKE


class Listed(ListAPIView, Operation):
    """A paginated list of the caller's own objects.

    Subclasses set `ordering` for the cursor, and `filter_class`, a serializer whose fields are
    lookups of the queryset.
    """

    ordering: ClassVar[tuple[str, ...]]
    query: ClassVar[type[serializers.Serializer]]
    paging: ClassVar[tuple[str, ...]] = ("limit", "cursor")

    def mine(self, owner: Any) -> Any:
        """Select the objects of an owner. Subclasses must implement this."""
        raise NotImplementedError

    def get_queryset(self) -> Any:
        """Return the caller's objects, filtered; nobody's while the schema is generated."""
        if getattr(self, "swagger_fake_view", False):  # set by drf-spectacular
            return self.mine(None)
        asked = {
            name: value
            for name, value in self.request.query_params.items()
            if name not in self.paging
        }
        return self.mine(self.request.user).filter(**valid(self.query, asked))

    def get_serializer_context(self) -> dict[str, Any]:
        """Give serializers the request, with which they build absolute URLs."""
        return {"request": self.request}


class Item(Operation):
    """A single object of the caller's: read with an ETag, changed only if `If-Match` matches it."""

    serializer_class: ClassVar[type[serializers.Serializer]]

    def found(self, pk: Any = None) -> Any:
        """Return the object; ObjectDoesNotExist if it is not the caller's.

        Subclasses must implement this.
        """
        raise NotImplementedError

    def represented(self, thing: Any) -> Any:
        """Return the data of the object in a response."""
        return self.serializer_class(thing, context={"request": self.request}).data

    def answer(self, thing: Any, *, status: int = 200) -> Response:
        """Return a response with the object and its ETag, or 304 if the caller has this state."""
        data = self.represented(thing)
        tag = etag(data)
        if self.request.method == "GET":
            known = get_conditional_response(self.request._request, etag=tag)
            if known is not None and known.status_code == 304:
                return Response(status=304, headers={"ETag": tag})
        return Response(data, status=status, headers={"ETag": tag})

    def still(self, thing: Any) -> Any:
        """Return the object if its ETag matches `If-Match`, or without that header.

        Raises PreconditionFailed (412) otherwise: somebody else changed the object meanwhile.
        """
        wanted = self.request.headers.get("If-Match", "")
        if wanted and wanted != "*" and etag(self.represented(thing)) not in wanted.split(", "):
            raise Changed
        return thing

    def get(self, request: Request, pk: Any = None) -> Response:
        """Return the object with its ETag."""
        return self.answer(self.found(pk))


def etag(data: Any) -> str:
    """Return a strong ETag of the data of a response (RFC 9110, section 8.8.3)."""
    return f'"{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:ETAG_LENGTH]}"'
