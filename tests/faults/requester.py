"""Creates publications on command: each input line is `publish COUNT` or `schedule COUNT`.

`python -m tests.faults.requester SERVER ACCOUNTS`
"""

import sys
from dataclasses import asdict
from datetime import UTC, timedelta

import django

django.setup()

from django.db import connections
from django.utils import timezone

from integrations import recurrence
from integrations.auth.flow import Tokens
from integrations.connections.sign_in_setup import build_redirect_uri
from integrations.models import (
    Connection,
    Grant,
    Publication,
    Registration,
    Schedule,
    ScheduledItem,
)
from integrations.publishing import services as publishing_services
from integrations.recurrence import Rule
from integrations.scheduling import services as scheduling_services
from integrations.selectors import profiles_of
from tests.faults.rate_limits import SLUG, account_name, remove_rate_limits
from tests.support.people import person, variant_of

MINUTE = timedelta(minutes=1)


def main(server, accounts):
    remove_rate_limits()
    variant = prepare_accounts(server, int(accounts))
    profiles = [profile for profile in profiles_of(variant.owner) if profile.connection]
    print("ready", flush=True)
    for line in sys.stdin:
        action, count = line.split()
        batch, profiles = profiles[: int(count)], profiles[int(count) :]
        connections.close_all()  # the database may have been restarted
        (create_due_schedules if action == "schedule" else publishing_services.publish_variant)(
            variant, batch
        )
        print(len(batch), flush=True)


def create_due_schedules(variant, profiles):
    """Create a schedule for each profile, all due now."""
    this_minute = timezone.now().replace(second=0, microsecond=0, tzinfo=None)
    ahead, past = (Rule(this_minute + step, "UTC") for step in (2 * MINUTE, -MINUTE))
    due = past.start.replace(tzinfo=UTC)
    for profile in profiles:
        schedule_spec = scheduling_services.ScheduleSpec(
            Schedule.Kind.DATE,
            ahead,
            items=(ScheduledItem(str(variant.pk)),),
            profiles=(profile.key,),
        )
        schedule = scheduling_services.create_schedule(variant.owner, schedule_spec)
        Schedule.objects.filter(pk=schedule.pk).update(
            rule=recurrence.rule_to_dict(past),
            counted_from=due - MINUTE,
            due_at=due,
            next_run_at=due,
        )


def prepare_accounts(server, accounts):
    """Create a user with a headshot and with accounts whose tokens have to be refreshed first."""
    alice = person()
    app = Registration(
        platform=SLUG, server=server, redirect_uri=build_redirect_uri(SLUG), client_id="facet"
    )
    app.seal({"secret": "a secret"})
    app.save()
    for index in range(accounts):
        name = account_name(index)
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
