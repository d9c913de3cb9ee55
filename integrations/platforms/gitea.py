"""Gitea and Forgejo servers, such as Codeberg.

https://codeberg.org/api/swagger#/user/userUpdateAvatar: the picture is sent as base64 and answered
with 204; a file that is no picture is answered with 500. Small files are stored unchanged, with
their metadata.
"""

import base64
from datetime import date

from integrations.errors import Rejected, Unauthorized
from integrations.platforms import base


class Gitea(base.PlatformAdapter):
    platform = base.Platform(
        slug="gitea",
        name="Forgejo, Codeberg, Gitea",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://codeberg.org/api/swagger#/user/userUpdateAvatar",
        endpoint="POST /api/v1/user/avatar",
        server=base.UserNamedServer(
            example="codeberg.org", default="codeberg.org", probe="/api/v1/version"
        ),
        auth=(
            base.OAuth2(
                authorize="{server}/login/oauth/authorize",
                token="{server}/login/oauth/access_token",
            ),
            base.ApiToken(
                fields=(base.CredentialField("token", "Access token", secret=True),),
                page="{server}/user/settings/applications",
                headers={"Authorization": "token {token}"},
                steps="Make a token with the permission user: read and write.",
            ),
        ),
        asks="To use everything there in your name; a token may be for your profile only.",
        slots=(
            base.PictureSlot(
                pixels=512,
                max_bytes=250_000,
                formats=("jpeg", "png"),
                also_restores=("gif", "webp"),
            ),
        ),
        readback=base.Readback.URL,
        page="{server}/user/settings",
        needs=("GITEA_CLIENT_ID", "GITEA_CLIENT_SECRET"),
        setup="Create an application at https://codeberg.org/user/settings/applications.",
        warning="Signing in lets Facet do everything you can there; a token with the permission "
        "user reaches only your profile.",
        response_rules=(
            base.ResponseRule(500, "", Rejected, method="POST", path_suffix="/user/avatar"),
            base.ResponseRule(403, "requiredscope", Unauthorized),
        ),
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        user = client.get_json("/api/v1/user")
        return base.AccountIdentity(
            str(user["id"]), user["login"], client.absolute_url(f"/{user['login']}")
        )

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        url = client.get_json("/api/v1/user")["avatar_url"]
        # Gravatar and Libravatar have pictures at /avatar/; the server may go by several names.
        is_uploaded = "/avatars/" in url
        return base.ProfilePicture(key=url, url=client.absolute_url(url)) if is_uploaded else None

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        image = {"image": base64.b64encode(rendition.data).decode()}
        client.send_request("POST", "/api/v1/user/avatar", json=image)
        live = self.read_current_picture(client, slot)
        return base.UploadReceipt(key=live.key if live else "")

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.upload_picture(client, slot, previous)
        else:
            client.send_request("DELETE", "/api/v1/user/avatar")
