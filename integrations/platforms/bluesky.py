"""Bluesky and other atproto servers, where the profile record refers to the picture as a blob.

https://docs.bsky.app/docs/api/com-atproto-repo-put-record: a write replaces the whole record, so
the record is read first and written back with one field changed. `swapRecord` makes the server
refuse the write if somebody else changed the record in between.
"""

from datetime import date
from typing import Any, Final

from integrations.errors import Unauthorized, Unavailable
from integrations.platforms import base

PROFILE_COLLECTION: Final = "app.bsky.actor.profile"


class Bluesky(base.PlatformAdapter):
    platform = base.Platform(
        slug="bluesky",
        name="Bluesky",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://atproto.com/specs/oauth",
        endpoint="POST /xrpc/com.atproto.repo.putRecord",
        server=base.UserNamedServer(example="alice.bsky.social", default="bsky.social"),
        auth=(
            base.AtprotoOAuth(
                scopes=(
                    "atproto",
                    f"repo:{PROFILE_COLLECTION}?action=create&action=update",
                    "blob:image/*",
                )
            ),
            base.AppPassword(
                fields=(
                    base.CredentialField("handle", "Handle"),
                    base.CredentialField("password", "App password", True),
                ),
                page="https://bsky.app/settings/app-passwords",
                steps="Settings, Privacy and security, App passwords, Add App Password.",
            ),
        ),
        asks="To upload pictures and to change your profile record; nothing else.",
        slots=(base.PictureSlot(pixels=1000, max_bytes=980_000, formats=("jpeg", "png")),),
        readback=base.Readback.EXACT,
        # The key is a hash of the bytes.
        key_guarantee="https://atproto.com/specs/data-model#link-and-cid-formats",
        page="https://bsky.app/settings",
        warning="An app password can do almost everything; signing in there asks for the profile "
        "and its picture only.",
        # Somebody else wrote the record between our read and our write: nothing was changed.
        response_rules=(
            base.ResponseRule(400, '"error":"InvalidSwap"', Unavailable),
            # The account has moved to another server, or was closed.
            *(
                base.ResponseRule(400, f'"error":"{code}"', Unauthorized)
                for code in ("RepoDeactivated", "RepoNotFound", "RepoTakendown", "AccountTakedown")
            ),
        ),
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        did = client.facts["did"]
        repository = client.get_json("/xrpc/com.atproto.repo.describeRepo", params={"repo": did})
        handle = repository["handle"]
        return base.AccountIdentity(did, f"@{handle}", f"https://bsky.app/profile/{handle}")

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        cid = _blob_cid(_profile_fields(_read_profile_record(client)).get("avatar"))
        path = f"/xrpc/com.atproto.sync.getBlob?did={client.facts['did']}&cid={cid}"
        return base.ProfilePicture(key=cid, url=client.absolute_url(path)) if cid else None

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        record = _read_profile_record(client)
        blob = client.post_for_json(
            "/xrpc/com.atproto.repo.uploadBlob",
            data=rendition.data,
            headers={"Content-Type": rendition.media_type},
        )["blob"]
        _write_profile_record(client, record, {**_profile_fields(record), "avatar": blob})
        return base.UploadReceipt(key=_blob_cid(blob))

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.upload_picture(client, slot, previous)
            return
        record = _read_profile_record(client)
        fields = {
            name: value for name, value in _profile_fields(record).items() if name != "avatar"
        }
        _write_profile_record(client, record, fields)


def _read_profile_record(client: base.PlatformClient) -> Any:
    """Return the profile record with its `cid`, or an empty dict if the account has none."""
    query = {"repo": client.facts["did"], "collection": PROFILE_COLLECTION, "limit": 1}
    records = client.get_json("/xrpc/com.atproto.repo.listRecords", params=query)["records"]
    return records[0] if records else {}


def _profile_fields(record: Any) -> Any:
    """Return every field of the profile; all but the picture are written back unchanged."""
    return record["value"] if record else {"$type": PROFILE_COLLECTION}


def _write_profile_record(client: base.PlatformClient, read_record: Any, fields: Any) -> None:
    """Replace the profile record, unless somebody else wrote it after `read_record` was read."""
    client.post_for_json(
        "/xrpc/com.atproto.repo.putRecord",
        json={
            "repo": client.facts["did"],
            "collection": PROFILE_COLLECTION,
            "rkey": "self",
            "record": fields,
            "swapRecord": read_record.get("cid"),
        },
    )


def _blob_cid(blob: Any) -> str:
    """Return the content identifier of a blob reference; "" if there is no blob."""
    return blob["ref"]["$link"] if blob else ""
