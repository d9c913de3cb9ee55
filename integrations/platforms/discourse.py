"""Discourse: https://docs.discourse.org, an upload and then the choice of it."""

from datetime import date

from integrations.errors import Unauthorized
from integrations.outbound.responses import Oddity
from integrations.platforms.base import (
    Adapter,
    Client,
    Field,
    Identity,
    Pasted,
    Picture,
    Platform,
    Readback,
    Receipt,
    Rendition,
    Slot,
    UserHost,
)


class Discourse(Adapter):
    platform = Platform(
        slug="discourse",
        name="Discourse",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://docs.discourse.org/",
        endpoint="PUT /u/{user}/preferences/avatar/pick.json",
        server=UserHost(example="forum.example.org"),
        auth=(
            Pasted(
                fields=(
                    Field("user", "User name"),
                    Field("key", "API key for this user", secret=True),
                ),
                page="{server}/admin/api/keys",
                headers={"Api-Key": "{key}", "Api-Username": "{user}"},
                steps="An administrator of the forum makes a key for your user.",
            ),
        ),
        asks="To read and to write in your name, by a key.",
        slots=(Slot(pixels=512, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=Readback.URL,
        page="{server}/u/{user}/preferences/account",
        warning="The key can write everything you can.",
        oddities=(Oddity(403, "keyisinvalid", Unauthorized),),
    )

    def identify(self, client: Client) -> Identity:
        me = client.get("/session/current.json")["current_user"]
        name, url = me["username"], client.at(f"/u/{me['username']}")
        return Identity(str(me["id"]), f"@{name}", url, {"user": name, "id": me["id"]})

    def current(self, client: Client, slot: Slot) -> Picture | None:
        user = client.get(f"/u/{client.facts['user']}.json")["user"]
        url = client.at(user["avatar_template"].replace("{size}", "360"))
        own = "/user_avatar/" in url  # anything else is a letter or Gravatar's
        return Picture(key=user["avatar_template"], url=url) if own else None

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        told = {"type": "avatar", "upload_type": "avatar", "synchronous": "true"}
        told["user_id"] = str(client.facts["id"])
        upload = client.post("/uploads.json", data=told, files={"file": rendition.file})
        self._pick(client, {"upload_id": upload["id"], "type": "uploaded"})
        live = self.current(client, slot)
        return Receipt(key=live.key if live else "")

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        else:
            self._pick(client, {"type": "system"})

    def _pick(self, client: Client, told: dict[str, object]) -> None:
        path = f"/u/{client.facts['user']}/preferences/avatar/pick.json"
        client.call("PUT", path, json=told).json()
