"""Queries for webhooks and their deliveries, always by their owner."""

from uuid import UUID

from django.db.models import QuerySet

from branding.accounts.models import User
from branding.webhooks.models import Delivery, Webhook


def webhooks_of(owner: User) -> QuerySet[Webhook]:
    """Return the owner's webhooks."""
    return Webhook.objects.filter(owner=owner).defer("sealed")


def webhook_for(owner: User, pk: UUID) -> Webhook:
    """Return one webhook; Webhook.DoesNotExist if it is not this owner's."""
    return webhooks_of(owner).get(pk=pk)


def deliveries_of(owner: User) -> QuerySet[Delivery]:
    """Return the deliveries of the owner's webhooks, newest first."""
    deliveries = Delivery.objects.filter(webhook__owner=owner)
    return deliveries.select_related("webhook").defer("webhook__sealed")


def delivery_for(owner: User, pk: UUID) -> Delivery:
    """Return one delivery; Delivery.DoesNotExist if it is not this owner's."""
    return deliveries_of(owner).get(pk=pk)
