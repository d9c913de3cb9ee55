"""Reading webhooks and their log, owner first."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from branding.webhooks.models import Delivery, Webhook

Owner = Any  # a settings.AUTH_USER_MODEL


def webhooks_of(owner: Owner) -> QuerySet[Webhook]:
    """Every webhook."""
    return Webhook.objects.filter(owner=owner).defer("sealed")


def webhook_for(owner: Owner, pk: UUID) -> Webhook:
    """One webhook; Webhook.DoesNotExist if it is not this owner's."""
    return webhooks_of(owner).get(pk=pk)


def deliveries_of(owner: Owner) -> QuerySet[Delivery]:
    """Everything that was told or is to be, newest first."""
    mine = Delivery.objects.filter(webhook__owner=owner)
    return mine.select_related("webhook").defer("webhook__sealed")


def delivery_for(owner: Owner, pk: UUID) -> Delivery:
    """One delivery; Delivery.DoesNotExist if it is not this owner's."""
    return deliveries_of(owner).get(pk=pk)
