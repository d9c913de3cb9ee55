"""Zulip: https://zulip.com/api/upload-own-avatar, connected with e-mail address and API key.

The URL of the picture ends in a version number that increases with each upload.
"""

from datetime import date
from typing import Final

from integrations.platforms import base

# Parts of the URLs that Zulip shows for an account without an uploaded picture.
PLACEHOLDER_PATHS: Final = ("gravatar.com/", "/static/images/")


class Zulip(base.PlatformAdapter):
    platform = base.Platform(
        slug="zulip",
        name="Zulip",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://zulip.com/api/rest",
        endpoint="POST /api/v1/users/me/avatar",
        server=base.UserNamedServer(example="example.zulipchat.com"),
        auth=(
            base.ApiToken(
                fields=(
                    base.CredentialField("email", "E-mail address"),
                    base.CredentialField("key", "API key", secret=True),
                ),
                page="{server}/#settings/account-and-privacy",
                headers={},
                basic_auth_fields=("email", "key"),
                steps="Account & privacy, Manage your API key.",
            ),
        ),
        asks="To use everything there in your name, by your API key.",
        slots=(
            base.PictureSlot(
                pixels=512,
                max_bytes=1_000_000,
                formats=("jpeg", "png"),
                also_restores=("gif", "webp"),
            ),
        ),
        readback=base.Readback.VERSION,
        page="{server}/#settings/profile",
        warning="The key can do everything you can.",
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        user = client.get_json("/api/v1/users/me")
        return base.AccountIdentity(str(user["user_id"]), user["full_name"], client.server)

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        user = client.get_json("/api/v1/users/me", params={"client_gravatar": "false"})
        url = client.absolute_url(user["avatar_url"] or "")
        is_placeholder = any(path in url for path in PLACEHOLDER_PATHS)
        if is_placeholder:
            return None
        # The address shows 100 pixels a side. The file that was uploaded is kept beside it:
        # write_avatar_images in zerver/lib/upload.py.
        address, question_mark, version = url.partition("?")
        original = f"{address.removesuffix('.png')}.original{question_mark}{version}"
        return base.ProfilePicture(key=url, url=url, original_url=original)

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        response = client.post_for_json(
            "/api/v1/users/me/avatar", files={"file": rendition.multipart_file}
        )
        return base.UploadReceipt(key=client.absolute_url(response["avatar_url"]))

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.upload_picture(client, slot, previous)
        else:
            client.send_request("DELETE", "/api/v1/users/me/avatar").json()
