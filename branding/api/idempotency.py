"""The `Idempotency-Key` header: a request that creates something can be sent again safely.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/: the effect and the
response are stored in one transaction. A client that lost the response sends the request again
with the same key and gets the stored one.
"""

import hashlib
import json
import re
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from branding.api.authentication import ApiRequest
from branding.api.exceptions import IdempotencyConflict
from branding.api.models import Answered

KEY_HEADER: Final = "Idempotency-Key"
REPLAYED_HEADER: Final = "Idempotency-Replayed"
KEY_PATTERN: Final = r"[!-~]{1,200}"  # visible ASCII
Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """Decorate a method of an API view so that requests with the same key take effect once.

    The method runs within the transaction that stores its response, so it only writes rows; what
    takes longer belongs into `idempotent_after`. Raises IdempotencyConflict if the key was used
    before with another request. A request without a key is handled as usual.
    """

    @wraps(handler)
    def handle_once(view: Any, request: ApiRequest, *args: Any, **kwargs: Any) -> Response:
        return _handle_once(request, lambda: partial(handler, view, request, *args, **kwargs))

    return handle_once


def idempotent_after(prepare: Callable[..., Any]) -> Callable[[Handler], Handler]:
    """Like `idempotent`, with slow work that is done before the transaction begins.

    `prepare` gets the arguments of the method and returns what the method gets as `prepared`. It
    may run for a request that turns out to be a repetition, so it must be harmless to run twice.
    On SQLite every other writer waits for a transaction that has begun.
    """

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def handle_once(view: Any, request: ApiRequest, *args: Any, **kwargs: Any) -> Response:
            def prepare_handling() -> Callable[[], Response]:
                prepared = prepare(view, request, *args, **kwargs)
                return partial(handler, view, request, *args, prepared=prepared, **kwargs)

            return _handle_once(request, prepare_handling)

        return handle_once

    return decorate


def _handle_once(
    request: ApiRequest, prepare_handling: Callable[[], Callable[[], Response]]
) -> Response:
    """Return the stored response of an earlier request with the same key, or handle this one."""
    if KEY_HEADER not in request.headers:
        return prepare_handling()()
    key = request.headers[KEY_HEADER]
    if not re.fullmatch(KEY_PATTERN, key):
        raise ValidationError({KEY_HEADER: ["Up to 200 letters, digits and signs; no blanks."]})
    fingerprint = _fingerprint_request(request)
    earlier = Answered.objects.filter(owner=request.user, key=key).first()
    if earlier is not None:
        return _replay_response(earlier, fingerprint)
    return _respond_once(request, key, fingerprint, prepare_handling())


def _respond_once(
    request: ApiRequest, key: str, fingerprint: str, handle: Callable[[], Response]
) -> Response:
    """Handle the first request with a key and store its response; return that to every other."""
    try:
        with transaction.atomic():
            stored = Answered.objects.create(
                owner=request.user, key=key, fingerprint=fingerprint, status=0
            )
            response = handle()
            _store_response(stored, response)
            return response
    except IntegrityError:
        earlier = Answered.objects.filter(owner=request.user, key=key).first()
        if earlier is None:  # the view violated another constraint
            raise
        return _replay_response(earlier, fingerprint)


def _store_response(stored: Answered, response: Response) -> None:
    stored.status = response.status_code
    stored.body = JSONRenderer().render(response.data).decode()
    stored.location = response.headers.get("Location", "")
    stored.save()


def _replay_response(stored: Answered, fingerprint: str) -> Response:
    if stored.fingerprint != fingerprint:
        raise IdempotencyConflict(f"This {KEY_HEADER} was used for something else.")
    headers = {
        REPLAYED_HEADER: "true",
        **({"Location": stored.location} if stored.location else {}),
    }
    data = json.loads(stored.body) if stored.body else None
    return Response(data, status=stored.status, headers=headers)


def _fingerprint_request(request: ApiRequest) -> str:
    """Return a SHA-256 of method, path, every field and the content of every file."""
    digest = hashlib.sha256(f"{request.method} {request.path}".encode())
    if hasattr(request.data, "lists"):
        for name, values in sorted(request.data.lists()):
            for value in values:
                digest.update(f"\0{name}\0".encode() + _value_bytes(value))
    else:
        digest.update(json.dumps(request.data, sort_keys=True).encode())
    return digest.hexdigest()


def _value_bytes(value: Any) -> bytes:
    """Return a form value as bytes: text as UTF-8, an uploaded file as its SHA-256."""
    if not isinstance(value, UploadedFile):
        return str(value).encode()
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return digest.digest()
