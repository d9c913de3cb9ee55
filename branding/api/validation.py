"""Serializer fields without the type conversions of Django REST framework.

Forms convert what people type. A program is helped more by an error at once: "1" is not a number,
1 is not a boolean, and an unknown field is an error instead of being ignored.
"""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.fields import empty


class StrictCharField(serializers.CharField):
    """A JSON string without NUL characters, which PostgreSQL cannot store.

    The validator puts the rule into the schema, too.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators.append(RegexValidator(r"^[^\x00]*$", "Zero bytes are not text."))

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictFloatField(serializers.FloatField):
    """A JSON number; no string, no boolean."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, (int, float)):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    """A JSON number without a fraction; 2.0 is accepted as 2."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, (int, float)) or data != int(data):
            self.fail("invalid")
        return super().to_internal_value(int(data))


class StrictBooleanField(serializers.BooleanField):
    """JSON true or false; no string, no number."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class FormBooleanField(serializers.BooleanField):
    """A boolean in form data: "true" or "false" in upper or lower case, and nothing else."""

    def get_value(self, dictionary: Any) -> Any:
        """Return the text that was sent; the base class would read a missing field as false."""
        return dictionary.get(self.field_name, empty)

    def to_internal_value(self, data: Any) -> bool:
        text = str(data).lower()
        if text not in ("true", "false"):
            self.fail("invalid", input=data)
        return text == "true"


class StrictUUIDField(serializers.UUIDField):
    """A UUID as a JSON string."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class StrictChoiceField(serializers.ChoiceField):
    """One of some strings; no number that looks like one."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown fields, which the base class ignores: a misspelt one would be lost."""

    def to_internal_value(self, data: Any) -> Any:
        """Validate the data if it has no unknown fields."""
        unknown_fields = sorted(set(data) - set(self.fields)) if hasattr(data, "keys") else []
        if unknown_fields:
            raise serializers.ValidationError({name: ["Unknown field."] for name in unknown_fields})
        return super().to_internal_value(data)


def validate_data(serializer_class: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """Return the validated data of a request; ValidationError if a field is wrong."""
    serializer = serializer_class(data=data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
