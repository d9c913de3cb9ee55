"""API view of the settings of the advice: for whom the caller wants to be seen, and as what."""

from typing import Any, Final

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from branding.advice.library import load_library
from branding.advice.models import AdviceSettings
from branding.advice.place_goals import MAX_WEIGHT, PlaceGoals, describe_place
from branding.advice.selectors import advice_settings_of, wishes_of
from branding.advice.services import BadWeights, save_settings
from branding.api.authentication import ApiRequest
from branding.api.schema import IF_MATCH, describe_operation
from branding.api.validation import (
    StrictChoiceField,
    StrictIntegerField,
    StrictSerializer,
    validate_data,
)
from branding.api.views import OwnedDetailView
from integrations.places import all_places
from integrations.selectors import profiles_of

REQUEST_EXAMPLE: Final = {
    "audiences": ["clients"],
    "goals": [{"place": "linkedin", "weights": {"competent": 5, "warm": 2}}],
}
RESPONSE_EXAMPLE: Final = {
    "role": "lawyer",
    "audiences": ["clients"],
    "country": "DE",
    "dress": "suit",
    "taken_by": "other",
    "goals": [{"place": "linkedin", "own": True, "weights": {"competent": 5, "warm": 2}}],
}
WEIGHTS_HELP: Final = f"how much each goal counts, 0 to {MAX_WEIGHT}, by the name of the goal"


class ImpossibleWeights(BadWeights):
    """Weights that the schema allows one by one, and that have no effect together."""

    code = "impossible_weights"


class PlaceGoalsSerializer(serializers.Serializer[Any]):
    """What the profiles at one place shall tell a stranger."""

    place = serializers.CharField(source="place.slug")
    own = serializers.BooleanField(
        source="is_own", help_text="chosen by the caller; else the proposal for their role"
    )
    weights = serializers.SerializerMethodField(help_text=WEIGHTS_HELP)

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_weights(self, entry: PlaceGoals) -> dict[str, int]:
        """Return the weight of each goal by its name."""
        return {goal.slug: goal.weight for goal in entry.goals}


class AdviceSettingsSerializer(serializers.ModelSerializer[AdviceSettings]):
    """For whom the caller wants to be seen, and what each of their profiles shall tell."""

    audiences = serializers.ListField(child=serializers.CharField(), read_only=True)
    goals = serializers.SerializerMethodField(
        help_text="of the places in use, and of those with weights of the caller's own"
    )

    class Meta:
        model = AdviceSettings
        fields = ("role", "audiences", "country", "dress", "taken_by", "goals")
        read_only_fields = fields
        extra_kwargs: Final = {"role": {"help_text": "empty as long as there are no settings"}}

    @extend_schema_field(PlaceGoalsSerializer(many=True))
    def get_goals(self, row: AdviceSettings) -> Any:
        """Return what the profiles at each place shall tell; nothing without a role."""
        if not row.role:
            return []
        wishes = wishes_of(row)
        used = {profile.place.slug for profile in profiles_of(row.owner) if profile.is_in_use}
        places = [
            place
            for slug, place in all_places().items()
            if slug in used or slug in wishes.own_weights
        ]
        return PlaceGoalsSerializer(
            [describe_place(place, wishes) for place in places], many=True
        ).data


class PlaceGoalsChange(StrictSerializer):
    """What the profiles at one place shall tell."""

    place = StrictChoiceField(choices=list(all_places()))
    weights = serializers.DictField(
        child=StrictIntegerField(min_value=0, max_value=MAX_WEIGHT),
        allow_null=True,
        help_text=f"{WEIGHTS_HELP}; goals left out count 0; null returns to the proposal",
    )


class AdviceSettingsChange(StrictSerializer):
    """The fields to change; those left out keep their values, and so do places left out."""

    role = StrictChoiceField(choices=list(load_library().roles), required=False)
    audiences = serializers.ListField(
        child=StrictChoiceField(choices=list(load_library().audiences)), required=False
    )
    country = StrictChoiceField(
        choices=["", *load_library().conventions], required=False, allow_blank=True
    )
    dress = StrictChoiceField(
        choices=AdviceSettings.Dress.choices, required=False, allow_blank=True
    )
    taken_by = StrictChoiceField(
        choices=AdviceSettings.TakenBy.choices, required=False, allow_blank=True
    )
    goals = serializers.ListField(child=PlaceGoalsChange(), required=False)


class AdviceSettingsDetail(OwnedDetailView):
    """Read and change the caller's settings of the advice."""

    serializer_class = AdviceSettingsSerializer

    def get_object(self, pk: Any = None) -> Model:
        """Return the caller's settings; unsaved, empty ones if there are none yet."""
        return advice_settings_of(self.request.user) or AdviceSettings(owner=self.request.user)

    @describe_operation(
        "See for whom you want to be seen, and what each profile shall tell",
        AdviceSettingsSerializer,
        response_example=RESPONSE_EXAMPLE,
    )
    def get(self, request: ApiRequest) -> Response:
        """Return the settings with their ETag."""
        return super().get(request)

    @describe_operation(
        "Change for whom you want to be seen, and what each profile shall tell",
        AdviceSettingsSerializer,
        request=AdviceSettingsChange,
        operation_id="advice_settings_change",
        error_statuses=(409, 412, 415, 422),
        parameters=(IF_MATCH,),
        request_example=REQUEST_EXAMPLE,
        response_example=RESPONSE_EXAMPLE,
    )
    def patch(self, request: ApiRequest) -> Response:
        """Change the fields that are sent; the first time, `role` must be among them."""
        self.require_match(self.get_object())
        changes = validate_data(AdviceSettingsChange, request.data)
        weights = {entry["place"]: entry["weights"] for entry in changes.pop("goals", [])}
        try:
            return self.build_response(save_settings(request.user, changes, weights))
        except BadWeights as error:
            raise ImpossibleWeights(error.message, advice=error.advice) from error
