"""The rows of integrations, each kind in a module of its own."""

from integrations.models.choices import AvatarAddress, Choice, new_token
from integrations.models.connections import Connection, Grant, Handshake, Registration
from integrations.models.sealed import Sealed, vault

__all__ = [
    "AvatarAddress",
    "Choice",
    "Connection",
    "Grant",
    "Handshake",
    "Registration",
    "Sealed",
    "new_token",
    "vault",
]
