"""The models of the integrations app."""

from integrations.models.certificates import KnownCertificate
from integrations.models.choices import AvatarAddress, Choice, EmailHash, new_token
from integrations.models.connections import Connection, Grant, Handshake, Registration
from integrations.models.handoffs import HandOff, PublicName, unsign_handoff_link
from integrations.models.publications import STATE_LABELS, Attempt, Backup, Bucket, Publication
from integrations.models.recognition import RecognizableHeadshot
from integrations.models.schedules import (
    CalendarAddress,
    Run,
    Schedule,
    ScheduledItem,
    format_wall_time,
)
from integrations.models.sealed import Sealed, get_vault

__all__ = [
    "STATE_LABELS",
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
    "KnownCertificate",
    "PublicName",
    "Publication",
    "RecognizableHeadshot",
    "Registration",
    "Run",
    "Schedule",
    "ScheduledItem",
    "Sealed",
    "format_wall_time",
    "get_vault",
    "new_token",
    "unsign_handoff_link",
]
