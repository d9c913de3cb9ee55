"""API views of publications: send, watch, answer, cancel, retry and undo them."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.accounts.models import User
from branding.api.authentication import ApiRequest
from branding.api.idempotency import idempotent
from branding.api.models import Scope
from branding.api.renderers import PictureView, portrait_response
from branding.api.schema import IDEMPOTENCY_KEY, JPEG_RESPONSE, describe_list, describe_operation
from branding.api.serializers import PLACES
from branding.api.validation import (
    StrictCharField,
    StrictChoiceField,
    StrictSerializer,
    StrictUUIDField,
    validate_data,
)
from branding.api.views import ApiView, OwnedDetailView, OwnedListView
from headshots import selectors as headshots
from integrations import selectors
from integrations.errors import ActionNotAvailable
from integrations.models import Attempt, Publication
from integrations.models.publications import STATE_LABELS
from integrations.publishing import services as publishing_services
from integrations.publishing.services import RESOLUTIONS
from integrations.selectors import Profile

STATES = [(state.value, str(words)) for state, words in STATE_LABELS.items()]
REQUEST_EXAMPLE = {"profiles": ["mastodon"]}


class PublicationSerializer(serializers.ModelSerializer[Publication]):
    """A picture that is published to a profile, and its state."""

    says = serializers.CharField(read_only=True, help_text="the state in words for people")
    words = serializers.CharField(source="message", read_only=True)

    class Meta:
        model = Publication
        fields: tuple[str, ...] = (
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
            "backup_error",
        )
        read_only_fields = fields


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    """One step of a publication."""

    words = serializers.CharField(source="message", read_only=True)

    class Meta:
        model = Attempt
        fields = ("source", "target", "code", "words", "at")
        read_only_fields = fields


class PublicationDetailSerializer(PublicationSerializer):
    """A publication with all of its steps."""

    steps = AttemptSerializer(many=True, read_only=True)

    class Meta(PublicationSerializer.Meta):
        fields = (*PublicationSerializer.Meta.fields, "steps")
        read_only_fields = fields


class PublicationFilter(StrictSerializer):
    """Filters of the list of publications."""

    state = serializers.ChoiceField(choices=STATES, required=False)
    place = serializers.ChoiceField(choices=PLACES, required=False)
    batch = serializers.UUIDField(required=False)
    connection = serializers.UUIDField(required=False)


class PublicationRequest(StrictSerializer):
    """What to publish where: by default the choice of every profile."""

    variant = StrictUUIDField(required=False)
    profiles = serializers.ListField(
        child=StrictCharField(max_length=60),
        required=False,
        max_length=60,
        help_text="a connection's id, or the slug of a place",
    )


class AnswerRequest(StrictSerializer):
    """The answer to a publication that waits for one."""

    answer = StrictChoiceField(choices=sorted(RESOLUTIONS))


class PublicationList(OwnedListView):
    """List the caller's publications, or publish headshots."""

    serializer_class = PublicationSerializer
    ordering = ("-asked_at",)
    filter_class = PublicationFilter
    scope = Scope.PUBLISH

    def select_owned(self, owner: User) -> Any:
        """Select the owner's publications."""
        return selectors.publications_of(owner)

    @describe_list(
        "List publications, newest first", PublicationSerializer(many=True), PublicationFilter
    )
    def get(self, request: Request) -> Response:
        """Return one page of publications."""
        return self.list(request)

    @describe_operation(
        "Publish headshots to profiles",
        PublicationSerializer(many=True),
        request=PublicationRequest,
        status=202,
        error_statuses=(404, 409, 415),
        parameters=(IDEMPOTENCY_KEY,),
        request_example=REQUEST_EXAMPLE,
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Create one publication for each profile; all of them have the same `batch`."""
        validated_data = validate_data(PublicationRequest, request.data)
        publications = _publish_requested(request, validated_data)
        data = PublicationSerializer(publications, many=True).data
        location = f"/api/v1/publications?batch={publications[0].batch}" if publications else ""
        return Response(data, status=202, headers={"Location": location} if location else None)


def _publish_requested(request: ApiRequest, validated_data: dict[str, Any]) -> list[Publication]:
    """Publish the headshot that is named, or without one what is chosen for each profile."""
    profiles = _find_profiles(request, validated_data.get("profiles"))
    if "variant" not in validated_data:
        return publishing_services.publish_chosen(request.user, profiles)
    variant = headshots.variant_for(request.user, validated_data["variant"])
    return publishing_services.publish_variant(variant, profiles)


def _find_profiles(request: ApiRequest, keys: list[str] | None) -> list[Profile]:
    """Return the profiles with these keys, or without keys all that take part.

    Raises Publication.DoesNotExist if the caller has no profile with one of the keys.
    """
    profiles_by_key = {profile.key: profile for profile in selectors.profiles_of(request.user)}
    if keys is None:
        return [profile for profile in profiles_by_key.values() if profile.is_publishable]
    if any(key not in profiles_by_key for key in keys):
        raise Publication.DoesNotExist
    return [profiles_by_key[key] for key in dict.fromkeys(keys)]


class PublicationDetail(OwnedDetailView):
    """Read one publication and its steps."""

    serializer_class = PublicationDetailSerializer
    scope = Scope.PUBLISH

    def get_object(self, pk: Any = None) -> Any:
        """Return the caller's publication with this id."""
        return selectors.publication_for(self.request.user, pk)

    @describe_operation(
        "See a publication and every step it took",
        PublicationDetailSerializer,
        error_statuses=(404,),
    )
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return the publication with its ETag."""
        return super().get(request, pk)


class PublicationCancel(ApiView):
    """Cancel one publication."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Cancel a publication that is not sent yet",
        PublicationDetailSerializer,
        error_statuses=(404,),
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Cancel it if it is not sent yet; `state` says whether it was."""
        publication = selectors.publication_for(request.user, pk)
        publishing_services.cancel_publication(publication)
        return Response(
            PublicationDetailSerializer(selectors.publication_for(request.user, pk)).data
        )


class PublicationResolve(ApiView):
    """Answer the question of a publication that needs the person."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Resolve a picture that was changed on the platform",
        PublicationDetailSerializer,
        request=AnswerRequest,
        error_statuses=(404, 409, 415),
        request_example={"answer": "send"},
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Apply the answer: keep the picture on the platform, adopt it, or send ours."""
        publication = selectors.publication_for(request.user, pk)
        validated_data = validate_data(AnswerRequest, request.data)
        publishing_services.resolve_blocked(publication, validated_data["answer"])
        return Response(
            PublicationDetailSerializer(selectors.publication_for(request.user, pk)).data
        )


class PublicationUndo(ApiView):
    """Restore the picture that a publication replaced."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Restore the picture that a publication replaced",
        PublicationSerializer,
        status=202,
        error_statuses=(404, 409),
        parameters=(IDEMPOTENCY_KEY,),
    )
    @idempotent
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Create the publication that restores it."""
        publication = publishing_services.undo_publication(
            selectors.publication_for(request.user, pk)
        )
        headers = {"Location": f"/api/v1/publications/{publication.pk}"}
        return Response(PublicationSerializer(publication).data, status=202, headers=headers)


class PublicationRetry(ApiView):
    """Retry a publication that failed or was cancelled."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Publish again what failed or was cancelled",
        PublicationSerializer,
        status=202,
        error_statuses=(404, 409),
        parameters=(IDEMPOTENCY_KEY,),
    )
    @idempotent
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Create a new publication; the old one stays as it ended."""
        publication = publishing_services.retry_publication(
            selectors.publication_for(request.user, pk)
        )
        headers = {"Location": f"/api/v1/publications/{publication.pk}"}
        return Response(PublicationSerializer(publication).data, status=202, headers=headers)


class PublicationReplacedPicture(PictureView):
    """Show the picture that a publication replaced, small."""

    @describe_operation(
        "See the picture that a publication replaced, small", JPEG_RESPONSE, error_statuses=(404,)
    )
    def get(self, request: ApiRequest, pk: UUID) -> HttpResponse:
        """Return it as JPEG; 404 if no picture was seen there before."""
        return portrait_response(selectors.publication_for(request.user, pk).before)


class BatchUndo(ApiView):
    """Undo every publication of a batch."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Restore every picture that one batch replaced",
        PublicationSerializer(many=True),
        status=202,
        error_statuses=(404, 409),
        parameters=(IDEMPOTENCY_KEY,),
    )
    @idempotent
    def post(self, request: ApiRequest, batch: UUID) -> Response:
        """Create one publication for each that changed something; they share a new `batch`."""
        receipts = list(selectors.publications_in_batch(request.user, batch))
        if not receipts:
            raise Publication.DoesNotExist
        publications = publishing_services.undo_publications(receipts)
        if not publications:
            raise ActionNotAvailable("Nothing was changed that could be brought back.", advice="")
        headers = {"Location": f"/api/v1/publications?batch={publications[0].batch}"}
        data = PublicationSerializer(publications, many=True).data
        return Response(data, status=202, headers=headers)
