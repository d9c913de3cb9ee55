"""Serializers of photos. Their docstrings are part of openapi.yaml."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from branding.api.validation import (
    FormBooleanField,
    StrictIntegerField,
    StrictSerializer,
)
from branding.public_urls import absolute_url
from headshots.models import Photo


class CheckSerializer(serializers.Serializer[Any]):
    """The result of one check of a photo."""

    name = serializers.CharField()
    ok = serializers.BooleanField()
    value = serializers.FloatField()
    limit = serializers.FloatField()
    advice = serializers.CharField(allow_blank=True)
    blocking = serializers.BooleanField()
    problem = serializers.CharField(allow_blank=True, default="")


class PredictionSerializer(serializers.Serializer[Any]):
    """What a photo will give, known as soon as it was looked at."""

    sentence = serializers.CharField(help_text="how many headshots, and why not all")
    total = serializers.IntegerField(help_text="looks that there are")
    looks = serializers.ListField(child=serializers.CharField(), help_text="looks it will give")
    own_background = serializers.ListField(
        child=serializers.CharField(), help_text="of them, those that keep the photo's background"
    )
    needs_smile = serializers.ListField(
        child=serializers.CharField(), help_text="of them, those that need a photo with a smile"
    )
    fix = serializers.ChoiceField(
        choices=["", "turn", "choose_face"], help_text="what can be done about it"
    )
    degrees = serializers.IntegerField(help_text="to the left, for `turn`")


class FaceBoxSerializer(serializers.Serializer[Any]):
    """Where a face is in a photo, as shares of the photo's width and height from the top left."""

    left = serializers.FloatField(min_value=0, max_value=1)
    top = serializers.FloatField(min_value=0, max_value=1)
    width = serializers.FloatField(min_value=0, max_value=1)
    height = serializers.FloatField(min_value=0, max_value=1)


class PhotoSerializer(serializers.ModelSerializer[Photo]):
    """A photo with its checks."""

    checks = CheckSerializer(many=True, read_only=True)
    prediction = PredictionSerializer(read_only=True, allow_null=True)
    faces = serializers.SerializerMethodField(
        help_text="all faces in the photo, largest first; null until they are known"
    )
    face = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="index in `faces` of the chosen face; null for the largest, if it dominates",
    )
    person = serializers.UUIDField(
        read_only=True, allow_null=True, help_text="the same for photos of one person"
    )
    consented_at = serializers.DateTimeField(
        read_only=True,
        allow_null=True,
        help_text="when its uploader confirmed that it shows them, or somebody who allows it",
    )
    consent_version = serializers.CharField(
        read_only=True, help_text="version of the words by which they did; empty for samples"
    )
    picture = serializers.SerializerMethodField()

    class Meta:
        model = Photo
        fields = (
            "id",
            "name",
            "width",
            "height",
            "professional",
            "added_at",
            "consented_at",
            "consent_version",
            "state",
            "checks",
            "prediction",
            "faces",
            "face",
            "person",
            "code",
            "message",
            "advice",
            "picture",
        )
        read_only_fields = fields

    @extend_schema_field(FaceBoxSerializer(many=True, allow_null=True))
    def get_faces(self, photo: Photo) -> list[dict[str, float]] | None:
        """Return the boxes of the faces by the names of their sides."""
        if photo.faces is None:
            return None
        return [
            dict(zip(("left", "top", "width", "height"), box, strict=True)) for box in photo.faces
        ]

    @extend_schema_field(serializers.URLField())
    def get_picture(self, photo: Photo) -> str:
        """Return the address of its picture."""
        return absolute_url("api:photo-picture", photo.pk)


class PhotoUpload(StrictSerializer):
    """One photo, as a part of multipart/form-data."""

    file = serializers.FileField(help_text="JPEG, PNG, WebP or HEIC")
    professional = FormBooleanField(
        default=False, help_text="taken by a photographer: may be used untouched"
    )


class PhotoChange(StrictSerializer):
    """What can be changed of a photo."""

    face = StrictIntegerField(min_value=0, help_text="index in `faces` of the face to use")
