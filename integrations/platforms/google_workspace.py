"""Google Workspace: https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos

Only an administrator may set photos. Google stores 96 x 96 pixels whatever size is sent.
"""

import base64
from datetime import date
from typing import Final

from integrations.errors import RateLimited, Unauthorized
from integrations.platforms import base

DIRECTORY_SCOPE: Final = "https://www.googleapis.com/auth/admin.directory.user"


class GoogleWorkspace(base.PlatformAdapter):
    platform = base.Platform(
        slug="google_workspace",
        name="Google Workspace",
        confidence="high",
        kind=base.PlatformKind.ADMIN,
        docs="https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos",
        read=date(2026, 8, 20),
        endpoint="PUT /admin/directory/v1/users/{user}/photos/thumbnail",
        server="https://admin.googleapis.com",
        auth=(
            base.OAuth2(
                authorize="https://accounts.google.com/o/oauth2/v2/auth",
                token="https://oauth2.googleapis.com/token",
                revoke="https://oauth2.googleapis.com/revoke",
                revokes_whole_grant=True,
                scopes=("openid", "email", DIRECTORY_SCOPE),
                extra={"access_type": "offline", "prompt": "consent"},
            ),
        ),
        hosts=frozenset({"oauth2.googleapis.com", "openidconnect.googleapis.com"}),
        asks="To see and to change the users of your organisation.",
        slots=(
            base.PictureSlot(
                pixels=512, max_bytes=1_000_000, formats=("jpeg", "png"), also_restores=("gif",)
            ),
        ),
        readback=base.Readback.PIXELS,
        page="https://myaccount.google.com/personal-info",
        needs=("GOOGLE_WORKSPACE_CLIENT_ID", "GOOGLE_WORKSPACE_CLIENT_SECRET"),
        setup="Create an OAuth client at https://console.cloud.google.com/apis/credentials and "
        "switch the Admin SDK on.",
        warning="Only an administrator of your organisation can connect this; the scope covers "
        "all users. Google shows it at 96 pixels.",
        # https://developers.google.com/workspace/admin/directory/v1/limits
        response_rules=(
            base.ResponseRule(403, "insufficientauthenticationscopes", Unauthorized),
            base.ResponseRule(403, '"rateLimitExceeded"', RateLimited),
            base.ResponseRule(403, '"userRateLimitExceeded"', RateLimited),
        ),
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        user = client.get_json("https://openidconnect.googleapis.com/v1/userinfo")
        return base.AccountIdentity(user["sub"], user["email"], facts={"user": user["sub"]})

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        photo = client.get_json_or_none(_photo_path(client))
        if photo is None:
            return None
        data = base64.urlsafe_b64decode(photo["photoData"] + "==")
        return base.ProfilePicture(key=photo.get("etag", ""), data=data)

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        photo = {"photoData": base64.urlsafe_b64encode(rendition.data).decode()}
        client.send_request("PUT", _photo_path(client), json=photo).json()
        return base.UploadReceipt()

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.upload_picture(client, slot, previous)
        else:
            client.send_request("DELETE", _photo_path(client))


def _photo_path(client: base.PlatformClient) -> str:
    return f"/admin/directory/v1/users/{client.facts['user']}/photos/thumbnail"
