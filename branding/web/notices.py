"""The line that says what an action did, with links to what comes next."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

Link = tuple[str, str]  # its words, and where it leads


def show_result(request: HttpRequest, text: str, links: Iterable[Link] = ()) -> None:
    """Show the result of an action on the next page, and the steps that may follow it."""
    next_steps = format_html_join("", ' <a href="{1}">{0}</a>', links)
    messages.success(request, format_html("<span>{}</span>{}", text, next_steps))
