"""The models of the integrations app."""

from integrations.models.choices import AvatarAddress, Choice, EmailHash, new_token
from integrations.models.connections import Connection, Grant, Handshake, Registration
from integrations.models.handoffs import HandOff, PublicName, linked
from integrations.models.publications import RECEIPT, Attempt, Backup, Bucket, Publication
from integrations.models.schedules import CalendarAddress, Piece, Run, Schedule, wall_of
from integrations.models.sealed import Sealed, vault

__all__ = [
    "RECEIPT",
    "Attempt",
    "AvatarAddress",
    "Backup",
    "Bucket",
    "CalendarAddress",
    "Choice",
    "Connection",
    "EmailHash",
    "Grant",
    "HandOff",
    "Handshake",
    "Piece",
    "PublicName",
    "Publication",
    "Registration",
    "Run",
    "Schedule",
    "Sealed",
    "linked",
    "new_token",
    "vault",
    "wall_of",
]
