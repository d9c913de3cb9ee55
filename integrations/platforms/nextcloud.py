"""Nextcloud: core/Controller/AvatarController.php, with an app password.

The app password comes from Login Flow v2 or is pasted by the person. The avatar routes are not part
of the OCS API, but its header exempts a client from the CSRF check. A rejected picture is answered
with status 200 and a message in the body.
"""

from datetime import date
from typing import Final

from integrations.errors import Rejected
from integrations.platforms import base

OCS_HEADERS: Final = {"OCS-APIRequest": "true", "Accept": "application/json"}
AVATAR_PATH: Final = "/index.php/avatar/"


class Nextcloud(base.Adapter):
    platform = base.Platform(
        slug="nextcloud",
        name="Nextcloud",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://docs.nextcloud.com/server/latest/developer_manual/client_apis/",
        endpoint=f"POST {AVATAR_PATH}",
        server=base.UserHost(example="cloud.example.org"),
        auth=(
            base.Polled(
                start="{server}/index.php/login/v2",
                revoke="{server}/ocs/v2.php/core/apppassword",
                headers=OCS_HEADERS,
            ),
            base.Pasted(
                fields=(
                    base.Field("user", "User name"),
                    base.Field("password", "App password", secret=True),
                ),
                page="{server}/settings/user/security",
                headers={},
                basic=("user", "password"),
                steps="Security, Devices & sessions, Create new app password.",
            ),
        ),
        asks="To use everything there in your name, by an app password.",
        slots=(base.Slot(pixels=1024, max_bytes=2_000_000, formats=("jpeg", "png")),),
        readback=base.Readback.PIXELS,
        page="{server}/settings/user",
        warning="An app password can do everything you can; you can end it there at any time.",
        oddities=(
            base.Oddity(200, '"data":"notsquare"', Rejected, method="POST", at=AVATAR_PATH),
            base.Oddity(200, '"data":{"message"', Rejected, method="POST", at=AVATAR_PATH),
        ),
    )

    def identify(self, client: base.Client) -> base.Identity:
        response = client.get("/ocs/v2.php/cloud/user?format=json", headers=OCS_HEADERS)
        user = response["ocs"]["data"]
        name = user.get("display-name") or user["id"]
        return base.Identity(user["id"], name, client.server, {"user": user["id"]})

    def current(self, client: base.Client, slot: base.Slot) -> base.Picture | None:
        path = f"{AVATAR_PATH}{client.facts['user']}/512"
        response = client.picture(path, headers=OCS_HEADERS, absent_status=404)
        is_custom = response.headers.get("X-NC-IsCustomAvatar") == "1"
        if response.status != 200 or not is_custom:
            return None
        return base.Picture(key=response.headers.get("ETag", ""), data=response.data)

    def publish(
        self, client: base.Client, slot: base.Slot, rendition: base.Rendition
    ) -> base.Receipt:
        client.post(AVATAR_PATH, files={"files[]": rendition.file}, headers=OCS_HEADERS)
        return base.Receipt()

    def withdraw(
        self, client: base.Client, slot: base.Slot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.publish(client, slot, previous)
        else:
            client.call("DELETE", AVATAR_PATH, headers=OCS_HEADERS).json()
