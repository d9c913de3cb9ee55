"""Microsoft 365: https://learn.microsoft.com/graph/api/profilephoto-update

Work and school accounts. Outlook changes at once, Teams when it likes.
"""

from datetime import date

from integrations.platforms.base import (
    Adapter,
    Client,
    Identity,
    OAuth2,
    Picture,
    Platform,
    Readback,
    Receipt,
    Rendition,
    Slot,
)

LOGIN = "https://login.microsoftonline.com/common/oauth2/v2.0"
PHOTO = "/v1.0/me/photo"


class Microsoft365(Adapter):
    platform = Platform(
        slug="microsoft365",
        name="Microsoft 365",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://learn.microsoft.com/graph/api/profilephoto-update",
        endpoint=f"PUT {PHOTO}/$value",
        server="https://graph.microsoft.com",
        auth=(
            OAuth2(
                authorize=f"{LOGIN}/authorize",
                token=f"{LOGIN}/token",
                scopes=("User.ReadWrite", "offline_access"),
            ),
        ),
        hosts=frozenset({"login.microsoftonline.com"}),
        asks="To see and to change your own profile, also while you are away.",
        slots=(Slot(pixels=648, max_bytes=4_000_000),),
        readback=Readback.PIXELS,
        page="https://myaccount.microsoft.com/",
        needs=("MICROSOFT365_CLIENT_ID", "MICROSOFT365_CLIENT_SECRET"),
        setup="Register a web application at https://entra.microsoft.com with the delegated "
        "permission User.ReadWrite.",
        warning="Teams can show the old picture for hours. User.ReadWrite covers your whole "
        "profile; the scope for the photo alone asks for an administrator.",
    )

    def identify(self, client: Client) -> Identity:
        me = client.get("/v1.0/me")
        return Identity(me["id"], me["userPrincipalName"])

    def current(self, client: Client, slot: Slot) -> Picture | None:
        photo = client.found(PHOTO)
        if photo is None:
            return None
        data = client.picture(f"{PHOTO}/$value").data
        return Picture(key=photo.get("@odata.mediaEtag", ""), data=data)

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        headers = {"Content-Type": rendition.media_type}
        client.call("PUT", f"{PHOTO}/$value", data=rendition.data, headers=headers)
        return Receipt()

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        else:
            client.call("DELETE", f"{PHOTO}/$value")
