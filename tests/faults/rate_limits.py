"""Removes the rate limits of one platform, for tests with many accounts on one server."""

from dataclasses import replace
from datetime import timedelta

from integrations.connections import tokens
from integrations.platforms import registry
from integrations.publishing import rate_limits

SLUG = "mastodon"


def remove_rate_limits(slug=SLUG):
    """Remove the limit of requests a minute, and shorten the waits for locks and limits."""
    adapter = registry.get_adapter(slug)
    adapter.platform = replace(adapter.platform, per_minute=10**7)
    tokens.REFRESH_LEASE = timedelta(seconds=2)
    rate_limits.MAX_BACKOFF_SECONDS = 3.0


def account_name(index):
    """The name of an account; names sort like their numbers."""
    return f"account-{index:05}"
