"""Bluesky and every atproto server: the picture is a blob that the profile record names.

https://docs.bsky.app/docs/api/com-atproto-repo-put-record: it replaces the whole record, so the
record is read, one field changed, and written only if nobody wrote meanwhile (`swapRecord`).
"""

from datetime import date
from typing import Any, Final

from integrations.errors import Unavailable
from integrations.outbound.responses import Oddity
from integrations.platforms.base import (
    Adapter,
    AppPassword,
    Atproto,
    Client,
    Field,
    Identity,
    Picture,
    Platform,
    Readback,
    Receipt,
    Rendition,
    Slot,
    UserHost,
)

PROFILE: Final = "app.bsky.actor.profile"


class Bluesky(Adapter):
    platform = Platform(
        slug="bluesky",
        name="Bluesky",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://atproto.com/specs/oauth",
        endpoint="POST /xrpc/com.atproto.repo.putRecord",
        server=UserHost(example="alice.bsky.social", default="bsky.social"),
        auth=(
            Atproto(
                scopes=("atproto", f"repo:{PROFILE}?action=create&action=update", "blob:image/*")
            ),
            AppPassword(
                fields=(Field("handle", "Handle"), Field("password", "App password", True)),
                page="https://bsky.app/settings/app-passwords",
                steps="Settings, Privacy and security, App passwords, Add App Password.",
            ),
        ),
        asks="To upload pictures and to change your profile record; nothing else.",
        slots=(Slot(pixels=1000, max_bytes=980_000, formats=("jpeg", "png")),),
        readback=Readback.EXACT,
        page="https://bsky.app/settings",
        warning="An app password can do almost everything; signing in there asks for the profile "
        "and its picture only.",
        # Somebody wrote the record between our reading and our writing: nothing was changed.
        oddities=(Oddity(400, '"error":"InvalidSwap"', Unavailable),),
    )

    def identify(self, client: Client) -> Identity:
        did = client.facts["did"]
        got = client.get("/xrpc/com.atproto.repo.describeRepo", params={"repo": did})
        url = f"https://bsky.app/profile/{got['handle']}"
        return Identity(did, f"@{got['handle']}", url)

    def current(self, client: Client, slot: Slot) -> Picture | None:
        link = _link(_value(_record(client)).get("avatar"))
        at = f"/xrpc/com.atproto.sync.getBlob?did={client.facts['did']}&cid={link}"
        return Picture(key=link, url=client.at(at)) if link else None

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        there = _record(client)
        blob = client.post(
            "/xrpc/com.atproto.repo.uploadBlob",
            data=rendition.data,
            headers={"Content-Type": rendition.media_type},
        )["blob"]
        _write(client, there, {**_value(there), "avatar": blob})
        return Receipt(key=_link(blob))

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
            return
        there = _record(client)
        _write(client, there, {k: v for k, v in _value(there).items() if k != "avatar"})


def _record(client: Client) -> Any:
    """The profile record with its content's name; empty if there is none."""
    asked = {"repo": client.facts["did"], "collection": PROFILE, "limit": 1}
    records = client.get("/xrpc/com.atproto.repo.listRecords", params=asked)["records"]
    return records[0] if records else {}


def _value(record: Any) -> Any:
    """Name, words and everything else in the profile, to stay as they are."""
    return record["value"] if record else {"$type": PROFILE}


def _write(client: Client, there: Any, value: Any) -> None:
    client.post(
        "/xrpc/com.atproto.repo.putRecord",
        json={
            "repo": client.facts["did"],
            "collection": PROFILE,
            "rkey": "self",
            "record": value,
            "swapRecord": there.get("cid"),
        },
    )


def _link(blob: Any) -> str:
    return blob["ref"]["$link"] if blob else ""
