"""Serializers that several API views share. Their docstrings are part of openapi.yaml."""

from typing import Any, ClassVar, Final

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from branding.api.validation import (
    StrictBooleanField,
    StrictCharField,
    StrictChoiceField,
    StrictFloatField,
    StrictIntegerField,
    StrictSerializer,
    StrictUUIDField,
)
from branding.kits.models import Kit
from branding.public_urls import absolute_url
from headshots.adjustment import ADJUSTMENT_RANGES
from headshots.engine.operations import scenes
from headshots.engine.recipes import built_in_looks
from headshots.models import Render, Variant
from headshots.services import render_sizes
from integrations.models import Choice, Connection
from integrations.places import all_places

KIT_FIELDS: Final = (
    "name",
    "accent",
    "backdrop",
    "scene",
    "light",
    "smile_low",
    "smile_high",
    "industry",
    "audience",
    "changed_at",
)
# Choices of serializer fields.
PLACES: Final = [(place.slug, place.name) for place in all_places().values()]
SCENE_MOODS: Final = [f"{slug}/{mood}" for slug in scenes.scene_library() for mood in scenes.MOODS]


class VariantSerializer(serializers.ModelSerializer[Variant]):
    """A headshot with its state, its measured likeness to the photo and the steps that made it."""

    likeness_words = serializers.CharField(read_only=True)
    done = serializers.ListField(source="done_words", child=serializers.CharField(), read_only=True)
    notes = serializers.ListField(child=serializers.CharField(), read_only=True)
    label = serializers.CharField(read_only=True)  # type: ignore[assignment]  # a field
    discarded = serializers.SerializerMethodField()
    visible_mark = serializers.BooleanField(
        read_only=True, help_text="files are marked as made with AI if the face was painted"
    )
    picture = serializers.SerializerMethodField()

    class Meta:
        model = Variant
        fields = (
            "id",
            "render",
            "photo",
            "parent",
            "label",
            "look",
            "title",
            "state",
            "progress",
            "step",
            "likeness",
            "likeness_words",
            "skin_delta_e",
            "done",
            "notes",
            "source_type",
            "reason",
            "advice",
            "alt_text",
            "made_at",
            "kept",
            "discarded",
            "visible_mark",
            "picture",
        )
        read_only_fields = fields

    def get_discarded(self, variant: Variant) -> bool:
        """Whether it was set aside."""
        return variant.discarded_at is not None

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_picture(self, variant: Variant) -> str | None:
        """Return the address of its picture; None before it is ready."""
        if not variant.is_ready:
            return None
        return absolute_url("api:variant-picture", variant.pk)


class VariantChange(StrictSerializer):
    """The fields to change; those left out keep their values."""

    kept = StrictBooleanField(required=False)
    discarded = StrictBooleanField(required=False)
    alt_text = StrictCharField(required=False, allow_blank=True, max_length=300)
    visible_mark = StrictBooleanField(
        required=False, help_text="mark files as made with AI if the face was painted"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a headshot that would be kept and discarded at once."""
        if attrs.get("kept") and attrs.get("discarded"):
            raise serializers.ValidationError({"kept": ["Either kept or discarded."]})
        return attrs


class AdjustmentSerializer(StrictSerializer):
    """The adjustments; those left out keep their values."""

    backdrop = StrictCharField(
        required=False, max_length=60, help_text="'own', 'paper', 'plain' or a scene 'cafe/evening'"
    )
    wear = StrictCharField(
        required=False,
        allow_blank=True,
        max_length=60,
        help_text="clothes of the wardrobe, 'blazer:navy', or '' for those of the photo",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return one number field for each slider, limited to its range."""
        sliders = {
            name: StrictFloatField(required=False, min_value=low, max_value=high)
            for name, (low, high) in ADJUSTMENT_RANGES.items()
        }
        return {**sliders, **super().get_fields()}


class RenderSerializer(serializers.ModelSerializer[Render]):
    """A set of headshots that are rendered together, and its progress."""

    photos: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    finished = serializers.BooleanField(source="is_finished", read_only=True)
    variants = VariantSerializer(many=True, read_only=True)

    class Meta:
        model = Render
        fields = (
            "id",
            "kind",
            "photos",
            "size",
            "seed",
            "created_at",
            "finished_at",
            "finished",
            "variants",
        )
        read_only_fields = fields


class RenderRequest(StrictSerializer):
    """The looks and photos of a new render."""

    photos = serializers.ListField(
        child=StrictUUIDField(),
        min_length=1,
        max_length=12,
        help_text="the most suitable one is used for each look",
    )
    looks = serializers.ListField(
        child=StrictChoiceField(choices=sorted(built_in_looks())),
        required=False,
        min_length=1,
        max_length=20,
        help_text="all of them if left out",
    )
    seed = StrictIntegerField(default=0, min_value=0, max_value=1_000_000)
    size = StrictIntegerField(
        default=render_sizes.FULL_SIZE,
        min_value=render_sizes.SMALL_SIZE,
        max_value=render_sizes.LARGE_SIZE,
        help_text="pixels a side, at most; headshots of photos with fewer pixels are smaller",
    )
    kit = StrictBooleanField(default=True, help_text="whether the brand kit is applied")


class KitSerializer(serializers.ModelSerializer[Kit]):
    """The brand kit."""

    changed_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="null if the kit was never saved"
    )

    class Meta:
        model = Kit
        fields = KIT_FIELDS
        read_only_fields = fields


class KitChange(StrictSerializer):
    """The fields to change; those left out keep their values."""

    name = StrictCharField(required=False, allow_blank=True, max_length=80)
    accent = serializers.RegexField(
        r"^(#[0-9a-fA-F]{6})?$",
        required=False,
        allow_blank=True,
        help_text="a colour such as '#0B6E4F', or empty",
    )
    backdrop = StrictChoiceField(choices=Kit.Backdrop.choices, required=False, allow_blank=True)
    scene = StrictChoiceField(choices=["", *SCENE_MOODS], required=False, allow_blank=True)
    light = StrictChoiceField(choices=Kit.Light.choices, required=False, allow_blank=True)
    smile_low = StrictFloatField(required=False, min_value=-1, max_value=1)
    smile_high = StrictFloatField(required=False, min_value=-1, max_value=1)
    industry = StrictChoiceField(choices=Kit.Industry.choices, required=False, allow_blank=True)
    audience = StrictChoiceField(choices=Kit.Audience.choices, required=False, allow_blank=True)


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    """A connected account; its tokens are never shown."""

    class Meta:
        model = Connection
        fields = (
            "id",
            "slug",
            "server",
            "account_name",
            "account_url",
            "state",
            "reason",
            "connected_at",
            "looked_at",
        )
        read_only_fields = fields


class ChoiceSerializer(serializers.ModelSerializer[Choice]):
    """The headshot chosen for a profile, and when."""

    class Meta:
        model = Choice
        fields = ("id", "place", "connection", "variant", "chosen_at", "current")
        read_only_fields = fields


class ChoiceRequest(StrictSerializer):
    """Choose a headshot for some places, or for single accounts."""

    variant = StrictUUIDField()
    places = serializers.ListField(
        child=StrictChoiceField(choices=PLACES), default=list, max_length=60
    )
    connections = serializers.ListField(child=StrictUUIDField(), default=list, max_length=60)


@extend_schema_serializer(component_name="Frame")
class PlaceSerializer(serializers.Serializer[Any]):
    """A place and how it shows pictures."""

    slug = serializers.CharField()
    name = serializers.CharField()
    shape = serializers.ChoiceField(choices=["circle", "rounded", "square"])
    pixels = serializers.IntegerField()
    max_bytes = serializers.IntegerField()
    form = serializers.CharField()
    shown = serializers.ListField(child=serializers.IntegerField())
    page = serializers.CharField(allow_blank=True, help_text="where a person changes the picture")
    by_hand = serializers.BooleanField(help_text="whether no program can set the picture there")
    why = serializers.CharField(allow_blank=True, help_text="why only a person can set it")
    steps = serializers.CharField(allow_blank=True, help_text="the steps that a person takes there")


class ProfileSerializer(serializers.Serializer[Any]):
    """An account or a place of the person, and what is chosen for it."""

    place = serializers.CharField(source="place.slug")
    name = serializers.CharField()
    connection = ConnectionSerializer(allow_null=True)
    choice = ChoiceSerializer(allow_null=True)


class LookSerializer(serializers.Serializer[Any]):
    """One look."""

    slug = serializers.CharField()
    title = serializers.CharField()
    feel = serializers.CharField(help_text="the impression that this look is made for")


class SceneSerializer(serializers.Serializer[Any]):
    """A scene with its moods."""

    slug = serializers.CharField()
    name = serializers.CharField()
    moods: ClassVar[Any] = serializers.ListField(child=serializers.CharField())


class TokenSerializer(serializers.Serializer[Any]):
    """The account and the scopes of the token."""

    email = serializers.EmailField()
    scopes = serializers.ListField(child=serializers.CharField())
    photo_count = serializers.IntegerField()
    variant_count = serializers.IntegerField()
