"""API view of the advice: which of the caller's headshots suits each of their profiles."""

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from branding.advice.appearance import DRESSES, TAKEN_BY
from branding.advice.library import load_library
from branding.advice.plain_data import advice_to_plain_data
from branding.advice.records import SENTENCE_GRADES
from branding.advice.selectors import (
    Suggestion,
    Wishes,
    advice_settings_of,
    advisor_of,
    suggestions_of,
    verdicts_of,
    wishes_of,
)
from branding.api.authentication import ApiRequest
from branding.api.schema import describe_operation
from branding.api.validation import StrictChoiceField, StrictSerializer, validate_data
from branding.api.views import ApiView


class AdviceFilter(StrictSerializer):
    """For whom the caller wants to be seen, and what they say of their photos."""

    role = StrictChoiceField(choices=list(load_library().roles))
    audience = StrictChoiceField(choices=list(load_library().audiences))
    country = StrictChoiceField(choices=list(load_library().conventions), required=False)
    dress = StrictChoiceField(choices=list(DRESSES), required=False)
    taken_by = StrictChoiceField(choices=list(TAKEN_BY), required=False)


class AdviceSentenceSerializer(serializers.Serializer[Any]):
    """A sentence, and the study on which it rests."""

    claim = serializers.IntegerField(
        allow_null=True,
        help_text="number of the claim; null for an editorial judgement, and what people said",
    )
    text = serializers.CharField()
    grade = serializers.ChoiceField(
        choices=list(SENTENCE_GRADES),
        help_text="of the evidence; `asked`: people said so who were asked about this headshot",
    )
    n = serializers.CharField(help_text="the sample, as the study names it")
    year = serializers.IntegerField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]  # hides an argument of the base
    figure = serializers.CharField(help_text="how much, if it was read in the source")


class AdvisedHeadshotSerializer(serializers.Serializer[Any]):
    """One headshot in the order of the advice."""

    variant = serializers.UUIDField()
    look = serializers.CharField()
    score = serializers.FloatField()
    measured = serializers.ListField(child=serializers.CharField(), help_text="what it shows")
    reasons = AdviceSentenceSerializer(many=True, help_text="of the first three headshots")


class ConfidenceSerializer(serializers.Serializer[Any]):
    """How sure the order is."""

    level = serializers.ChoiceField(choices=["", "fair", "some", "weak"])
    close = serializers.BooleanField(help_text="the first two suit about equally well")
    text = serializers.CharField()


class ImprovementSerializer(serializers.Serializer[Any]):
    """What would suit better."""

    by = serializers.ChoiceField(choices=["look", "slider", "photo"])
    feature = serializers.CharField()
    text = serializers.CharField()
    reason = AdviceSentenceSerializer()


class AdviceSerializer(serializers.Serializer[Any]):
    """Which headshots suit one profile, best first, and why."""

    profile = serializers.CharField(help_text="as in the list of profiles")
    place = serializers.CharField()
    goal = AdviceSentenceSerializer()
    looks = AdvisedHeadshotSerializer(many=True)
    drawbacks = AdviceSentenceSerializer(many=True)
    confidence = ConfidenceSerializer()
    conflicts = serializers.ListField(
        child=AdviceSentenceSerializer(many=True), help_text="pairs that contradict each other"
    )
    no_effect = AdviceSentenceSerializer(many=True, help_text="studies that found no effect")
    better = ImprovementSerializer(many=True)
    convention = AdviceSentenceSerializer(allow_null=True)
    leave_out = serializers.BooleanField(help_text="a photo is better left out there")


class AdviceList(ApiView):
    """Advise on the headshots of the caller's profiles."""

    @describe_operation(
        "See which headshot suits each of your profiles, with the studies",
        AdviceSerializer(many=True),
        parameters=(AdviceFilter,),
    )
    def get(self, request: ApiRequest) -> Response:
        """Rank the caller's newest headshots for each profile; this list has no pages.

        What a profile shall tell by the caller's own settings counts instead of the proposal.
        """
        filters = {name: value for name, value in request.query_params.items() if value}
        values = validate_data(AdviceFilter, filters)
        saved = advice_settings_of(request.user)
        wishes = Wishes(
            audiences=(values.pop("audience"),),
            verdicts=verdicts_of(request.user),
            own_weights=wishes_of(saved).own_weights if saved else {},
            **values,
        )
        suggestions = suggestions_of(request.user, advisor_of(request.user, wishes))
        return Response([_serialize_suggestion(suggestion) for suggestion in suggestions])


def _serialize_suggestion(suggestion: Suggestion) -> dict[str, Any]:
    """Return the advice for one profile as the schema describes it."""
    details = {
        str(variant.pk): {"variant": str(variant.pk), "look": variant.look}
        for variant in suggestion.variants
    }
    data = advice_to_plain_data(suggestion.advice, load_library(), details)
    return {"profile": suggestion.profile.key, **data}
