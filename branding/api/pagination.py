"""Pagination of the lists of the API."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class OrderedCursorPagination(CursorPagination):
    """Pages by cursor, which new rows do not shift; each view sets its own `ordering`."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"

    def get_page_size(self, request: Request) -> int:
        """Return the requested page size; ValidationError if it is no number within the limits."""
        told = request.query_params.get(self.page_size_query_param, str(self.page_size))
        if not (told.isascii() and told.isdigit() and 0 < int(told) <= self.max_page_size):
            wanted = f"A whole number from 1 to {self.max_page_size}."
            raise ValidationError({self.page_size_query_param: [wanted]})
        return int(told)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the limits of the page size in the schema, too."""
        told = super().get_schema_operation_parameters(view)
        for one in told:
            if one["name"] == self.page_size_query_param:
                one["schema"] = {"type": "integer", "minimum": 1, "maximum": self.max_page_size}
        return told

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """Return the ordering of the view."""
        return view.ordering
