"""Publications, and what a worker does with them."""

from django.utils import timezone

from headshots.storage import pictures
from integrations.connections import tokens
from integrations.models import Publication
from integrations.publishing import deliveries
from integrations.publishing import services as publishing_services
from integrations.selectors import profiles_of
from tests.support.people import jpeg, patches, photo_of, variant_of

ORIGINAL = jpeg(patches(90, side=256))


def headshot(owner, seed=1, **told):
    """A headshot that looks different for every seed."""
    variant = variant_of(owner, photo=photo_of(owner, seed=owner.photos.count()))
    values = {"picture": pictures.keep(owner.pk, patches(seed, side=512)), **told}
    type(variant).objects.filter(pk=variant.pk).update(**values)
    variant.refresh_from_db()
    return variant


def at(connection):
    """The profile of a connection."""
    (found,) = [one for one in profiles_of(connection.owner) if one.connection == connection]
    return found


def ask(connection, seed=1, **told):
    """The publication of a new headshot at an account."""
    (made,) = publishing_services.publish(
        headshot(connection.owner, seed), [at(connection)], **told
    )
    return made


def now_is(one, **values):
    """Update a row directly in the database and reload it."""
    Publication.objects.filter(pk=one.pk).update(**values)
    one.refresh_from_db()
    return one


def due(one):
    return now_is(one, not_before=timezone.now(), touched_at=None)


def work(one):
    """Make a publication due, and send or poll it as a worker does."""
    due(one)
    deliver = deliveries.look if one.is_watched else deliveries.send
    deliver(one.pk, open_client=tokens.client_of)
    one.refresh_from_db()
    return one


def trail(one):
    return [step.target for step in one.steps.all()]
