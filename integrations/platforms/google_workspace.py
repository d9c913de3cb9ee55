"""Google Workspace: https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos

Only an administrator may set photos. Google stores 96 x 96 pixels whatever size is sent.
"""

import base64
from datetime import date
from typing import Final

from integrations.errors import RateLimited, Unauthorized
from integrations.platforms import base

DIRECTORY_SCOPE: Final = "https://www.googleapis.com/auth/admin.directory.user"


class GoogleWorkspace(base.Adapter):
    platform = base.Platform(
        slug="google_workspace",
        name="Google Workspace",
        confidence="high",
        kind=base.Kind.ADMIN,
        docs="https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos",
        read=date(2026, 8, 20),
        endpoint="PUT /admin/directory/v1/users/{user}/photos/thumbnail",
        server="https://admin.googleapis.com",
        auth=(
            base.OAuth2(
                authorize="https://accounts.google.com/o/oauth2/v2/auth",
                token="https://oauth2.googleapis.com/token",
                revoke="https://oauth2.googleapis.com/revoke",
                scopes=("openid", "email", DIRECTORY_SCOPE),
                extra={"access_type": "offline", "prompt": "consent"},
            ),
        ),
        hosts=frozenset({"oauth2.googleapis.com", "openidconnect.googleapis.com"}),
        asks="To see and to change the users of your organisation.",
        slots=(base.Slot(pixels=512, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=base.Readback.PIXELS,
        page="https://myaccount.google.com/personal-info",
        needs=("GOOGLE_WORKSPACE_CLIENT_ID", "GOOGLE_WORKSPACE_CLIENT_SECRET"),
        setup="Create an OAuth client at https://console.cloud.google.com/apis/credentials and "
        "switch the Admin SDK on.",
        warning="Only an administrator of your organisation can connect this; the scope covers "
        "all users. Google shows it at 96 pixels.",
        # https://developers.google.com/workspace/admin/directory/v1/limits
        oddities=(
            base.Oddity(403, "insufficientauthenticationscopes", Unauthorized),
            base.Oddity(403, '"rateLimitExceeded"', RateLimited),
            base.Oddity(403, '"userRateLimitExceeded"', RateLimited),
        ),
    )

    def identify(self, client: base.Client) -> base.Identity:
        user = client.get("https://openidconnect.googleapis.com/v1/userinfo")
        return base.Identity(user["sub"], user["email"], facts={"user": user["sub"]})

    def current(self, client: base.Client, slot: base.Slot) -> base.Picture | None:
        photo = client.found(_photo_path(client))
        if photo is None:
            return None
        data = base64.urlsafe_b64decode(photo["photoData"] + "==")
        return base.Picture(key=photo.get("etag", ""), data=data)

    def publish(
        self, client: base.Client, slot: base.Slot, rendition: base.Rendition
    ) -> base.Receipt:
        photo = {"photoData": base64.urlsafe_b64encode(rendition.data).decode()}
        client.call("PUT", _photo_path(client), json=photo).json()
        return base.Receipt()

    def withdraw(
        self, client: base.Client, slot: base.Slot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.publish(client, slot, previous)
        else:
            client.call("DELETE", _photo_path(client))


def _photo_path(client: base.Client) -> str:
    return f"/admin/directory/v1/users/{client.facts['user']}/photos/thumbnail"
