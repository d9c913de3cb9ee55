"""API views of the public addresses of a person: their pictures, vCard and calendar."""

from typing import Any, Final

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from branding import contact_cards
from branding.accounts.selectors import confirmed_emails
from branding.api.idempotency import once
from branding.api.models import Scope
from branding.api.photos.pictures import Bytes, Negotiation
from branding.api.schema import MATCH, ONCE, operation
from branding.api.serializers import PLACES
from branding.api.validation import Flag, Pick, Strict, valid
from branding.api.views import Item, Operation
from branding.kits.selectors import called
from branding.public_urls import avatar_url, calendar_url, named_url
from headshots.errors import NotReady
from integrations import renditions
from integrations.avatars import services as avatar_services
from integrations.models import AvatarAddress
from integrations.places import AVATAR, frames
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.selectors import calendar_address_of
from integrations.selectors import address_of, current_choices

CARD: Final = 400  # pixels, the side of the picture in a vCard
VCARD: Final = "text/vcard"
SECRET: Final = "https://facet.example.org/avatar/u8vJt0mTqk2Qw1"
EXAMPLE = {
    "url": SECRET,
    "open": True,
    "name": "alice",
    "shown": [{"place": "avatar", "url": "https://facet.example.org/@alice/avatar.jpg"}],
    "by_email": False,
    "emails": ["alice@example.com"],
}
FEED = {"url": "https://facet.example.org/calendar/u8vJt0mTqk2Qw1.ics", "open": True}


@extend_schema_serializer(component_name="Shown")
class NamedPlaceSerializer(serializers.Serializer):
    """A place that shows under the public name."""

    place = serializers.CharField()
    url = serializers.URLField()


class AddressesSerializer(serializers.Serializer):
    """Where others may see the caller's pictures."""

    url = serializers.CharField(help_text="the secret address; empty until there is one")
    open = serializers.BooleanField(help_text="the secret address answers")
    name = serializers.CharField(allow_blank=True, help_text="the public name, if there is one")
    shown = NamedPlaceSerializer(many=True, help_text="the places that show under the name")
    by_email = serializers.BooleanField(help_text="who knows an e-mail address finds the picture")
    emails = serializers.ListField(
        child=serializers.CharField(), help_text="confirmed addresses, by which it may be found"
    )


class AddressesChange(Strict):
    """What may be changed of them; what is left out stays."""

    open = Flag(required=False)
    name = serializers.RegexField(
        rf"^({avatar_services.NAME.pattern})?$",
        required=False,
        allow_blank=True,
        help_text="an empty one gives the name up",
    )
    places = serializers.ListField(
        child=Pick(choices=PLACES),
        required=False,
        max_length=60,
        help_text="those that show under the name",
    )
    by_email = Flag(required=False)


class FeedSerializer(serializers.Serializer):
    """The address of the calendar, which tells other programs when schedules run."""

    url = serializers.CharField(help_text="empty unless it is open")
    open = serializers.BooleanField()


class FeedChange(Strict):
    """Whether it answers."""

    open = Flag(required=False)


class Addresses(Item):
    """Read, open, close and name the caller's public addresses."""

    serializer_class = AddressesSerializer
    scope = Scope.PUBLISH

    def found(self, pk: Any = None) -> Any:
        """Return their state; everyone has one, if only a closed one."""
        return _addresses(self.request.user)

    @operation("See your public addresses", AddressesSerializer, example=EXAMPLE)
    def get(self, request: Request) -> Response:
        """Return the addresses with their ETag."""
        return super().get(request)

    @operation(
        "Open, close or name your public addresses",
        AddressesSerializer,
        request=AddressesChange,
        refused=(409, 412, 415),
        parameters=(MATCH,),
        asked={"open": True, "name": "alice", "places": ["avatar"]},
        example=EXAMPLE,
    )
    def patch(self, request: Request) -> Response:
        """Apply all of the changes or none; what is left out keeps its value."""
        self.still(self.found())
        told = valid(AddressesChange, request.data)
        with transaction.atomic():
            _change(request.user, told)
        return self.answer(self.found())


def _addresses(owner: Any) -> dict[str, Any]:
    """Return the data of AddressesSerializer for one owner."""
    address = address_of(owner) or AvatarAddress(owner=owner, token="", is_open=False)
    shown = [slug for slug in frames() if slug in address.places] if address.name else []
    return {
        "url": avatar_url(address) if address.token else "",
        "open": address.is_open,
        "name": address.name or "",
        "shown": [{"place": slug, "url": named_url(address.name, slug)} for slug in shown],
        "by_email": address.by_email,
        "emails": confirmed_emails(owner),
    }


def _change(owner: Any, told: dict[str, Any]) -> None:
    if told.get("open"):
        avatar_services.open_address(owner)
    elif "open" in told:
        avatar_services.close_address(owner)
    if "name" in told or "places" in told:
        _name(owner, told)
    if told.get("by_email"):
        avatar_services.answer_emails(owner, _emails(owner))
    elif "by_email" in told:
        avatar_services.ignore_emails(owner)


def _name(owner: Any, told: dict[str, Any]) -> None:
    """Claim, keep or release the public name, and set the places that show under it."""
    address = address_of(owner)
    name = told.get("name", address.name if address else "")
    if name:
        known = address.places if address else []
        avatar_services.claim(owner, name, told.get("places", known))
    elif told.get("places"):
        raise NotReady("Places show under a name.", advice="Send `name` too.")
    else:
        avatar_services.release(owner)


def _emails(owner: Any) -> list[str]:
    """Return the confirmed e-mail addresses; NotReady if there is none."""
    found = confirmed_emails(owner)
    if not found:
        raise NotReady("No e-mail address is confirmed.", advice="Confirm one on a page first.")
    return found


class Renew(Operation):
    """Replace the secret address by a new one."""

    scope = Scope.PUBLISH

    @operation(
        "Renew the secret address; the old one ends",
        AddressesSerializer,
        parameters=(ONCE,),
        refused=(409,),
        example=EXAMPLE,
    )
    @once
    def post(self, request: Request) -> Response:
        """Renew the address and open it; the old one ends at once."""
        avatar_services.renew_address(request.user)
        return Response(AddressesSerializer(_addresses(request.user)).data)


class VCard(Bytes):
    """Offers text/vcard."""

    media_type = VCARD
    format = "vcf"


class Card(Operation):
    """Download a vCard of the caller."""

    renderer_classes = (VCard, JSONRenderer)
    content_negotiation_class = Negotiation

    @operation("Take a vCard with your picture in it", {(200, VCARD): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponse:
        """Return the vCard with the picture that is chosen for the avatar, if there is one."""
        chosen = current_choices(request.user).get(AVATAR)
        data = renditions.at_side(chosen.variant, CARD) if chosen else b""
        text = contact_cards.vcard(called(request.user), request.user.email, data)
        return HttpResponse(text, content_type=f"{VCARD}; charset=utf-8")


class Feed(Item):
    """Read, open and close the address of the caller's calendar feed."""

    serializer_class = FeedSerializer
    scope = Scope.PUBLISH

    def found(self, pk: Any = None) -> Any:
        """Return its state; everyone has one, if only a closed one."""
        return _feed(self.request.user)

    @operation("See the address of your calendar", FeedSerializer, example=FEED)
    def get(self, request: Request) -> Response:
        """Return the address with its ETag."""
        return super().get(request)

    @operation(
        "Open or close the address of your calendar",
        FeedSerializer,
        request=FeedChange,
        refused=(412, 415),
        parameters=(MATCH,),
        asked={"open": True},
        example=FEED,
    )
    def patch(self, request: Request) -> Response:
        """Open or close it; opened again, it is the same address as before."""
        self.still(self.found())
        told = valid(FeedChange, request.data)
        if told.get("open"):
            scheduling_services.open_calendar(request.user)
        elif "open" in told:
            scheduling_services.close_calendar(request.user)
        return self.answer(self.found())


def _feed(owner: Any) -> dict[str, Any]:
    """Return the data of FeedSerializer for one owner."""
    url = calendar_url(calendar_address_of(owner))
    return {"url": url, "open": bool(url)}


class RenewFeed(Operation):
    """Replace the address of the calendar by a new one."""

    scope = Scope.PUBLISH

    @operation(
        "Renew the address of your calendar; the old one ends",
        FeedSerializer,
        refused=(409,),
        parameters=(ONCE,),
        example=FEED,
    )
    @once
    def post(self, request: Request) -> Response:
        """Renew the address and open it; the old one ends at once."""
        scheduling_services.renew_calendar(request.user)
        return Response(FeedSerializer(_feed(request.user)).data)
