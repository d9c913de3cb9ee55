"""The view that sets the language of pages, for visitors and people."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from branding.accounts.language import set_cookie, store_language
from branding.web.responses import redirect_back
from headshots.wording import is_offered


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Set the language of this browser and of the person; "" is what the browser asks for.

    A language that is not offered changes nothing.
    """
    code = request.POST.get("language", "")
    response = redirect_back(request, "web:home")
    if code and not is_offered(code):
        return response
    set_cookie(response, code)
    if request.user.is_authenticated:
        store_language(request.user, code)
    return response
