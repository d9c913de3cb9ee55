"""Vimeo: https://developer.vimeo.com/api/reference/users#create_picture

An upload takes three calls: create a picture, send the bytes to its upload link (a pre-signed URL,
so without the token), activate it. Earlier pictures stay in the account.
"""

from datetime import date
from typing import Any

from integrations.errors import Unauthorized
from integrations.platforms import base


class Vimeo(base.PlatformAdapter):
    platform = base.Platform(
        slug="vimeo",
        name="Vimeo",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://developer.vimeo.com/api/reference/users",
        endpoint="POST /me/pictures",
        server="https://api.vimeo.com",
        auth=(
            base.OAuth2(
                authorize="https://api.vimeo.com/oauth/authorize",
                token="https://api.vimeo.com/oauth/access_token",
                scopes=("public", "private", "upload", "edit", "delete"),
                basic=True,
                pkce=False,
            ),
        ),
        hosts=frozenset({"i.cloud.vimeo.com", "i.vimeocdn.com"}),
        asks="To see your account, and to upload, edit and delete in it.",
        slots=(base.PictureSlot(pixels=1000, max_bytes=1_000_000, also_restores=("png", "gif")),),
        readback=base.Readback.VERSION,
        page="https://vimeo.com/settings/profile",
        needs=("VIMEO_CLIENT_ID", "VIMEO_CLIENT_SECRET"),
        setup="Create an app at https://developer.vimeo.com/apps and ask for upload access.",
        warning="Vimeo's upload and edit scopes cover your videos too; Facet never touches them.",
        response_rules=(base.ResponseRule(403, "accesstokendoesnothavethe", Unauthorized),),
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        user = client.get_json("/me")
        return base.AccountIdentity(user["uri"], user["name"], user.get("link", ""))

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        picture = _read_active_picture(client)
        if picture is None:
            return None
        return base.ProfilePicture(key=picture["uri"], url=picture["sizes"][-1]["link"])

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        picture = client.post_for_json("/me/pictures")
        headers = {"Content-Type": rendition.media_type}
        client.send_unsigned_request("PUT", picture["link"], data=rendition.data, headers=headers)
        client.send_request("PATCH", picture["uri"], json={"active": True}).json()
        return base.UploadReceipt(key=picture["uri"])

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.upload_picture(client, slot, previous)
        elif picture := _read_active_picture(client):
            client.send_request("DELETE", picture["uri"])


def _read_active_picture(client: base.PlatformClient) -> Any:
    """Return the picture that is shown; None if the account has none."""
    pictures = client.get_json("/me/pictures")["data"]
    return next((picture for picture in pictures if picture["active"]), None)
