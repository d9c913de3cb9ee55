"""API views of juries: ask other people about headshots, read what they chose, end and delete."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.accounts.models import User
from branding.api.authentication import ApiRequest
from branding.api.idempotency import idempotent
from branding.api.schema import IDEMPOTENCY_KEY, IF_MATCH, describe_list, describe_operation
from branding.api.validation import (
    StrictCharField,
    StrictChoiceField,
    StrictSerializer,
    validate_data,
)
from branding.api.views import ApiView, OwnedDetailView, OwnedListView
from branding.juries import selectors as jury_selectors
from branding.juries import services
from branding.juries.models import QUESTION_LENGTH, Jury
from branding.public_urls import jury_url
from headshots import selectors

REQUEST_EXAMPLE = {
    "variants": [
        "d9c0d0f5-7f5c-4f0e-8b59-0d6a5d2a3c11",
        "3b0a5a0c-51a9-4e8e-8a5c-0f0b8a0f9d12",
        "8f3f7f52-7a43-44a5-9e55-5f2cf9b1d013",
    ],
    "question": "Who looks most trustworthy?",
}
RESPONSE_EXAMPLE = {
    "id": "4c1c1d6e-2a43-4c57-8c86-6a1f0b6ff0a1",
    "render": "0c6f9a34-4e5d-4bb0-8a52-6a4dd0a7b0e9",
    "question": "Who looks most trustworthy?",
    "audience": "strangers",
    "link": "https://facet.example.org/ask/3nq0m1x2/",
    "variants": REQUEST_EXAMPLE["variants"],
    "voter_limit": 40,
    "created_at": "2026-11-24T09:00:00Z",
    "expires_at": "2026-12-01T09:00:00Z",
    "ended_at": None,
    "decided_at": "2026-11-24T21:00:00Z",
    "open": True,
}
STANDING_EXAMPLE = {
    "variant": REQUEST_EXAMPLE["variants"][0],
    "wins": 31,
    "votes": 40,
    "best_probability": 0.94,
    "supporters": 9,
    "voters": 12,
    "words": "9 of 12 people found 04 more trustworthy.",
}
DETAIL_EXAMPLE = RESPONSE_EXAMPLE | {
    "result": {
        "voter_count": 12,
        "decided": True,
        "words": "Clearly ahead: one headshot is very likely the best of them.",
        "difference": "",
        "standings": [STANDING_EXAMPLE],
    }
}


class JurySerializer(serializers.ModelSerializer[Jury]):
    """A question to other people about headshots of one sheet."""

    link = serializers.SerializerMethodField()
    variants = serializers.SerializerMethodField()
    open = serializers.BooleanField(source="is_open", help_text="whether the link takes votes")

    class Meta:
        model = Jury
        fields: tuple[str, ...] = (
            "id",
            "render",
            "question",
            "audience",
            "link",
            "variants",
            "voter_limit",
            "created_at",
            "expires_at",
            "ended_at",
            "decided_at",
            "open",
        )
        read_only_fields: tuple[str, ...] = fields
        extra_kwargs = {
            "voter_limit": {"help_text": "how many people may vote"},
            "decided_at": {"help_text": "when a vote put one headshot clearly ahead"},
        }

    @extend_schema_field(serializers.URLField())
    def get_link(self, jury: Jury) -> str:
        """Return the secret address at which people vote, without an account."""
        return jury_url(jury.token)

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_variants(self, jury: Jury) -> list[UUID]:
        """Return the ids of the headshots."""
        return [picture.variant_id for picture in jury.pictures.all()]


class StandingSerializer(serializers.Serializer[Any]):
    """One headshot in the result."""

    variant = serializers.UUIDField(source="variant.pk")
    wins = serializers.IntegerField(help_text="votes that it won")
    votes = serializers.IntegerField(help_text="votes between it and another one")
    best_probability = serializers.FloatField(help_text="that it is the best of them, from 0 to 1")
    supporters = serializers.IntegerField(help_text="people who preferred it more often than not")
    voters = serializers.IntegerField(help_text="people who compared it with another one")
    words = serializers.CharField(help_text="the same in a sentence; empty without votes")


class JuryResultSerializer(serializers.Serializer[Any]):
    """What the votes say; `standings` begin with the best headshot."""

    voter_count = serializers.IntegerField()
    decided = serializers.BooleanField(source="is_decided", help_text="one is clearly ahead")
    words = serializers.CharField(source="verdict", help_text="the result in a sentence")
    difference = serializers.CharField(
        help_text="how friends differ from strangers, who were asked the same; else empty"
    )
    standings = StandingSerializer(many=True)


class JuryDetailSerializer(JurySerializer):
    """A question to other people, with what they chose."""

    result = serializers.SerializerMethodField()

    class Meta:
        model = Jury
        fields = (*JurySerializer.Meta.fields, "result")
        read_only_fields = fields

    @extend_schema_field(JuryResultSerializer())
    def get_result(self, jury: Jury) -> Any:
        """Return what the votes say."""
        result = jury_selectors.describe_result(jury)
        difference = jury_selectors.compare_audiences(jury, result)
        return JuryResultSerializer({**vars(result), "difference": difference}).data


class JuryRequest(StrictSerializer):
    """What to ask about which headshots."""

    variants = serializers.ListField(
        child=serializers.UUIDField(),
        min_length=services.MIN_PICTURES,
        max_length=services.MAX_PICTURES,
        help_text="finished headshots of one sheet",
    )
    question = StrictCharField(max_length=QUESTION_LENGTH)
    audience = StrictChoiceField(
        choices=Jury.Audience.choices,
        default=Jury.Audience.STRANGERS.value,
        help_text="whom the link is for: strangers, or friends, who know the person",
    )


class JuryFilter(StrictSerializer):
    """Filters of the list of juries."""

    render = serializers.UUIDField(required=False)


class JuryList(OwnedListView):
    """List the caller's juries, or start one."""

    serializer_class = JurySerializer
    ordering = ("-created_at",)
    filter_class = JuryFilter

    def select_owned(self, owner: User) -> Any:
        """Select the owner's juries with their headshots."""
        return jury_selectors.juries_of(owner).prefetch_related("pictures")

    @describe_list(
        "List questions to other people, newest first",
        JurySerializer(many=True),
        JuryFilter,
        response_example=RESPONSE_EXAMPLE,
    )
    def get(self, request: Request) -> Response:
        """Return one page of juries, without their results."""
        return self.list(request)

    @describe_operation(
        "Ask other people about headshots",
        JuryDetailSerializer,
        request=JuryRequest,
        status=201,
        error_statuses=(404, 409, 415),
        parameters=(IDEMPOTENCY_KEY,),
        request_example=REQUEST_EXAMPLE,
        response_example=DETAIL_EXAMPLE,
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Create a private link, at which anyone who has it chooses between two headshots."""
        validated_data = validate_data(JuryRequest, request.data)
        variants = [
            selectors.variant_for(request.user, variant_id)
            for variant_id in dict.fromkeys(validated_data["variants"])
        ]
        jury = services.start_jury(
            request.user, variants, validated_data["question"], validated_data["audience"]
        )
        location = reverse("api:jury", args=[jury.pk])
        return Response(JuryDetailSerializer(jury).data, status=201, headers={"Location": location})


class JuryDetail(OwnedDetailView):
    """Read or delete one jury."""

    serializer_class = JuryDetailSerializer

    def get_object(self, pk: Any = None) -> Any:
        """Return the caller's jury with this id."""
        return jury_selectors.jury_for(self.request.user, pk)

    @describe_operation(
        "See a question and what people chose",
        JuryDetailSerializer,
        error_statuses=(404,),
        response_example=DETAIL_EXAMPLE,
    )
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return the jury and its result with its ETag."""
        return super().get(request, pk)

    @describe_operation(
        "Delete a question with its votes",
        None,
        status=204,
        error_statuses=(404, 412),
        parameters=(IF_MATCH,),
    )
    def delete(self, request: ApiRequest, pk: UUID) -> Response:
        """Delete the jury, its link and its votes for good."""
        services.delete_jury(self.require_match(self.get_object(pk)))
        return Response(status=204)


class JuryEnd(ApiView):
    """Close the link of a jury."""

    @describe_operation(
        "End a question: its link shows nothing any more",
        JuryDetailSerializer,
        error_statuses=(404,),
        response_example=DETAIL_EXAMPLE | {"open": False, "ended_at": "2026-11-25T09:00:00Z"},
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Close the link at once; the votes stay."""
        services.end_jury(jury_selectors.jury_for(request.user, pk))
        jury = jury_selectors.jury_for(request.user, pk)
        return Response(JuryDetailSerializer(jury).data)
