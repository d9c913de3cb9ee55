"""API views of publications: send, watch, answer, cancel, retry and undo them."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.idempotency import once
from branding.api.models import Scope
from branding.api.photos.pictures import Picture, small
from branding.api.schema import JPEG, ONCE, listing, operation
from branding.api.serializers import PLACES
from branding.api.validation import Id, Pick, Strict, Text, valid
from branding.api.views import Item, Listed, Operation
from headshots import selectors as headshots
from integrations import selectors
from integrations.errors import ActionNotAvailable
from integrations.models import Attempt, Publication
from integrations.models.publications import RECEIPT
from integrations.publishing import services as publishing_services
from integrations.publishing.services import ANSWERS
from integrations.selectors import Profile

STATES = [(state.value, str(words)) for state, words in RECEIPT.items()]
ASKED = {"profiles": ["mastodon"]}


class PublicationSerializer(serializers.ModelSerializer):
    """One picture on its way to one place, and where it stands."""

    says = serializers.CharField(read_only=True, help_text="the state in a word for people")

    class Meta:
        model = Publication
        fields = (
            "id",
            "batch",
            "place",
            "connection",
            "variant",
            "state",
            "says",
            "code",
            "words",
            "advice",
            "asked_at",
            "due_at",
            "not_before",
            "sent_at",
            "settled_at",
            "attempts",
            "undoes",
            "origin",
        )
        read_only_fields = fields


class AttemptSerializer(serializers.ModelSerializer):
    """One step of a publication, as it happened."""

    class Meta:
        model = Attempt
        fields = ("source", "target", "code", "words", "at")
        read_only_fields = fields


class PublicationDetailSerializer(PublicationSerializer):
    """A publication with every step it took."""

    steps = AttemptSerializer(many=True, read_only=True)

    class Meta(PublicationSerializer.Meta):
        fields = (*PublicationSerializer.Meta.fields, "steps")
        read_only_fields = fields


class PublicationQuery(Strict):
    """Filters of the list of publications."""

    state = serializers.ChoiceField(choices=STATES, required=False)
    place = serializers.ChoiceField(choices=PLACES, required=False)
    batch = serializers.UUIDField(required=False)
    connection = serializers.UUIDField(required=False)


class PublicationRequest(Strict):
    """What to send where: without `variant` what was chosen, without `profiles` everywhere."""

    variant = Id(required=False)
    profiles = serializers.ListField(
        child=Text(max_length=60),
        required=False,
        max_length=60,
        help_text="a connection's id, or the slug of a place",
    )


class AnswerRequest(Strict):
    """What a person says where one is needed."""

    answer = Pick(choices=sorted(ANSWERS))


class Publications(Listed):
    """List the caller's publications, or publish headshots."""

    serializer_class = PublicationSerializer
    ordering = ("-asked_at",)
    query = PublicationQuery
    scope = Scope.PUBLISH

    def mine(self, owner: Any) -> Any:
        """Select the owner's publications."""
        return selectors.publications_of(owner)

    @listing("List publications, newest first", PublicationSerializer(many=True), PublicationQuery)
    def get(self, request: Request) -> Response:
        """Return one page of publications."""
        return self.list(request)

    @operation(
        "Send headshots to profiles",
        PublicationSerializer(many=True),
        request=PublicationRequest,
        status=202,
        refused=(404, 409, 415),
        parameters=(ONCE,),
        asked=ASKED,
    )
    @once
    def post(self, request: Request) -> Response:
        """Create one publication for each profile; all of them have the same `batch`."""
        told = valid(PublicationRequest, request.data)
        made = _sent(request, told)
        data = PublicationSerializer(made, many=True).data
        where = f"/api/v1/publications?batch={made[0].batch}" if made else ""
        return Response(data, status=202, headers={"Location": where} if where else None)


def _sent(request: Request, wish: dict[str, Any]) -> list[Publication]:
    """Publish the headshot that is named, or without one what is chosen for each profile."""
    profiles = _profiles(request, wish.get("profiles"))
    if "variant" not in wish:
        return publishing_services.refresh(request.user, profiles)
    variant = headshots.variant_for(request.user, wish["variant"])
    return publishing_services.publish(variant, profiles)


def _profiles(request: Request, keys: list[str] | None) -> list[Profile]:
    """Return the profiles with these keys, or without keys all that take part.

    Raises Publication.DoesNotExist if the caller has no profile with one of the keys.
    """
    mine = {profile.key: profile for profile in selectors.profiles_of(request.user)}
    if keys is None:
        return [profile for profile in mine.values() if profile.takes_part]
    if any(key not in mine for key in keys):
        raise Publication.DoesNotExist
    return [mine[key] for key in dict.fromkeys(keys)]


class One(Item):
    """Read one publication and its steps."""

    serializer_class = PublicationDetailSerializer
    scope = Scope.PUBLISH

    def found(self, pk: Any = None) -> Any:
        """Return the caller's publication with this id."""
        return selectors.publication_for(self.request.user, pk)

    @operation(
        "See a publication and every step it took", PublicationDetailSerializer, refused=(404,)
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Return the publication with its ETag."""
        return super().get(request, pk)


class Cancel(Operation):
    """Cancel one publication."""

    scope = Scope.PUBLISH

    @operation(
        "Take a publication back, if it is not sent yet",
        PublicationDetailSerializer,
        refused=(404,),
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Cancel it if it is not sent yet; `state` says whether it was."""
        found = selectors.publication_for(request.user, pk)
        publishing_services.cancel(found)
        return Response(
            PublicationDetailSerializer(selectors.publication_for(request.user, pk)).data
        )


class Resolve(Operation):
    """Answer the question of a publication that needs the person."""

    scope = Scope.PUBLISH

    @operation(
        "Answer what needs you: keep theirs, adopt it, or send yours",
        PublicationDetailSerializer,
        request=AnswerRequest,
        refused=(404, 409, 415),
        asked={"answer": "send"},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Apply the answer: keep the picture on the platform, adopt it, or send ours."""
        found = selectors.publication_for(request.user, pk)
        told = valid(AnswerRequest, request.data)
        publishing_services.resolve(found, told["answer"])
        return Response(
            PublicationDetailSerializer(selectors.publication_for(request.user, pk)).data
        )


class Undo(Operation):
    """Restore the picture that a publication replaced."""

    scope = Scope.PUBLISH

    @operation(
        "Bring back what hung there before",
        PublicationSerializer,
        status=202,
        refused=(404, 409),
        parameters=(ONCE,),
    )
    @once
    def post(self, request: Request, pk: UUID) -> Response:
        """Create the publication that restores it."""
        made = publishing_services.undo(selectors.publication_for(request.user, pk))
        headers = {"Location": f"/api/v1/publications/{made.pk}"}
        return Response(PublicationSerializer(made).data, status=202, headers=headers)


class Again(Operation):
    """Retry a publication that failed or was cancelled."""

    scope = Scope.PUBLISH

    @operation(
        "Send once more what failed or was taken back",
        PublicationSerializer,
        status=202,
        refused=(404, 409),
        parameters=(ONCE,),
    )
    @once
    def post(self, request: Request, pk: UUID) -> Response:
        """Create a new publication; the old one stays as it ended."""
        made = publishing_services.again(selectors.publication_for(request.user, pk))
        headers = {"Location": f"/api/v1/publications/{made.pk}"}
        return Response(PublicationSerializer(made).data, status=202, headers=headers)


class Before(Picture):
    """Show the picture that a publication replaced, small."""

    @operation("See what hung there before, small", JPEG, refused=(404,))
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Return it as JPEG; Http404 if no picture was seen there before."""
        return small(selectors.publication_for(request.user, pk).before)


class UndoAll(Operation):
    """Undo every publication of a batch."""

    scope = Scope.PUBLISH

    @operation(
        "Bring back everything that was sent together",
        PublicationSerializer(many=True),
        status=202,
        refused=(404, 409),
        parameters=(ONCE,),
    )
    @once
    def post(self, request: Request, batch: UUID) -> Response:
        """Create one publication for each that changed something; they share a new `batch`."""
        sent = list(selectors.receipts_of(request.user, batch))
        if not sent:
            raise Publication.DoesNotExist
        made = publishing_services.undo_all(sent)
        if not made:
            raise ActionNotAvailable("Nothing was changed that could be brought back.", advice="")
        headers = {"Location": f"/api/v1/publications?batch={made[0].batch}"}
        data = PublicationSerializer(made, many=True).data
        return Response(data, status=202, headers=headers)
