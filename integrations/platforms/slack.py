"""Slack: https://docs.slack.dev/reference/methods/users.setPhoto/

A user token, never a bot's. Errors come with status 200 and `"ok": false`.
"""

from datetime import date
from typing import Final

from integrations.errors import (
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Uncertain,
)
from integrations.outbound.responses import Oddity
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

SAID: Final[dict[type[PlatformError], tuple[str, ...]]] = {
    Unauthorized: (
        "invalid_auth",
        "invalid_refresh_token",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "missing_scope",
    ),
    RateLimited: ("ratelimited", "rate_limited"),
    Unavailable: ("service_unavailable",),
    Uncertain: ("internal_error", "fatal_error"),
}


class Slack(Adapter):
    platform = Platform(
        slug="slack",
        name="Slack",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://docs.slack.dev/reference/methods/users.setPhoto/",
        endpoint="POST /api/users.setPhoto",
        server="https://slack.com",
        auth=(
            OAuth2(
                authorize="https://slack.com/oauth/v2/authorize",
                token="https://slack.com/api/oauth.v2.user.access",
                revoke="https://slack.com/api/auth.revoke",
                scopes=("users.profile:write", "users.profile:read"),
                # An app that switches PKCE on is public for good and its grants end in 30 days:
                # https://docs.slack.dev/authentication/using-pkce
                scope_name="user_scope",
                separator=",",
                pkce=False,
                ends_by="access",
            ),
        ),
        asks="To see and to change your own profile.",
        slots=(Slot(pixels=1024, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=Readback.VERSION,
        page="https://app.slack.com/",
        needs=("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"),
        setup="Create an app at https://api.slack.com/apps with the user token scopes "
        "users.profile:write and users.profile:read.",
        warning="Your workspace's owner may have to allow the app.",
        oddities=(
            *(
                Oddity(200, f'"error":"{said}"', kind)
                for kind, all_said in SAID.items()
                for said in all_said
            ),
            Oddity(200, '"ok":false', Rejected),
        ),
    )

    def identify(self, client: Client) -> Identity:
        me = client.ask("/api/auth.test")
        return Identity(
            f"{me['team_id']}/{me['user_id']}", f"{me['user']} · {me['team']}", me["url"]
        )

    def current(self, client: Client, slot: Slot) -> Picture | None:
        profile = client.get("/api/users.profile.get")["profile"]
        url = profile.get("image_original")  # only there if the person set one
        return Picture(key=profile["avatar_hash"], url=url) if url else None

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        got = client.post("/api/users.setPhoto", files={"image": rendition.file})
        return Receipt(key=got["profile"]["avatar_hash"])

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if before:
            self.publish(client, slot, before)
        else:
            client.post("/api/users.deletePhoto")
