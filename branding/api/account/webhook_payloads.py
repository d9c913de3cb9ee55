"""The messages that webhooks receive, for the `webhooks` section of the schema."""

from typing import Any, Final

from drf_spectacular.utils import (
    OpenApiResponse,
    OpenApiWebhook,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from branding.webhooks.models import EventType
from headshots.models import Render

ACKNOWLEDGEMENTS: Final = {
    "2XX": OpenApiResponse(description="Received. Any other status is repeated for almost a day."),
    410: OpenApiResponse(description="Nobody listens here any more; the webhook is stopped."),
}


class RenderFinishedData(serializers.Serializer[Any]):
    """A set of headshots is finished."""

    render = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Render.Kind.choices)


class PublicationStepData(serializers.Serializer[Any]):
    """A picture arrived at a profile, or did not."""

    publication = serializers.UUIDField()
    batch = serializers.UUIDField()
    place = serializers.CharField()
    connection = serializers.UUIDField(allow_null=True)
    variant = serializers.UUIDField(allow_null=True)
    code = serializers.CharField(allow_blank=True)
    words = serializers.CharField(allow_blank=True, help_text="what happened, for people")


class ScheduleQuestionData(serializers.Serializer[Any]):
    """A schedule asks before it publishes."""

    run = serializers.UUIDField()
    schedule = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    decide_by = serializers.DateTimeField(allow_null=True)
    answer_url = serializers.URLField()


class JuryTurnData(serializers.Serializer[Any]):
    """People who were asked about headshots have decided, or the question ended."""

    jury = serializers.UUIDField(help_text="its result is at /api/v1/juries/{id}")
    render = serializers.UUIDField()
    question = serializers.CharField()


class ConnectionEndingData(serializers.Serializer[Any]):
    """The permission of a platform ends soon."""

    connection = serializers.UUIDField()
    platform = serializers.CharField()
    ends_at = serializers.DateTimeField(allow_null=True)
    days = serializers.IntegerField()


class WebhookTestData(serializers.Serializer[Any]):
    """A test that was asked for."""

    hello = serializers.CharField()


DATA_BY_EVENT: Final[dict[EventType, type[serializers.Serializer[Any]]]] = {
    EventType.RENDER: RenderFinishedData,
    EventType.VERIFIED: PublicationStepData,
    EventType.FAILED: PublicationStepData,
    EventType.NEEDS_YOU: PublicationStepData,
    EventType.DRIFTED: PublicationStepData,
    EventType.ASKS: ScheduleQuestionData,
    EventType.DECIDED: JuryTurnData,
    EventType.ENDED: JuryTurnData,
    EventType.ENDING: ConnectionEndingData,
    EventType.TEST: WebhookTestData,
}


def _describe_message(event: EventType) -> OpenApiWebhook:
    """Return the description of the message of one event."""
    camel_name = event.value.title().replace(".", "").replace("_", "")
    message = inline_serializer(
        f"{camel_name}Message",
        {
            "type": serializers.ChoiceField(choices=[event.value]),
            "timestamp": serializers.DateTimeField(help_text="when it happened"),
            "data": DATA_BY_EVENT[event](),
        },
    )
    return OpenApiWebhook(
        event.value,
        extend_schema(
            operation_id=event.value.replace(".", "_"),
            summary=str(event.label).capitalize(),
            description=DATA_BY_EVENT[event].__doc__,
            tags=["webhooks"],
            request={"application/json": message},
            responses=ACKNOWLEDGEMENTS,
        ),
    )


MESSAGES: Final = [_describe_message(event) for event in EventType]
