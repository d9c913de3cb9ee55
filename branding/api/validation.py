"""What programs send, read strictly: a number is a number, and a misspelt field is refused.

Forms are forgiving because people type; programs are helped more by hearing at once.
"""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.fields import empty


class Text(serializers.CharField):
    """A JSON string; the schema says, too, that no database keeps a zero byte in one."""

    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self.validators.append(RegexValidator(r"^[^\x00]*$", "Zero bytes are not text."))

    def to_internal_value(self, data: Any) -> str:
        """As told."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Number(serializers.FloatField):
    """A JSON number."""

    def to_internal_value(self, data: Any) -> float:
        """As told."""
        if isinstance(data, bool) or not isinstance(data, (int, float)):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A JSON number without a fraction."""

    def to_internal_value(self, data: Any) -> int:
        """As told."""
        if isinstance(data, bool) or not isinstance(data, (int, float)) or data != int(data):
            self.fail("invalid")
        return super().to_internal_value(int(data))


class Flag(serializers.BooleanField):
    """true or false."""

    def to_internal_value(self, data: Any) -> bool:
        """As told."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class FormFlag(serializers.BooleanField):
    """true or false as a form says it: in any case, but in no other words and never empty."""

    def get_value(self, dictionary: Any) -> Any:
        """As told, or nothing."""
        return dictionary.get(self.field_name, empty)

    def to_internal_value(self, data: Any) -> bool:
        """As told."""
        word = str(data).lower()
        if word not in ("true", "false"):
            self.fail("invalid", input=data)
        return word == "true"


class Id(serializers.UUIDField):
    """A UUID as text."""

    def to_internal_value(self, data: Any) -> Any:
        """As told."""
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class Pick(serializers.ChoiceField):
    """One of some words."""

    def to_internal_value(self, data: Any) -> Any:
        """As told."""
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class Strict(serializers.Serializer):
    """Refuses fields it does not know: a misspelt one would be lost without a word."""

    def to_internal_value(self, data: Any) -> Any:
        """As told, if every field is known."""
        unknown = sorted(set(data) - set(self.fields)) if hasattr(data, "keys") else []
        if unknown:
            raise serializers.ValidationError(
                {name: ["There is no such field."] for name in unknown}
            )
        return super().to_internal_value(data)


def valid(kind: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """What was told, as this kind of request understands it; ValidationError says what is wrong."""
    told = kind(data=data)
    told.is_valid(raise_exception=True)
    return dict(told.validated_data)
