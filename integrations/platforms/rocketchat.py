"""Rocket.Chat: https://developer.rocket.chat/apidocs/set-user-avatar"""

from datetime import date

from integrations.errors import RateLimited, Rejected
from integrations.platforms import base


class RocketChat(base.PlatformAdapter):
    platform = base.Platform(
        slug="rocketchat",
        name="Rocket.Chat",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://developer.rocket.chat/apidocs/set-user-avatar",
        endpoint="POST /api/v1/users.setAvatar",
        server=base.UserNamedServer(example="chat.example.org", probe="/api/info"),
        auth=(
            base.ApiToken(
                fields=(
                    base.CredentialField("user", "User ID"),
                    base.CredentialField("token", "Personal access token", secret=True),
                ),
                page="{server}/account/tokens",
                headers={"X-User-Id": "{user}", "X-Auth-Token": "{token}"},
                steps="My account, Personal access tokens; it shows both once.",
            ),
        ),
        asks="To use everything there in your name, by a token.",
        slots=(base.PictureSlot(pixels=512, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=base.Readback.PIXELS,
        page="{server}/account/profile",
        warning="The token can do everything you can.",
        response_rules=(
            base.ResponseRule(200, '"success":false', Rejected),
            base.ResponseRule(400, "error-too-many-requests", RateLimited),
        ),
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        user = client.get_json("/api/v1/me")
        return base.AccountIdentity(
            user["_id"], f"@{user['username']}", client.server, {"user": user["username"]}
        )

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        user = client.get_json("/api/v1/me")
        etag = user.get("avatarETag")
        if not etag:  # the server shows the initials
            return None
        url = client.absolute_url(f"/avatar/{user['username']}?format=png")
        return base.ProfilePicture(key=etag, url=url)

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        client.post_for_json("/api/v1/users.setAvatar", files={"image": rendition.multipart_file})
        return base.UploadReceipt()

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.upload_picture(client, slot, previous)
        else:
            name = client.get_json("/api/v1/me")["username"]  # it may have changed
            client.post_for_json("/api/v1/users.resetAvatar", json={"username": name})
