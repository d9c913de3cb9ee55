"""A person with many accounts who asks for as many publications as each line of its input says.

`python -m tests.faults.asking SERVER ACCOUNTS`
"""

import sys
from dataclasses import asdict

import django

django.setup()

from django.utils import timezone  # noqa: E402

from integrations.models import Connection, Grant, Publication, Registration  # noqa: E402
from integrations.oauth.flow import Tokens  # noqa: E402
from integrations.selectors import profiles_of  # noqa: E402
from integrations.services import publications  # noqa: E402
from integrations.services.ways import redirect_uri  # noqa: E402
from tests.faults.quick import SLUG, account, hurry  # noqa: E402
from tests.people import person, variant_of  # noqa: E402


def main(server, accounts):
    hurry()
    variant = prepare(server, int(accounts))
    profiles = [one for one in profiles_of(variant.owner) if one.connection]
    print("ready", flush=True)
    for line in sys.stdin:
        many, profiles = profiles[: int(line)], profiles[int(line) :]
        publications.publish(variant, many)
        print(len(many), flush=True)


def prepare(server, accounts):
    """Alice, her headshot, and accounts whose tokens have to be renewed before anything."""
    alice = person()
    app = Registration(
        platform=SLUG, server=server, redirect_uri=redirect_uri(SLUG), client_id="facet"
    )
    app.seal({"secret": "a secret"})
    app.save()
    for index in range(accounts):
        name = account(index)
        connection = Connection.objects.create(
            owner=alice,
            slug=SLUG,
            server=server,
            account_id=name,
            account_name=name,
            facts={"software": "mastodon", "version": "4.3.2"},
        )
        past = timezone.now()
        grant = Grant(connection=connection, refresh_at=past, expires_at=past)
        tokens = Tokens(access="old", refresh=name)
        grant.seal({"tokens": asdict(tokens), "remembered": {"auth": {}}})
        grant.save()
    return variant_of(alice)


def is_published(pk):
    return Publication.objects.get(pk=pk).state == "published"


if __name__ == "__main__":
    main(*sys.argv[1:])
