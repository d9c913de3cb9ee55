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


class Slack(base.PlatformAdapter):
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
                revokes_whole_grant=True,
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
        slots=(
            base.PictureSlot(
                pixels=1024, max_bytes=1_000_000, formats=("jpeg", "png"), also_restores=("gif",)
            ),
        ),
        readback=base.Readback.VERSION,
        page="https://app.slack.com/",
        needs=("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"),
        setup="Create an app at https://api.slack.com/apps with the user token scopes "
        "users.profile:write and users.profile:read.",
        warning="Your workspace's owner may have to allow the app.",
        response_rules=(
            *(
                base.ResponseRule(200, f'"error":"{code}"', error_class)
                for error_class, codes in ERROR_CODES.items()
                for code in codes
            ),
            base.ResponseRule(200, '"ok":false', Rejected),
        ),
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        user = client.post_query("/api/auth.test")
        account_id = f"{user['team_id']}/{user['user_id']}"
        return base.AccountIdentity(account_id, f"{user['user']} · {user['team']}", user["url"])

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        profile = client.get_json("/api/users.profile.get")["profile"]
        url = profile.get("image_original")  # present only if the person has set a photo
        return base.ProfilePicture(key=profile["avatar_hash"], url=url) if url else None

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        response = client.post_for_json(
            "/api/users.setPhoto", files={"image": rendition.multipart_file}
        )
        return base.UploadReceipt(key=response["profile"]["avatar_hash"])

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.upload_picture(client, slot, previous)
        else:
            client.post_for_json("/api/users.deletePhoto")
