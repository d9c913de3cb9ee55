"""Webhooks: events are sent to other programs, signed and retried, and can be replayed."""
