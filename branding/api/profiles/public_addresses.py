"""API views of the public addresses of a person: their pictures, vCard and calendar."""

from typing import Any, Final

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from branding import contact_cards
from branding.accounts.models import User
from branding.accounts.selectors import confirmed_emails
from branding.api.authentication import ApiRequest
from branding.api.idempotency import idempotent
from branding.api.models import Scope
from branding.api.renderers import BinaryContentNegotiation, BinaryRenderer
from branding.api.schema import IDEMPOTENCY_KEY, IF_MATCH, describe_operation
from branding.api.serializers import PLACES
from branding.api.validation import (
    StrictBooleanField,
    StrictChoiceField,
    StrictSerializer,
    validate_data,
)
from branding.api.views import ApiView, OwnedDetailView
from branding.kits.selectors import display_name_of
from branding.public_urls import avatar_url, calendar_url, named_avatar_url
from headshots.errors import NotReady
from integrations import renditions
from integrations.avatars import services as avatar_services
from integrations.models import AvatarAddress
from integrations.places import AVATAR_SLUG, all_places
from integrations.publishing import headshot_actions
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.selectors import calendar_address_of
from integrations.selectors import avatar_address_of, current_choices

CARD_PIXELS: Final = 400  # pixels, the side of the picture in a vCard
VCARD_TYPE: Final = "text/vcard"
SECRET_URL: Final = "https://facet.example.org/avatar/u8vJt0mTqk2Qw1"
RESPONSE_EXAMPLE = {
    "url": SECRET_URL,
    "open": True,
    "name": "alice",
    "shown": [{"place": "avatar", "url": "https://facet.example.org/@alice/avatar.jpg"}],
    "by_email": False,
    "emails": ["alice@example.com"],
}
FEED_EXAMPLE = {"url": "https://facet.example.org/calendar/u8vJt0mTqk2Qw1.ics", "open": True}


@extend_schema_serializer(component_name="Shown")
class NamedPlaceSerializer(serializers.Serializer[Any]):
    """A place shown under the public name."""

    place = serializers.CharField()
    url = serializers.URLField()


class AddressesSerializer(serializers.Serializer[Any]):
    """The public addresses at which others can see the caller's pictures."""

    url = serializers.CharField(help_text="the secret address; empty until there is one")
    open = serializers.BooleanField(help_text="whether the secret address can be opened")
    name = serializers.CharField(allow_blank=True, help_text="the public name, if there is one")
    shown = NamedPlaceSerializer(many=True, help_text="the places that show under the name")
    by_email = serializers.BooleanField(
        help_text="whether the picture can be found by e-mail address"
    )
    emails = serializers.ListField(
        child=serializers.CharField(), help_text="confirmed addresses, by which it may be found"
    )


class AddressesChange(StrictSerializer):
    """The fields to change; those left out keep their values."""

    open = StrictBooleanField(required=False)
    name = serializers.RegexField(
        rf"^({avatar_services.PUBLIC_NAME_PATTERN.pattern})?$",
        required=False,
        allow_blank=True,
        help_text="empty to give the name up",
    )
    places = serializers.ListField(
        child=StrictChoiceField(choices=PLACES),
        required=False,
        max_length=60,
        help_text="the places shown under the name",
    )
    by_email = StrictBooleanField(required=False)


class FeedSerializer(serializers.Serializer[Any]):
    """The address of the calendar, which tells other programs when schedules run."""

    url = serializers.CharField(help_text="empty unless it can be opened")
    open = serializers.BooleanField()


class FeedChange(StrictSerializer):
    """Whether the address can be opened."""

    open = StrictBooleanField(required=False)


class PublicAddressDetail(OwnedDetailView):
    """Read, open, close and name the caller's public addresses."""

    serializer_class = AddressesSerializer
    scope = Scope.PUBLISH

    def get_object(self, pk: Any = None) -> Any:
        """Return their state; everyone has one, if only a closed one."""
        return _describe_addresses(self.request.user)

    @describe_operation(
        "See your public addresses", AddressesSerializer, response_example=RESPONSE_EXAMPLE
    )
    def get(self, request: ApiRequest) -> Response:
        """Return the addresses with their ETag."""
        return super().get(request)

    @describe_operation(
        "Open, close or name your public addresses",
        AddressesSerializer,
        request=AddressesChange,
        error_statuses=(409, 412, 415),
        parameters=(IF_MATCH,),
        request_example={"open": True, "name": "alice", "places": ["avatar"]},
        response_example=RESPONSE_EXAMPLE,
    )
    def patch(self, request: ApiRequest) -> Response:
        """Apply all of the changes or none; what is left out keeps its value."""
        self.require_match(self.get_object())
        validated_data = validate_data(AddressesChange, request.data)
        with transaction.atomic():
            _apply_changes(request.user, validated_data)
        return self.build_response(self.get_object())


def _describe_addresses(owner: User) -> dict[str, Any]:
    """Return the data of AddressesSerializer for one owner."""
    address = avatar_address_of(owner) or AvatarAddress(owner=owner, token="", is_open=False)
    name = address.name or ""
    shown_places = [slug for slug in all_places() if slug in address.places] if name else []
    return {
        "url": avatar_url(address) if address.token else "",
        "open": address.is_open,
        "name": name,
        "shown": [{"place": slug, "url": named_avatar_url(name, slug)} for slug in shown_places],
        "by_email": address.by_email,
        "emails": confirmed_emails(owner),
    }


def _apply_changes(owner: User, validated_data: dict[str, Any]) -> None:
    if validated_data.get("open"):
        headshot_actions.open_avatar_address(owner)
    elif "open" in validated_data:
        avatar_services.close_address(owner)
    if "name" in validated_data or "places" in validated_data:
        _change_name(owner, validated_data)
    if validated_data.get("by_email"):
        avatar_services.enable_email_lookup(owner, _require_emails(owner))
    elif "by_email" in validated_data:
        avatar_services.disable_email_lookup(owner)


def _change_name(owner: User, validated_data: dict[str, Any]) -> None:
    """Claim, keep or release the public name, and set the places that show under it."""
    address = avatar_address_of(owner)
    name = validated_data.get("name", address.name if address else "")
    if name:
        current_places = address.places if address else []
        avatar_services.claim_public_name(owner, name, validated_data.get("places", current_places))
    elif validated_data.get("places"):
        raise NotReady("Places show under a name.", advice="Send `name` too.")
    else:
        avatar_services.release_public_name(owner)


def _require_emails(owner: User) -> list[str]:
    """Return the confirmed e-mail addresses; NotReady if there is none."""
    emails = confirmed_emails(owner)
    if not emails:
        raise NotReady("No e-mail address is confirmed.", advice="Confirm one on a page first.")
    return emails


class PublicAddressRenew(ApiView):
    """Replace the secret address by a new one."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Replace your secret address",
        AddressesSerializer,
        parameters=(IDEMPOTENCY_KEY,),
        error_statuses=(409,),
        response_example=RESPONSE_EXAMPLE,
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Renew the address and open it; the old one ends at once."""
        avatar_services.renew_address(request.user)
        return Response(AddressesSerializer(_describe_addresses(request.user)).data)


class VCardRenderer(BinaryRenderer):
    """Offers text/vcard."""

    media_type = VCARD_TYPE
    format = "vcf"


class ContactCard(ApiView):
    """Download a vCard of the caller."""

    renderer_classes = (VCardRenderer, JSONRenderer)
    content_negotiation_class = BinaryContentNegotiation

    @describe_operation(
        "Download a vCard with your picture in it", {(200, VCARD_TYPE): OpenApiTypes.STR}
    )
    def get(self, request: ApiRequest) -> HttpResponse:
        """Return the vCard with the picture that is chosen for the avatar, if there is one."""
        choice = current_choices(request.user).get(AVATAR_SLUG)
        picture = renditions.encode_at_size(choice.variant, CARD_PIXELS) if choice else b""
        vcard = contact_cards.build_vcard(
            display_name_of(request.user), request.user.email, picture
        )
        return HttpResponse(vcard, content_type=f"{VCARD_TYPE}; charset=utf-8")


class CalendarFeedDetail(OwnedDetailView):
    """Read, open and close the address of the caller's calendar feed."""

    serializer_class = FeedSerializer
    scope = Scope.PUBLISH

    def get_object(self, pk: Any = None) -> Any:
        """Return its state; everyone has one, if only a closed one."""
        return _describe_feed(self.request.user)

    @describe_operation(
        "See the address of your calendar", FeedSerializer, response_example=FEED_EXAMPLE
    )
    def get(self, request: ApiRequest) -> Response:
        """Return the address with its ETag."""
        return super().get(request)

    @describe_operation(
        "Open or close the address of your calendar",
        FeedSerializer,
        request=FeedChange,
        error_statuses=(412, 415),
        parameters=(IF_MATCH,),
        request_example={"open": True},
        response_example=FEED_EXAMPLE,
    )
    def patch(self, request: ApiRequest) -> Response:
        """Open or close it; opened again, it is the same address as before."""
        self.require_match(self.get_object())
        validated_data = validate_data(FeedChange, request.data)
        if validated_data.get("open"):
            scheduling_services.open_calendar_address(request.user)
        elif "open" in validated_data:
            scheduling_services.close_calendar_address(request.user)
        return self.build_response(self.get_object())


def _describe_feed(owner: User) -> dict[str, Any]:
    """Return the data of FeedSerializer for one owner."""
    url = calendar_url(calendar_address_of(owner))
    return {"url": url, "open": bool(url)}


class CalendarFeedRenew(ApiView):
    """Replace the address of the calendar by a new one."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Replace the address of your calendar",
        FeedSerializer,
        error_statuses=(409,),
        parameters=(IDEMPOTENCY_KEY,),
        response_example=FEED_EXAMPLE,
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Renew the address and open it; the old one ends at once."""
        scheduling_services.renew_calendar_address(request.user)
        return Response(FeedSerializer(_describe_feed(request.user)).data)
