"""Base classes of the API views: a paginated list, and a single object with an ETag."""

import hashlib
from typing import Any, ClassVar, Final

from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from branding.accounts.models import User
from branding.api.authentication import ApiRequest
from branding.api.exceptions import PreconditionFailed
from branding.api.models import Scope
from branding.api.validation import validate_data

UNKNOWN_PATH: Final = "unknown-path"  # the name of the URL that stands for all unknown ones
ETAG_LENGTH: Final = 32  # hexadecimal digits, 128 bits of the SHA-256


class ApiView(APIView):
    """Base class of all views; `scope` is what a token needs for anything but reading."""

    scope: ClassVar[str] = Scope.MAKE
    # Whether a change in a session, without a token, needs a recent sign-in, as on the pages.
    needs_recent_sign_in: ClassVar[bool] = False
    # The same for reading what a stolen session should not be able to take away.
    needs_recent_sign_in_to_read: ClassVar[bool] = False
    request: ApiRequest

    def get_throttles(self) -> list[Any]:
        """Return the throttles of this request, the same ones at each call."""
        if not hasattr(self, "throttles"):
            self.throttles = super().get_throttles()
        return self.throttles

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Say in headers what is left of the rate limit that is reached first."""
        response = super().finalize_response(request, response, *args, **kwargs)
        limits = [limit for throttle in self.get_throttles() if (limit := _limit_headers(throttle))]
        for name, value in min(limits, key=_remaining_requests, default={}).items():
            response.headers[name] = value
        return response


class OwnedListView(ListAPIView[Any], ApiView):
    """A paginated list of the caller's own objects.

    Subclasses set `ordering` for the cursor, and `filter_class`, a serializer whose fields are
    lookups of the queryset.
    """

    request: ApiRequest
    ordering: ClassVar[tuple[str, ...]]
    filter_class: ClassVar[type[serializers.Serializer[Any]]]
    pagination_parameters: ClassVar[tuple[str, ...]] = ("limit", "cursor")

    def select_owned(self, owner: User) -> Any:
        """Select the objects of an owner. Subclasses must implement this."""
        raise NotImplementedError

    def get_queryset(self) -> Any:
        """Return the caller's objects, filtered; nobody's while the schema is generated."""
        if getattr(self, "swagger_fake_view", False):  # set by drf-spectacular
            return self.select_owned(User(pk=0))  # nobody
        filters = {
            name: value
            for name, value in self.request.query_params.items()
            if name not in self.pagination_parameters
        }
        return self.select_owned(self.request.user).filter(
            **validate_data(self.filter_class, filters)
        )

    def get_serializer_context(self) -> dict[str, Any]:
        """Give serializers the request, with which they build absolute URLs."""
        return {"request": self.request}


class OwnedDetailView(ApiView):
    """A single object of the caller's: read with an ETag, changed only if `If-Match` matches it."""

    serializer_class: ClassVar[type[serializers.Serializer[Any]]]

    def get_object(self, pk: Any = None) -> Any:
        """Return the object; ObjectDoesNotExist if it is not the caller's.

        Subclasses must implement this.
        """
        raise NotImplementedError

    def serialize(self, instance: Any) -> Any:
        """Return the data of the object in a response."""
        return self.serializer_class(instance, context={"request": self.request}).data

    def build_response(self, instance: Any, *, status: int = 200) -> Response:
        """Return a response with the object and its ETag, or 304 if the caller has this state."""
        data = self.serialize(instance)
        entity_tag = compute_etag(data)
        if self.request.method in SAFE_METHODS:
            cached_response = get_conditional_response(self.request._request, etag=entity_tag)
            if cached_response is not None and cached_response.status_code == 304:
                return Response(status=304, headers={"ETag": entity_tag})
        return Response(data, status=status, headers={"ETag": entity_tag})

    def require_match(self, instance: Any) -> Any:
        """Return the object if its ETag matches `If-Match`, or without that header.

        Raises PreconditionFailed (412) otherwise: somebody else changed the object meanwhile.
        """
        header = self.request.headers.get("If-Match", "").strip()
        if not header or header == "*":
            return instance
        # A compressed response has the weak form of the tag, for the same state of the object.
        tags = {tag.removeprefix("W/") for tag in parse_etags(header)}
        if compute_etag(self.serialize(instance)) not in tags:
            raise PreconditionFailed
        return instance

    def get(self, request: ApiRequest, *args: Any, **kwargs: Any) -> Response:
        """Return the object with its ETag."""
        return self.build_response(self.get_object(*args, **kwargs))


class UnknownPath(ApiView):
    """Answer every unknown path under /api/ with 404 as JSON instead of a page."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise NotFound before authentication and for every method."""
        if request.path.endswith("/") and _is_known(request.path.rstrip("/")):
            raise NotFound(f"Paths end without a slash: {request.path.rstrip('/')}")
        raise NotFound


def _is_known(path: str) -> bool:
    try:
        return resolve(path).url_name != UNKNOWN_PATH
    except Resolver404:
        return False


def _limit_headers(throttle: Any) -> dict[str, str]:
    """Return the headers of a throttle; none before it counted the request."""
    return getattr(throttle, "headers", {})


def _remaining_requests(headers: dict[str, str]) -> int:
    return int(headers["RateLimit-Remaining"])


def compute_etag(data: Any) -> str:
    """Return a strong ETag of the data of a response (RFC 9110, section 8.8.3)."""
    return f'"{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:ETAG_LENGTH]}"'
