"""GitLab, on gitlab.com and on any server from 17.0 on.

https://docs.gitlab.com/api/users/#upload-an-avatar-for-yourself: it takes the whole `api` scope, no
narrower one exists.
"""

from datetime import date

from integrations.errors import ManualActionRequired
from integrations.platforms.base import (
    Adapter,
    Client,
    Field,
    Identity,
    OAuth2,
    Pasted,
    Picture,
    Platform,
    Readback,
    Receipt,
    Rendition,
    Slot,
    UserHost,
)


class GitLab(Adapter):
    platform = Platform(
        slug="gitlab",
        name="GitLab",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://docs.gitlab.com/api/users/#upload-an-avatar-for-yourself",
        endpoint="PUT /api/v4/user/avatar",
        server=UserHost(example="gitlab.com", default="gitlab.com"),
        auth=(
            OAuth2(
                authorize="{server}/oauth/authorize",
                token="{server}/oauth/token",
                revoke="{server}/oauth/revoke",
                scopes=("api",),
            ),
            Pasted(
                fields=(Field("token", "Personal access token", secret=True),),
                page="{server}/-/user_settings/personal_access_tokens?name=Facet&scopes=api",
                headers={"PRIVATE-TOKEN": "{token}"},
                steps="Make a token with the scope api.",
            ),
        ),
        asks="To use everything there in your name.",
        slots=(Slot(pixels=384, max_bytes=199_000, formats=("jpeg", "png")),),
        readback=Readback.VERSION,
        page="{server}/-/user_settings/profile",
        needs=("GITLAB_CLIENT_ID", "GITLAB_CLIENT_SECRET"),
        setup="Create an application at https://gitlab.com/-/user_settings/applications, "
        "confidential, with the scope api.",
        warning="GitLab has no scope for the picture alone: api can do everything you can.",
    )

    def identify(self, client: Client) -> Identity:
        me = client.get("/api/v4/user")
        return Identity(str(me["id"]), f"@{me['username']}", me["web_url"])

    def current(self, client: Client, slot: Slot) -> Picture | None:
        url = client.get("/api/v4/user").get("avatar_url") or ""
        own = "/uploads/" in url  # anything else is Gravatar's or Libravatar's
        return Picture(key=url, url=client.at(url)) if own else None

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        got = client.call("PUT", "/api/v4/user/avatar", files={"avatar": rendition.file}).json()
        return Receipt(key=got["avatar_url"])

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if not before:
            raise ManualActionRequired(
                "GitLab lets you remove your picture, but not an app for you."
            )
        self.publish(client, slot, before)
