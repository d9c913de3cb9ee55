"""Nextcloud: core/Controller/AvatarController.php, with an app password that it gives or you paste.

No OCS route, but the OCS header is what spares a client the CSRF token. Refusals come with status
200 and a word in the body.
"""

from datetime import date
from typing import Final

from integrations.errors import Rejected
from integrations.outbound.responses import Oddity
from integrations.platforms.base import (
    Adapter,
    Client,
    Field,
    Identity,
    Pasted,
    Picture,
    Platform,
    Polled,
    Readback,
    Receipt,
    Rendition,
    Slot,
    UserHost,
)

OCS: Final = {"OCS-APIRequest": "true", "Accept": "application/json"}
AVATAR: Final = "/index.php/avatar/"


class Nextcloud(Adapter):
    platform = Platform(
        slug="nextcloud",
        name="Nextcloud",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://docs.nextcloud.com/server/latest/developer_manual/client_apis/",
        endpoint=f"POST {AVATAR}",
        server=UserHost(example="cloud.example.org"),
        auth=(
            Polled(
                start="{server}/index.php/login/v2",
                revoke="{server}/ocs/v2.php/core/apppassword",
                headers=OCS,
            ),
            Pasted(
                fields=(
                    Field("user", "User name"),
                    Field("password", "App password", secret=True),
                ),
                page="{server}/settings/user/security",
                headers={},
                basic=("user", "password"),
                steps="Security, Devices & sessions, Create new app password.",
            ),
        ),
        asks="To use everything there in your name, by an app password.",
        slots=(Slot(pixels=1024, max_bytes=2_000_000, formats=("jpeg", "png")),),
        readback=Readback.PIXELS,
        page="{server}/settings/user",
        warning="An app password can do everything you can; you can end it there at any time.",
        oddities=(
            Oddity(200, '"data":"notsquare"', Rejected, method="POST", at=AVATAR),
            Oddity(200, '"data":{"message"', Rejected, method="POST", at=AVATAR),
        ),
    )

    def identify(self, client: Client) -> Identity:
        me = client.get("/ocs/v2.php/cloud/user?format=json", headers=OCS)["ocs"]["data"]
        return Identity(
            me["id"], me.get("display-name") or me["id"], client.server, {"user": me["id"]}
        )

    def current(self, client: Client, slot: Slot) -> Picture | None:
        got = client.picture(f"{AVATAR}{client.facts['user']}/512", headers=OCS, absent=404)
        own = got.status == 200 and got.headers.get("X-NC-IsCustomAvatar") == "1"
        return Picture(key=got.headers.get("ETag", ""), data=got.data) if own else None

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        client.post(AVATAR, files={"files[]": rendition.file}, headers=OCS)
        return Receipt()

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        else:
            client.call("DELETE", AVATAR, headers=OCS).json()
