"""The `Idempotency-Key` header: a request that creates something can be sent again safely.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/: the effect and the
response are stored in one transaction. A client that lost the response sends the request again
with the same key and gets the stored one.
"""

import hashlib
import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.exceptions import Conflict
from branding.api.models import Answered

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
KEY: Final = r"[!-~]{1,200}"  # visible ASCII
Handler = Callable[..., Response]


def once(handler: Handler) -> Handler:
    """Decorate a method of an API view so that requests with the same key take effect once.

    Raises IdempotencyConflict if the key was used before with another request. A request without
    a key is handled as usual.
    """

    @wraps(handler)
    def answered(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        if HEADER not in request.headers:
            return handler(view, request, *args, **kwargs)
        key = request.headers[HEADER]
        if not re.fullmatch(KEY, key):
            raise ValidationError({HEADER: ["Up to 200 letters, digits and signs; no blanks."]})
        fingerprint = _fingerprint(request)
        try:
            with transaction.atomic():
                row = Answered.objects.create(
                    owner=request.user, key=key, fingerprint=fingerprint, status=0
                )
                answer = handler(view, request, *args, **kwargs)
                _write(row, answer)
                return answer
        except IntegrityError:
            known = Answered.objects.filter(owner=request.user, key=key).first()
            if known is None:  # the view violated another constraint
                raise
            return _again(known, fingerprint)

    return answered


def _write(row: Answered, answer: Response) -> None:
    row.status = answer.status_code
    row.body = JSONRenderer().render(answer.data).decode()
    row.location = answer.headers.get("Location", "")
    row.save()


def _again(known: Answered, fingerprint: str) -> Response:
    if known.fingerprint != fingerprint:
        raise Conflict(f"This {HEADER} was used for something else.")
    headers = {REPLAYED: "true", **({"Location": known.location} if known.location else {})}
    data = json.loads(known.body) if known.body else None
    return Response(data, status=known.status, headers=headers)


def _fingerprint(request: Request) -> str:
    """Return a SHA-256 of method, path, every field and the content of every file."""
    told = hashlib.sha256(f"{request.method} {request.path}".encode())
    if hasattr(request.data, "lists"):
        for name, values in sorted(request.data.lists()):
            for value in values:
                told.update(f"\0{name}\0".encode() + _content(value))
    else:
        told.update(json.dumps(request.data, sort_keys=True).encode())
    return told.hexdigest()


def _content(value: Any) -> bytes:
    """Return a form value as bytes: text as UTF-8, an uploaded file as its SHA-256."""
    if not isinstance(value, UploadedFile):
        return str(value).encode()
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return digest.digest()
