"""GitLab: gitlab.com and self-managed servers from version 17.0.

https://docs.gitlab.com/api/users/#upload-an-avatar-for-yourself: the call needs the whole `api`
scope; there is no narrower one for it.
"""

from datetime import date

from integrations.errors import ManualActionRequired
from integrations.platforms import base


class GitLab(base.Adapter):
    platform = base.Platform(
        slug="gitlab",
        name="GitLab",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://docs.gitlab.com/api/users/#upload-an-avatar-for-yourself",
        endpoint="PUT /api/v4/user/avatar",
        server=base.UserHost(example="gitlab.com", default="gitlab.com"),
        auth=(
            base.OAuth2(
                authorize="{server}/oauth/authorize",
                token="{server}/oauth/token",
                revoke="{server}/oauth/revoke",
                scopes=("api",),
            ),
            base.Pasted(
                fields=(base.Field("token", "Personal access token", secret=True),),
                page="{server}/-/user_settings/personal_access_tokens?name=Facet&scopes=api",
                headers={"PRIVATE-TOKEN": "{token}"},
                steps="Make a token with the scope api.",
            ),
        ),
        asks="To use everything there in your name.",
        slots=(base.Slot(pixels=384, max_bytes=199_000, formats=("jpeg", "png")),),
        readback=base.Readback.VERSION,
        page="{server}/-/user_settings/profile",
        needs=("GITLAB_CLIENT_ID", "GITLAB_CLIENT_SECRET"),
        setup="Create an application at https://gitlab.com/-/user_settings/applications, "
        "confidential, with the scope api.",
        warning="GitLab has no scope for the picture alone: api can do everything you can.",
    )

    def identify(self, client: base.Client) -> base.Identity:
        user = client.get("/api/v4/user")
        return base.Identity(str(user["id"]), f"@{user['username']}", user["web_url"])

    def current(self, client: base.Client, slot: base.Slot) -> base.Picture | None:
        url = client.get("/api/v4/user").get("avatar_url") or ""
        is_uploaded = "/uploads/" in url  # otherwise it comes from Gravatar or Libravatar
        return base.Picture(key=url, url=client.at(url)) if is_uploaded else None

    def publish(
        self, client: base.Client, slot: base.Slot, rendition: base.Rendition
    ) -> base.Receipt:
        files = {"avatar": rendition.file}
        response = client.call("PUT", "/api/v4/user/avatar", files=files).json()
        return base.Receipt(key=response["avatar_url"])

    def withdraw(
        self, client: base.Client, slot: base.Slot, previous: base.Rendition | None
    ) -> None:
        if not previous:
            raise ManualActionRequired(
                "GitLab lets you remove your picture, but not an app for you."
            )
        self.publish(client, slot, previous)
