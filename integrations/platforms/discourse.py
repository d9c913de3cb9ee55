"""Discourse: https://docs.discourse.org; a picture is uploaded and then selected as the avatar."""

from datetime import date

from integrations.errors import Unauthorized
from integrations.platforms import base


class Discourse(base.Adapter):
    platform = base.Platform(
        slug="discourse",
        name="Discourse",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://docs.discourse.org/",
        endpoint="PUT /u/{user}/preferences/avatar/pick.json",
        server=base.UserHost(example="forum.example.org"),
        auth=(
            base.Pasted(
                fields=(
                    base.Field("user", "User name"),
                    base.Field("key", "API key for this user", secret=True),
                ),
                page="{server}/admin/api/keys",
                headers={"Api-Key": "{key}", "Api-Username": "{user}"},
                steps="An administrator of the forum makes a key for your user.",
            ),
        ),
        asks="To read and to write in your name, by a key.",
        slots=(base.Slot(pixels=512, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=base.Readback.URL,
        page="{server}/u/{user}/preferences/account",
        warning="The key can write everything you can.",
        oddities=(base.Oddity(403, "keyisinvalid", Unauthorized),),
    )

    def identify(self, client: base.Client) -> base.Identity:
        user = client.get("/session/current.json")["current_user"]
        name, url = user["username"], client.at(f"/u/{user['username']}")
        return base.Identity(str(user["id"]), f"@{name}", url, {"user": name, "id": user["id"]})

    def current(self, client: base.Client, slot: base.Slot) -> base.Picture | None:
        user = client.get(f"/u/{client.facts['user']}.json")["user"]
        url = client.at(user["avatar_template"].replace("{size}", "360"))
        is_uploaded = "/user_avatar/" in url  # otherwise it is a letter or comes from Gravatar
        return base.Picture(key=user["avatar_template"], url=url) if is_uploaded else None

    def publish(
        self, client: base.Client, slot: base.Slot, rendition: base.Rendition
    ) -> base.Receipt:
        form = {
            "type": "avatar",
            "upload_type": "avatar",
            "synchronous": "true",
            "user_id": str(client.facts["id"]),
        }
        upload = client.post("/uploads.json", data=form, files={"file": rendition.file})
        self._select_avatar(client, {"upload_id": upload["id"], "type": "uploaded"})
        live = self.current(client, slot)
        return base.Receipt(key=live.key if live else "")

    def withdraw(
        self, client: base.Client, slot: base.Slot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.publish(client, slot, previous)
        else:
            self._select_avatar(client, {"type": "system"})

    def _select_avatar(self, client: base.Client, choice: dict[str, object]) -> None:
        path = f"/u/{client.facts['user']}/preferences/avatar/pick.json"
        client.call("PUT", path, json=choice).json()
