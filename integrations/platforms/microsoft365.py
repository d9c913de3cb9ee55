"""Microsoft 365: https://learn.microsoft.com/graph/api/profilephoto-update

Work and school accounts. Outlook shows a new photo at once, Teams up to hours later.
"""

from datetime import date

from integrations.platforms import base

LOGIN_URL = "https://login.microsoftonline.com/common/oauth2/v2.0"
PHOTO_PATH = "/v1.0/me/photo"


class Microsoft365(base.PlatformAdapter):
    platform = base.Platform(
        slug="microsoft365",
        name="Microsoft 365",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://learn.microsoft.com/graph/api/profilephoto-update",
        endpoint=f"PUT {PHOTO_PATH}/$value",
        server="https://graph.microsoft.com",
        auth=(
            base.OAuth2(
                authorize=f"{LOGIN_URL}/authorize",
                token=f"{LOGIN_URL}/token",
                scopes=("User.ReadWrite", "offline_access"),
            ),
        ),
        hosts=frozenset({"login.microsoftonline.com"}),
        asks="To see and to change your own profile, also while you are away.",
        slots=(base.PictureSlot(pixels=648, max_bytes=4_000_000),),
        readback=base.Readback.PIXELS,
        page="https://myaccount.microsoft.com/",
        needs=("MICROSOFT365_CLIENT_ID", "MICROSOFT365_CLIENT_SECRET"),
        setup="Register a web application at https://entra.microsoft.com with the delegated "
        "permission User.ReadWrite.",
        warning="Teams can show the old picture for hours. User.ReadWrite covers your whole "
        "profile; the scope for the photo alone asks for an administrator.",
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        user = client.get_json("/v1.0/me")
        return base.AccountIdentity(user["id"], user["userPrincipalName"])

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        photo = client.get_json_or_none(PHOTO_PATH)
        if photo is None:
            return None
        data = client.download_picture(f"{PHOTO_PATH}/$value").data
        return base.ProfilePicture(key=photo.get("@odata.mediaEtag", ""), data=data)

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        headers = {"Content-Type": rendition.media_type}
        client.send_request("PUT", f"{PHOTO_PATH}/$value", data=rendition.data, headers=headers)
        return base.UploadReceipt()

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.upload_picture(client, slot, previous)
        else:
            client.send_request("DELETE", f"{PHOTO_PATH}/$value")
