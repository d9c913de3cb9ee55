"""What processes of these tests are told besides their settings: many accounts at one server."""

from dataclasses import replace
from datetime import timedelta

from integrations import registry
from integrations.services import grants, pace

SLUG = "mastodon"


def hurry(slug=SLUG):
    """No pause between two accounts of the same server, and no long wait for anything."""
    adapter = registry.adapter(slug)
    adapter.platform = replace(adapter.platform, per_minute=10**7)
    grants.HOLD = timedelta(seconds=2)
    pace.LONGEST = 3.0


def account(index):
    """The name of an account; the order of the names is that of the numbers."""
    return f"account-{index:05}"
