"""Slack: https://docs.slack.dev/reference/methods/users.setPhoto/

The call needs a user token; a bot token cannot set a person's photo. Errors are answered with
status 200 and `"ok": false`.
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
from integrations.platforms import base

ERROR_CODES: Final[dict[type[PlatformError], tuple[str, ...]]] = {
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


class Slack(base.Adapter):
    platform = base.Platform(
        slug="slack",
        name="Slack",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://docs.slack.dev/reference/methods/users.setPhoto/",
        endpoint="POST /api/users.setPhoto",
        server="https://slack.com",
        auth=(
            base.OAuth2(
                authorize="https://slack.com/oauth/v2/authorize",
                token="https://slack.com/api/oauth.v2.user.access",
                revoke="https://slack.com/api/auth.revoke",
                scopes=("users.profile:write", "users.profile:read"),
                # Enabling PKCE makes an app a public client for good; its grants end in 30 days:
                # https://docs.slack.dev/authentication/using-pkce
                scope_name="user_scope",
                separator=",",
                pkce=False,
                ends_by="access",
            ),
        ),
        asks="To see and to change your own profile.",
        slots=(base.Slot(pixels=1024, max_bytes=1_000_000, formats=("jpeg", "png")),),
        readback=base.Readback.VERSION,
        page="https://app.slack.com/",
        needs=("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"),
        setup="Create an app at https://api.slack.com/apps with the user token scopes "
        "users.profile:write and users.profile:read.",
        warning="Your workspace's owner may have to allow the app.",
        oddities=(
            *(
                base.Oddity(200, f'"error":"{code}"', error_class)
                for error_class, codes in ERROR_CODES.items()
                for code in codes
            ),
            base.Oddity(200, '"ok":false', Rejected),
        ),
    )

    def identify(self, client: base.Client) -> base.Identity:
        user = client.ask("/api/auth.test")
        account_id = f"{user['team_id']}/{user['user_id']}"
        return base.Identity(account_id, f"{user['user']} · {user['team']}", user["url"])

    def current(self, client: base.Client, slot: base.Slot) -> base.Picture | None:
        profile = client.get("/api/users.profile.get")["profile"]
        url = profile.get("image_original")  # present only if the person has set a photo
        return base.Picture(key=profile["avatar_hash"], url=url) if url else None

    def publish(
        self, client: base.Client, slot: base.Slot, rendition: base.Rendition
    ) -> base.Receipt:
        response = client.post("/api/users.setPhoto", files={"image": rendition.file})
        return base.Receipt(key=response["profile"]["avatar_hash"])

    def withdraw(
        self, client: base.Client, slot: base.Slot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.publish(client, slot, previous)
        else:
            client.post("/api/users.deletePhoto")
