"""X: account/update_profile_image of API v1.1, signed with OAuth 1.0a (experimental).

Documented only at developer.x.com/en/docs/x-api/v1/accounts-and-users; the current documentation
has no such call. Where it is switched off, X answers 403 with code 453, and the person has to set
the picture by hand.
"""

from datetime import date

from integrations.errors import ManualActionRequired
from integrations.platforms import base


class X(base.PlatformAdapter):
    platform = base.Platform(
        slug="x",
        name="X",
        confidence="low",
        read=date(2026, 8, 20),
        experimental=True,
        docs="https://developer.x.com/en/docs/x-api/v1/accounts-and-users",
        endpoint="POST /1.1/account/update_profile_image.json",
        server="https://api.x.com",
        auth=(
            base.OAuth1(
                request_token="https://api.x.com/oauth/request_token",
                authorize="https://api.x.com/oauth/authorize",
                access_token="https://api.x.com/oauth/access_token",
            ),
        ),
        asks="To read and to write in your name.",
        slots=(
            base.PictureSlot(
                pixels=400, max_bytes=690_000, formats=("jpeg", "png"), also_restores=("gif",)
            ),
        ),
        readback=base.Readback.URL,
        page="https://x.com/settings/profile",
        needs=("X_CLIENT_ID", "X_CLIENT_SECRET"),
        setup="Create an app at https://developer.x.com with OAuth 1.0a, read and write; its API "
        "key and secret are X_CLIENT_ID and X_CLIENT_SECRET.",
        warning="An experiment: X no longer documents this way, and may refuse it.",
        response_rules=(
            base.ResponseRule(403, '"code":453', ManualActionRequired),
            base.ResponseRule(
                403, "", ManualActionRequired, path_suffix="/update_profile_image.json"
            ),
        ),
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        user = client.get_json("/2/users/me")["data"]
        name = user["username"]
        return base.AccountIdentity(user["id"], f"@{name}", f"https://x.com/{name}")

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        query = {"user.fields": "profile_image_url"}
        url = client.get_json("/2/users/me", params=query)["data"].get("profile_image_url", "")
        if not url or "default_profile" in url:
            return None
        # https://developer.x.com/en/docs/x-api/v1/accounts-and-users/user-profile-images-and-banners
        # lists the variants; without the name of one, it is the original.
        return base.ProfilePicture(
            key=url,
            url=url.replace("_normal", "_400x400"),
            original_url=url.replace("_normal", ""),
        )

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        client.send_request(
            "POST",
            "/1.1/account/update_profile_image.json",
            files={"image": rendition.multipart_file},
        ).json()
        return base.UploadReceipt()  # no key: X shows the picture only some seconds later

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if not previous:
            raise ManualActionRequired("X lets you remove your picture, but not an app for you.")
        self.upload_picture(client, slot, previous)
