"""Lists a page at a time."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class Pages(CursorPagination):
    """Pages that stay whole while rows are added; a view says in which order."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"

    def get_page_size(self, request: Request) -> int:
        """What is asked for, within limits; refused if it is no such number."""
        told = request.query_params.get(self.page_size_query_param, str(self.page_size))
        if not (told.isascii() and told.isdigit() and 0 < int(told) <= self.max_page_size):
            wanted = f"A whole number from 1 to {self.max_page_size}."
            raise ValidationError({self.page_size_query_param: [wanted]})
        return int(told)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """How the schema tells it."""
        told = super().get_schema_operation_parameters(view)
        for one in told:
            if one["name"] == self.page_size_query_param:
                one["schema"] = {"type": "integer", "minimum": 1, "maximum": self.max_page_size}
        return told

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """The view's own."""
        return view.ordering
