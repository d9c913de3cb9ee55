"""Google Workspace: https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos

Only an administrator's account can; whatever the size, Google keeps 96 pixels a side.
"""

import base64
from datetime import date
from typing import Final

from integrations.errors import RateLimited, Unauthorized
from integrations.outbound.responses import Oddity
from integrations.platforms.base import (
    Adapter,
    Client,
    Identity,
    Kind,
    OAuth2,
    Picture,
    Platform,
    Readback,
    Receipt,
    Rendition,
    Slot,
)

DIRECTORY: Final = "https://www.googleapis.com/auth/admin.directory.user"


class GoogleWorkspace(Adapter):
    platform = Platform(
        slug="google_workspace",
        name="Google Workspace",
        confidence="high",
        kind=Kind.ADMIN,
        docs="https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.photos",
        read=date(2026, 8, 20),
        endpoint="PUT /admin/directory/v1/users/{user}/photos/thumbnail",
        server="https://admin.googleapis.com",
        auth=(
            OAuth2(
                authorize="https://accounts.google.com/o/oauth2/v2/auth",
                token="https://oauth2.googleapis.com/token",
                revoke="https://oauth2.googleapis.com/revoke",
                scopes=("openid", "email", DIRECTORY),
                extra={"access_type": "offline", "prompt": "consent"},
            ),
        ),
        hosts=frozenset({"oauth2.googleapis.com", "openidconnect.googleapis.com"}),
        asks="To see and to change the users of your organisation.",
        slots=(Slot(pixels=512, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=Readback.PIXELS,
        page="https://myaccount.google.com/personal-info",
        needs=("GOOGLE_WORKSPACE_CLIENT_ID", "GOOGLE_WORKSPACE_CLIENT_SECRET"),
        setup="Create an OAuth client at https://console.cloud.google.com/apis/credentials and "
        "switch the Admin SDK on.",
        warning="Only an administrator of your organisation can connect this; the scope covers "
        "all users. Google shows it at 96 pixels.",
        # https://developers.google.com/workspace/admin/directory/v1/limits
        oddities=(
            Oddity(403, "insufficientauthenticationscopes", Unauthorized),
            Oddity(403, '"rateLimitExceeded"', RateLimited),
            Oddity(403, '"userRateLimitExceeded"', RateLimited),
        ),
    )

    def identify(self, client: Client) -> Identity:
        me = client.get("https://openidconnect.googleapis.com/v1/userinfo")
        return Identity(me["sub"], me["email"], facts={"user": me["sub"]})

    def current(self, client: Client, slot: Slot) -> Picture | None:
        photo = client.found(_path(client))
        if photo is None:
            return None
        data = base64.urlsafe_b64decode(photo["photoData"] + "==")
        return Picture(key=photo.get("etag", ""), data=data)

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        told = {"photoData": base64.urlsafe_b64encode(rendition.data).decode()}
        client.call("PUT", _path(client), json=told).json()
        return Receipt()

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        else:
            client.call("DELETE", _path(client))


def _path(client: Client) -> str:
    return f"/admin/directory/v1/users/{client.facts['user']}/photos/thumbnail"
