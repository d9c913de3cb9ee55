"""Pagination of the lists of the API."""

from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError as InvalidValue
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

MAX_POSITION_LENGTH: Final = 64  # characters of a number or a moment
EXAMPLE_URL: Final = "https://facet.example/api/v1/photos?cursor=cD0yMDI3"


class OrderedCursorPagination(CursorPagination):
    """Pages by cursor, which new rows do not shift; each view sets its own `ordering`."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"

    def decode_cursor(self, request: Request) -> Any:
        """Return the cursor of a request; NotFound if its position is longer than any of ours."""
        cursor = super().decode_cursor(request)
        if cursor and len(str(cursor.position or "")) > MAX_POSITION_LENGTH:
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def get_page_size(self, request: Request) -> int:
        """Return the requested page size; ValidationError if it is no number within the limits."""
        size_text = request.query_params.get(self.page_size_query_param, str(self.page_size))
        if not (
            size_text.isascii() and size_text.isdigit() and 0 < int(size_text) <= self.max_page_size
        ):
            message = f"A whole number from 1 to {self.max_page_size}."
            raise ValidationError({self.page_size_query_param: [message]})
        return int(size_text)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """Return one page, whose links to other pages start with SITE_URL.

        Raises ValidationError (400) for a cursor that this list did not give.
        """
        try:
            page: list[Any] | None = super().paginate_queryset(queryset, request, view)
        except (NotFound, InvalidValue, ValueError, TypeError, OverflowError) as error:
            message = "Follow `next` and `previous` of a response."
            raise ValidationError({self.cursor_query_param: [message]}) from error
        self.base_url = settings.SITE_URL + request.get_full_path()
        return page

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the limits of the page size in the schema, too."""
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] = {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": self.max_page_size,
                }
        return parameters

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Give the links of the schema examples that are URIs; those of the base class are not."""
        page_schema = super().get_paginated_response_schema(schema)
        for link in ("next", "previous"):
            page_schema["properties"][link]["example"] = EXAMPLE_URL
        return page_schema

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """Return the ordering of the view."""
        return view.ordering
