"""Dropbox: account/set_profile_photo of https://www.dropbox.com/developers/documentation/http"""

import base64
from datetime import date
from typing import Final

from integrations.errors import Unauthorized, Unavailable
from integrations.platforms import base

CURRENT_ACCOUNT_PATH: Final = "/2/users/get_current_account"


class Dropbox(base.PlatformAdapter):
    platform = base.Platform(
        slug="dropbox",
        name="Dropbox",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://www.dropbox.com/developers/documentation/http/documentation",
        endpoint="POST /2/account/set_profile_photo",
        server="https://api.dropboxapi.com",
        auth=(
            base.OAuth2(
                authorize="https://www.dropbox.com/oauth2/authorize",
                token="https://api.dropboxapi.com/oauth2/token",
                scopes=("account_info.read", "account_info.write"),
                extra={"token_access_type": "offline"},
            ),
        ),
        asks="To see and to change the details of your account; none of your files.",
        slots=(base.PictureSlot(pixels=512, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=base.Readback.VERSION,
        page="https://www.dropbox.com/account/general",
        warning="Dropbox hands out your current photo in a small size: undo puts back a small one.",
        needs=("DROPBOX_CLIENT_ID", "DROPBOX_CLIENT_SECRET"),
        setup="Create an app at https://www.dropbox.com/developers/apps with the permissions "
        "account_info.read and account_info.write.",
        response_rules=(
            base.ResponseRule(409, "transient_error", Unavailable),
            base.ResponseRule(401, "expired_access_token", Unauthorized),
        ),
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        account = client.post_query(CURRENT_ACCOUNT_PATH)
        return base.AccountIdentity(account["account_id"], account["name"]["display_name"])

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        url = client.post_query(CURRENT_ACCOUNT_PATH).get("profile_photo_url")
        return base.ProfilePicture(key=url, url=url) if url else None

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        data = base64.b64encode(rendition.data).decode()
        photo = {"photo": {".tag": "base64_data", "base64_data": data}}
        response = client.post_for_json("/2/account/set_profile_photo", json=photo)
        return base.UploadReceipt(key=response["profile_photo_url"])

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.upload_picture(client, slot, previous)
        else:
            client.post_for_json("/2/account/delete_profile_photo")
