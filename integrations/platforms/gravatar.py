"""Gravatar, whose picture many other sites show.

https://docs.gravatar.com/api/avatars/upload/ and https://docs.gravatar.com/oauth/. An uploaded
picture stays in the account's gallery; it is shown once it is selected for the e-mail address.
"""

from datetime import date
from typing import Any

from integrations.errors import ManualActionRequired
from integrations.platforms import base


class Gravatar(base.PlatformAdapter):
    platform = base.Platform(
        slug="gravatar",
        name="Gravatar",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://docs.gravatar.com/api/avatars/upload/",
        endpoint="POST /v3/me/avatars",
        server="https://api.gravatar.com",
        auth=(
            base.OAuth2(
                authorize="https://public-api.wordpress.com/oauth2/authorize",
                token="https://public-api.wordpress.com/oauth2/token",
                scopes=("auth", "gravatar-profile:read", "gravatar-profile:manage"),
                scope_name="scope[]",
                pkce=False,
            ),
        ),
        hosts=frozenset({"public-api.wordpress.com"}),
        asks="To see your Gravatar profile and to manage its pictures.",
        slots=(
            base.PictureSlot(
                pixels=1024, max_bytes=1_000_000, formats=("jpeg", "png"), max_alt_text=100
            ),
        ),
        readback=base.Readback.VERSION,
        page="https://gravatar.com/profile",
        needs=("GRAVATAR_CLIENT_ID", "GRAVATAR_CLIENT_SECRET"),
        setup="Create an application at https://gravatar.com/developers/new-application.",
        warning="Sites keep the old picture for some minutes.",
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        profile = client.get_json("/v3/me/profile")
        name = profile["display_name"] or profile["user_login"]
        facts = {"hash": profile["hash"]}
        return base.AccountIdentity(str(profile["user_id"]), name, profile["profile_url"], facts)

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        query = {"selected_email_hash": client.facts["hash"]}
        avatars = client.get_json("/v3/me/avatars", params=query)
        selected = [avatar for avatar in avatars if avatar.get("selected")]
        return _parse_avatar(selected[0]) if selected else None

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        query, files = {"select_avatar": "false"}, {"image": rendition.multipart_file}
        image_id = client.post_for_json("/v3/me/avatars", params=query, files=files)["image_id"]
        if rendition.alt_text:
            description = {"alt_text": rendition.alt_text[: slot.max_alt_text]}
            client.send_request("PATCH", f"/v3/me/avatars/{image_id}", json=description).json()
        # The picture is shown from here on.
        selection = {"email_hash": client.facts["hash"]}
        client.send_request("POST", f"/v3/me/avatars/{image_id}/email", json=selection)
        return base.UploadReceipt(key=image_id)

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if not previous:
            raise ManualActionRequired("Gravatar shows your last picture until you choose another.")
        self.upload_picture(client, slot, previous)


def _parse_avatar(avatar: Any) -> base.ProfilePicture:
    return base.ProfilePicture(
        key=avatar["image_id"], url=avatar["image_url"], alt_text=avatar.get("alt_text") or ""
    )
