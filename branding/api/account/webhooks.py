"""API views of webhooks and of the log of their deliveries."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.accounts.models import User
from branding.api.authentication import ApiRequest
from branding.api.idempotency import idempotent
from branding.api.models import Scope
from branding.api.schema import IDEMPOTENCY_KEY, describe_list, describe_operation
from branding.api.validation import (
    StrictCharField,
    StrictChoiceField,
    StrictSerializer,
    validate_data,
)
from branding.api.views import ApiView, OwnedDetailView, OwnedListView
from branding.webhooks import selectors, services
from branding.webhooks.models import Delivery, EventType, Webhook

REQUEST_EXAMPLE = {"url": "https://example.org/facet", "events": ["publication.verified"]}


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """An address that receives events."""

    events = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = ("id", "url", "events", "made_at", "stopped_at")
        read_only_fields = fields


class WebhookMadeSerializer(WebhookSerializer):
    """A new webhook with its signing secret, which is shown only once."""

    secret = serializers.CharField(read_only=True)

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")
        read_only_fields = fields


class WebhookRequest(StrictSerializer):
    """The address and the events of a new webhook."""

    url = StrictCharField(max_length=500, min_length=1)
    events = serializers.ListField(
        child=StrictChoiceField(choices=sorted(set(EventType.values) - {EventType.TEST.value})),
        min_length=1,
        max_length=20,
    )


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One event for one webhook, and how its delivery went."""

    words = serializers.CharField(source="message", read_only=True)

    class Meta:
        model = Delivery
        fields = (
            "id",
            "webhook",
            "event",
            "payload",
            "state",
            "attempts",
            "status",
            "words",
            "happened_at",
            "done_at",
        )
        read_only_fields = fields


class WebhookFilter(StrictSerializer):
    """The list of webhooks takes no filters."""


class DeliveryFilter(StrictSerializer):
    """Filters of the list of deliveries."""

    webhook = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(choices=Delivery.State.choices, required=False)


class WebhookList(OwnedListView):
    """List the caller's webhooks, or add one."""

    needs_recent_sign_in = True
    serializer_class = WebhookSerializer
    ordering = ("-made_at",)
    filter_class = WebhookFilter
    scope = Scope.PUBLISH

    def select_owned(self, owner: User) -> Any:
        """Select the owner's webhooks."""
        return selectors.webhooks_of(owner)

    @describe_list("List webhooks", WebhookSerializer(many=True), WebhookFilter)
    def get(self, request: Request) -> Response:
        """Return one page of webhooks."""
        return self.list(request)

    @describe_operation(
        "Add a webhook",
        WebhookMadeSerializer,
        request=WebhookRequest,
        status=201,
        error_statuses=(409, 415, 422),
        request_example=REQUEST_EXAMPLE,
    )
    def post(self, request: ApiRequest) -> Response:
        """Add a webhook and answer with its signing secret.

        Not idempotent by key: that would store the answer, and with it the secret in plain text.
        """
        validated_data = validate_data(WebhookRequest, request.data)
        webhook, secret = services.create_webhook(
            request.user, validated_data["url"], validated_data["events"]
        )
        data = {**WebhookSerializer(webhook).data, "secret": secret}  # only this answer has it
        headers = {"Location": f"/api/v1/webhooks/{webhook.pk}"}
        return Response(data, status=201, headers=headers)


class WebhookDetail(OwnedDetailView):
    """Read or remove one webhook."""

    needs_recent_sign_in = True
    serializer_class = WebhookSerializer
    scope = Scope.PUBLISH

    def get_object(self, pk: Any = None) -> Any:
        """Return the caller's webhook with this id."""
        return selectors.webhook_for(self.request.user, pk)

    @describe_operation("See a webhook", WebhookSerializer, error_statuses=(404,))
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        """Return the webhook with its ETag."""
        return super().get(request, pk)

    @describe_operation("Remove a webhook and its log", None, status=204, error_statuses=(404,))
    def delete(self, request: ApiRequest, pk: UUID) -> Response:
        """Delete the webhook and its deliveries."""
        services.delete_webhook(self.get_object(pk))
        return Response(status=204)


class WebhookTest(ApiView):
    """Send a test event to one webhook."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Send a test event",
        DeliverySerializer,
        status=202,
        error_statuses=(404,),
        parameters=(IDEMPOTENCY_KEY,),
    )
    @idempotent
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Queue a test event; its delivery shows how it went."""
        delivery = services.send_test_event(selectors.webhook_for(request.user, pk))
        return Response(DeliverySerializer(delivery).data, status=202)


class DeliveryList(OwnedListView):
    """List the deliveries of the caller's webhooks."""

    serializer_class = DeliverySerializer
    ordering = ("-happened_at",)
    filter_class = DeliveryFilter

    def select_owned(self, owner: User) -> Any:
        """Select the deliveries of the owner's webhooks."""
        return selectors.deliveries_of(owner)

    @describe_list("List deliveries, newest first", DeliverySerializer(many=True), DeliveryFilter)
    def get(self, request: Request) -> Response:
        """Return one page of deliveries."""
        return self.list(request)


class DeliveryReplay(ApiView):
    """Send one event again."""

    scope = Scope.PUBLISH

    @describe_operation(
        "Deliver an event again, under the same id",
        DeliverySerializer,
        status=202,
        error_statuses=(404, 409),
        parameters=(IDEMPOTENCY_KEY,),
    )
    @idempotent
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        """Queue the delivery again under the same message id."""
        services.replay_delivery(selectors.delivery_for(request.user, pk))
        data = DeliverySerializer(selectors.delivery_for(request.user, pk)).data
        return Response(data, status=202)
