"""API views of webhooks and of the log of their deliveries."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from branding.api.idempotency import once
from branding.api.models import Scope
from branding.api.schema import ONCE, listing, operation
from branding.api.validation import Pick, Strict, Text, valid
from branding.api.views import Item, Listed, Operation
from branding.webhooks import selectors, services
from branding.webhooks.models import Delivery, Event, Webhook

ASKED = {"url": "https://example.org/facet", "events": ["publication.verified"]}


class WebhookSerializer(serializers.ModelSerializer):
    """An address that is told; its secret only when it is made."""

    events = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Webhook
        fields = ("id", "url", "events", "made_at", "stopped_at")
        read_only_fields = fields


class WebhookMadeSerializer(WebhookSerializer):
    """With the secret that signs its messages: shown this once."""

    secret = serializers.CharField(read_only=True)

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")
        read_only_fields = fields


class WebhookRequest(Strict):
    """Where, and of what."""

    url = Text(max_length=500, min_length=1)
    events = serializers.ListField(
        child=Pick(choices=sorted(set(Event.values) - {Event.TEST.value})),
        min_length=1,
        max_length=20,
    )


class DeliverySerializer(serializers.ModelSerializer):
    """One event for one address, and how telling it went."""

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


class WebhookQuery(Strict):
    """The list of webhooks takes no filters."""


class DeliveryQuery(Strict):
    """Filters of the list of deliveries."""

    webhook = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(choices=Delivery.State.choices, required=False)


class Webhooks(Listed):
    """List the caller's webhooks, or add one."""

    serializer_class = WebhookSerializer
    ordering = ("-made_at",)
    query = WebhookQuery
    scope = Scope.PUBLISH

    def mine(self, owner: Any) -> Any:
        """Select the owner's webhooks."""
        return selectors.webhooks_of(owner)

    @listing("List webhooks", WebhookSerializer(many=True), WebhookQuery)
    def get(self, request: Request) -> Response:
        """Return one page of webhooks."""
        return self.list(request)

    @operation(
        "Add a webhook; its secret is shown this once",
        WebhookMadeSerializer,
        request=WebhookRequest,
        status=201,
        refused=(409, 415, 422),
        asked=ASKED,
    )
    def post(self, request: Request) -> Response:
        """Add a webhook and answer with its signing secret.

        Not idempotent by key: that would store the answer, and with it the secret in plain text.
        """
        told = valid(WebhookRequest, request.data)
        made, secret = services.make_webhook(request.user, told["url"], told["events"])
        made.secret = secret  # only this answer contains it
        data = WebhookMadeSerializer(made).data
        headers = {"Location": f"/api/v1/webhooks/{made.pk}"}
        return Response(data, status=201, headers=headers)


class One(Item):
    """Read or remove one webhook."""

    serializer_class = WebhookSerializer
    scope = Scope.PUBLISH

    def found(self, pk: Any = None) -> Any:
        """Return the caller's webhook with this id."""
        return selectors.webhook_for(self.request.user, pk)

    @operation("See a webhook", WebhookSerializer, refused=(404,))
    def get(self, request: Request, pk: UUID) -> Response:
        """Return the webhook with its ETag."""
        return super().get(request, pk)

    @operation("Remove a webhook and its log", None, status=204, refused=(404,))
    def delete(self, request: Request, pk: UUID) -> Response:
        """Delete the webhook and its deliveries."""
        services.remove_webhook(self.found(pk))
        return Response(status=204)


class Test(Operation):
    """Send a test event to one webhook."""

    scope = Scope.PUBLISH

    @operation("Send a test", DeliverySerializer, status=202, refused=(404,), parameters=(ONCE,))
    @once
    def post(self, request: Request, pk: UUID) -> Response:
        """Queue a test event; its delivery shows how it went."""
        made = services.try_webhook(selectors.webhook_for(request.user, pk))
        return Response(DeliverySerializer(made).data, status=202)


class Deliveries(Listed):
    """List the deliveries of the caller's webhooks."""

    serializer_class = DeliverySerializer
    ordering = ("-happened_at",)
    query = DeliveryQuery

    def mine(self, owner: Any) -> Any:
        """Select the deliveries of the owner's webhooks."""
        return selectors.deliveries_of(owner)

    @listing("List deliveries, newest first", DeliverySerializer(many=True), DeliveryQuery)
    def get(self, request: Request) -> Response:
        """Return one page of deliveries."""
        return self.list(request)


class Replay(Operation):
    """Send one event again."""

    scope = Scope.PUBLISH

    @operation(
        "Tell an event once more, under the same id",
        DeliverySerializer,
        status=202,
        refused=(404, 409),
        parameters=(ONCE,),
    )
    @once
    def post(self, request: Request, pk: UUID) -> Response:
        """Queue the delivery again under the same message id."""
        services.replay(selectors.delivery_for(request.user, pk))
        told = DeliverySerializer(selectors.delivery_for(request.user, pk)).data
        return Response(told, status=202)
