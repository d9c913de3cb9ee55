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


def headshot(owner, seed=1, **fields):
    """A headshot that looks different for every seed."""
    variant = variant_of(owner, photo=photo_of(owner, seed=owner.photos.count()))
    values = {"picture": pictures.store_picture(owner.pk, patches(seed, side=512)), **fields}
    type(variant).objects.filter(pk=variant.pk).update(**values)
    variant.refresh_from_db()
    return variant


def profile_of(connection):
    """The profile of a connection."""
    (profile,) = [
        candidate
        for candidate in profiles_of(connection.owner)
        if candidate.connection == connection
    ]
    return profile


def publish_headshot(connection, seed=1, **options):
    """The publication of a new headshot at an account."""
    (publication,) = publishing_services.publish_variant(
        headshot(connection.owner, seed), [profile_of(connection)], **options
    )
    return publication


def update_row(row, **values):
    """Update a row directly in the database and reload it."""
    Publication.objects.filter(pk=row.pk).update(**values)
    row.refresh_from_db()
    return row


def make_due(publication):
    return update_row(publication, not_before=timezone.now(), touched_at=None)


def run_worker(publication):
    """Make a publication due, and send or poll it as a worker does."""
    make_due(publication)
    deliver = deliveries.poll_publication if publication.is_watched else deliveries.send_publication
    deliver(publication.pk, open_client=tokens.open_client)
    publication.refresh_from_db()
    return publication


def step_targets(publication):
    return [step.target for step in publication.steps.all()]
