"""Gives the connection to PostgreSQL back to its pool while another server is waited for.

A process has few connections, and a platform may take as long as the limits of `OutboundClient`
allow: people whose platform is slow must not keep everybody else from the database.
"""

from django.db import connection

from integrations.outbound import http_adapter


def give_back_connection() -> None:
    """Close this thread's connection unless a transaction needs it; the next query opens one."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        connection.close()


http_adapter.before_calls.append(give_back_connection)
