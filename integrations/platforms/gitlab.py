"""GitLab: gitlab.com and self-managed servers from version 17.0.

https://docs.gitlab.com/api/users/#upload-an-avatar-for-yourself: the call needs the whole `api`
scope; there is no narrower one for it.
"""

from datetime import date

from integrations.errors import ManualActionRequired
from integrations.platforms import base


class GitLab(base.PlatformAdapter):
    platform = base.Platform(
        slug="gitlab",
        name="GitLab",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://docs.gitlab.com/api/users/#upload-an-avatar-for-yourself",
        endpoint="PUT /api/v4/user/avatar",
        server=base.UserNamedServer(
            example="gitlab.com", default="gitlab.com", probe="/api/v4/user"
        ),
        auth=(
            base.OAuth2(
                authorize="{server}/oauth/authorize",
                token="{server}/oauth/token",
                revoke="{server}/oauth/revoke",
                scopes=("api",),
            ),
            base.ApiToken(
                fields=(base.CredentialField("token", "Personal access token", secret=True),),
                page="{server}/-/user_settings/personal_access_tokens?name=Facet&scopes=api",
                headers={"PRIVATE-TOKEN": "{token}"},
                steps="Make a token with the scope api.",
            ),
        ),
        asks="To use everything there in your name.",
        slots=(
            base.PictureSlot(
                pixels=384,
                max_bytes=199_000,
                formats=("jpeg", "png"),
                also_restores=("gif", "webp"),
            ),
        ),
        readback=base.Readback.VERSION,
        page="{server}/-/user_settings/profile",
        needs=("GITLAB_CLIENT_ID", "GITLAB_CLIENT_SECRET"),
        setup="Create an application at https://gitlab.com/-/user_settings/applications, "
        "confidential, with the scope api.",
        warning="GitLab has no scope for the picture alone: api can do everything you can.",
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        user = client.get_json("/api/v4/user")
        return base.AccountIdentity(str(user["id"]), f"@{user['username']}", user["web_url"])

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        url = client.get_json("/api/v4/user").get("avatar_url") or ""
        is_uploaded = "/uploads/" in url  # otherwise it comes from Gravatar or Libravatar
        return base.ProfilePicture(key=url, url=client.absolute_url(url)) if is_uploaded else None

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        files = {"avatar": rendition.multipart_file}
        response = client.send_request("PUT", "/api/v4/user/avatar", files=files).json()
        return base.UploadReceipt(key=response["avatar_url"])

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if not previous:
            raise ManualActionRequired(
                "GitLab lets you remove your picture, but not an app for you."
            )
        self.upload_picture(client, slot, previous)
