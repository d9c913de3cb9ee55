"""Discourse: https://docs.discourse.org; a picture is uploaded and then selected as the avatar."""

from datetime import date

from integrations.errors import Rejected, Unauthorized
from integrations.platforms import base

MISSING_UPLOAD_STATUS = 422  # of an upload that the forum has not kept


class Discourse(base.PlatformAdapter):
    platform = base.Platform(
        slug="discourse",
        name="Discourse",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://docs.discourse.org/",
        endpoint="PUT /u/{user}/preferences/avatar/pick.json",
        server=base.UserNamedServer(example="forum.example.org", probe="/site/basic-info.json"),
        auth=(
            base.ApiToken(
                fields=(
                    base.CredentialField("user", "User name"),
                    base.CredentialField("key", "API key for this user", secret=True),
                ),
                page="{server}/admin/api/keys",
                headers={"Api-Key": "{key}", "Api-Username": "{user}"},
                steps="An administrator of the forum makes a key for your user.",
            ),
        ),
        asks="To read and to write in your name, by a key.",
        slots=(
            base.PictureSlot(
                pixels=512,
                max_bytes=1_000_000,
                formats=("jpeg", "png"),
                also_restores=("gif", "webp"),
            ),
        ),
        readback=base.Readback.URL,
        page="{server}/u/{user}/preferences/account",
        warning="The key can write everything you can.",
        response_rules=(base.ResponseRule(403, "keyisinvalid", Unauthorized),),
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        user = client.get_json("/session/current.json")["current_user"]
        name, url = user["username"], client.absolute_url(f"/u/{user['username']}")
        return base.AccountIdentity(
            str(user["id"]), f"@{name}", url, {"user": name, "id": user["id"]}
        )

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        user = client.get_json(f"/u/{client.facts['user']}.json")["user"]
        if user.get("id", client.facts["id"]) != client.facts["id"]:
            raise Rejected("Somebody else has this name now.", status=404)
        url = client.absolute_url(user["avatar_template"].replace("{size}", "360"))
        is_uploaded = "/user_avatar/" in url  # otherwise it is a letter or comes from Gravatar
        return base.ProfilePicture(key=user["avatar_template"], url=url) if is_uploaded else None

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        form = {
            "type": "avatar",
            "upload_type": "avatar",
            "synchronous": "true",
            "user_id": str(client.facts["id"]),
        }
        upload = client.post_for_json(
            "/uploads.json", data=form, files={"file": rendition.multipart_file}
        )
        self._select_avatar(client, {"upload_id": upload["id"], "type": "uploaded"})
        live = self.read_current_picture(client, slot)
        return base.UploadReceipt(key=live.key if live else "")

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if not previous:
            self._select_avatar(client, {"type": "system"})
        elif not self._select_earlier_upload(client, previous.earlier_key):
            self.upload_picture(client, slot, previous)

    def _select_earlier_upload(self, client: base.PlatformClient, avatar_template: str) -> bool:
        """Select the upload that a template names; return whether the forum still has it.

        Templates lead to scaled files only, and nothing to the file as it was uploaded. The forum
        keeps that file for a while: avatars are selected by the id of their upload.
        """
        upload_id = avatar_template.rpartition("/")[2].partition("_")[0]  # …/{size}/12_2.png
        if not upload_id.isdecimal():
            return False
        choice = {"upload_id": int(upload_id), "type": "uploaded"}
        response = client.send_request(
            "PUT", _avatar_path(client), json=choice, absent_status=MISSING_UPLOAD_STATUS
        )
        return response.status != MISSING_UPLOAD_STATUS

    def _select_avatar(self, client: base.PlatformClient, choice: dict[str, object]) -> None:
        client.send_request("PUT", _avatar_path(client), json=choice).json()


def _avatar_path(client: base.PlatformClient) -> str:
    return f"/u/{client.facts['user']}/preferences/avatar/pick.json"
