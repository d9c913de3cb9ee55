"""Example Chat, which there is not: https://developers.chat.example/profile

The smallest platform there can be; tests/test_add_a_platform.py adds it as the README says.
"""

from datetime import date

from integrations.contract import (
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
)  # fmt: skip


class Example(Adapter):
    platform = Platform(
        slug="example", name="Example Chat", confidence="high", read=date(2026, 11, 24),
        docs="https://developers.chat.example/profile", endpoint="PUT /v1/me/picture",
        server="https://api.chat.example",
        auth=(
            OAuth2(
                authorize="https://chat.example/oauth/authorize",
                token="https://api.chat.example/oauth/token",
                scopes=("profile.read", "picture.write"),
            ),
        ),
        asks="To see who you are and to set your picture.",
        slots=(Slot(pixels=512, max_bytes=500_000),),
        readback=Readback.VERSION, page="https://chat.example/settings",
        warning="Rooms show the old picture for some minutes.",
        needs=("EXAMPLE_CLIENT_ID", "EXAMPLE_CLIENT_SECRET"),
        setup="Create an app at https://developers.chat.example.",
    )  # fmt: skip

    def identify(self, client: Client) -> Identity:
        me = client.get("/v1/me")
        return Identity(me["id"], me["name"])

    def current(self, client: Client, slot: Slot) -> Picture | None:
        live = client.get("/v1/me")["picture"]
        return Picture(key=str(live["version"]), url=live["url"]) if live else None

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        files = {"picture": rendition.file}
        got = client.call("PUT", "/v1/me/picture", files=files).json()
        return Receipt(key=str(got["version"]))

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        else:
            client.call("DELETE", "/v1/me/picture")
