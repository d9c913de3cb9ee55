"""Zoom: https://developers.zoom.us/docs/api/users/#tag/users/POST/users/{userId}/picture

New apps have granular scopes; older ones may still have user:read and user:write. The scopes are
set in the app's registration, so the authorization request names none:
https://developers.zoom.us/docs/integrations/migrate/
"""

from datetime import date
from typing import Final

from integrations.errors import Unauthorized
from integrations.platforms import base

SCOPES: Final = ("user:read:user", "user:write:profile_picture", "user:delete:profile_picture")


class Zoom(base.PlatformAdapter):
    platform = base.Platform(
        slug="zoom",
        name="Zoom",
        confidence="medium",
        read=date(2026, 8, 20),
        docs="https://developers.zoom.us/docs/api/users/",
        endpoint="POST /v2/users/me/picture",
        server="https://api.zoom.us",
        auth=(
            base.OAuth2(
                authorize="https://zoom.us/oauth/authorize",
                token="https://zoom.us/oauth/token",
                revoke="https://zoom.us/oauth/revoke",
                revokes_whole_grant=True,
                scopes=SCOPES,
                scope_name="",
                basic=True,
                ends_by="access",
            ),
        ),
        hosts=frozenset({"zoom.us"}),
        asks="To see and to change your own user.",
        slots=(base.PictureSlot(pixels=800, max_bytes=1_900_000),),
        readback=base.Readback.URL,
        page="https://zoom.us/profile",
        needs=("ZOOM_CLIENT_ID", "ZOOM_CLIENT_SECRET"),
        setup="Create a user-managed app at https://marketplace.zoom.us/develop/create with the "
        f"scopes {', '.join(SCOPES)}.",
        # A missing scope is answered with 400; https://developers.zoom.us/docs/api/errors/
        response_rules=(base.ResponseRule(400, "Invalidaccesstoken", Unauthorized),),
        warning="Your organisation may have to allow the app.",
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        user = client.get_json("/v2/users/me")
        return base.AccountIdentity(user["id"], user["email"])

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        url = client.get_json("/v2/users/me").get("pic_url")
        return base.ProfilePicture(key=url, url=url) if url else None

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        client.send_request(
            "POST", "/v2/users/me/picture", files={"pic_file": rendition.multipart_file}
        )
        live = self.read_current_picture(client, slot)
        return base.UploadReceipt(key=live.key if live else "")

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.upload_picture(client, slot, previous)
        else:
            client.send_request("DELETE", "/v2/users/me/picture")
