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


class Nextcloud(base.PlatformAdapter):
    platform = base.Platform(
        slug="nextcloud",
        name="Nextcloud",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://docs.nextcloud.com/server/latest/developer_manual/client_apis/",
        endpoint=f"POST {AVATAR_PATH}",
        server=base.UserNamedServer(example="cloud.example.org", probe="/status.php"),
        auth=(
            base.DevicePoll(
                start="{server}/index.php/login/v2",
                revoke="{server}/ocs/v2.php/core/apppassword",
                headers=OCS_HEADERS,
            ),
            base.ApiToken(
                fields=(
                    base.CredentialField("user", "User name"),
                    base.CredentialField("password", "App password", secret=True),
                ),
                page="{server}/settings/user/security",
                headers={},
                basic_auth_fields=("user", "password"),
                steps="Security, Devices & sessions, Create new app password.",
            ),
        ),
        asks="To use everything there in your name, by an app password.",
        slots=(base.PictureSlot(pixels=1024, max_bytes=2_000_000, formats=("jpeg", "png")),),
        readback=base.Readback.PIXELS,
        page="{server}/settings/user",
        warning="An app password can do everything you can; you can end it there at any time.",
        response_rules=(
            base.ResponseRule(
                200, '"data":"notsquare"', Rejected, method="POST", path_suffix=AVATAR_PATH
            ),
            base.ResponseRule(
                200, '"data":{"message"', Rejected, method="POST", path_suffix=AVATAR_PATH
            ),
        ),
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        response = client.get_json("/ocs/v2.php/cloud/user?format=json", headers=OCS_HEADERS)
        user = response["ocs"]["data"]
        name = user.get("display-name") or user["id"]
        return base.AccountIdentity(user["id"], name, client.server, {"user": user["id"]})

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        path = f"{AVATAR_PATH}{client.facts['user']}/512"
        response = client.download_picture(path, headers=OCS_HEADERS, absent_status=404)
        is_custom = response.headers.get("X-NC-IsCustomAvatar") == "1"
        if response.status != 200 or not is_custom:
            return None
        return base.ProfilePicture(key=response.headers.get("ETag", ""), data=response.data)

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        client.post_for_json(
            AVATAR_PATH, files={"files[]": rendition.multipart_file}, headers=OCS_HEADERS
        )
        return base.UploadReceipt()

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.upload_picture(client, slot, previous)
        else:
            client.send_request("DELETE", AVATAR_PATH, headers=OCS_HEADERS).json()
