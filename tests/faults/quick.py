"""What processes of these tests are told besides their settings: many accounts at one server."""

from dataclasses import replace
from datetime import timedelta

from integrations.connections import tokens
from integrations.platforms import registry
from integrations.publishing import rate_limits

SLUG = "mastodon"


def hurry(slug=SLUG):
    """No pause between two accounts of the same server, and no long wait for anything."""
    adapter = registry.adapter(slug)
    adapter.platform = replace(adapter.platform, per_minute=10**7)
    tokens.HOLD = timedelta(seconds=2)
    rate_limits.LONGEST = 3.0


def account(index):
    """The name of an account; the order of the names is that of the numbers."""
    return f"account-{index:05}"
