"""Matrix: a picture is uploaded to the media repository and set in the profile by its mxc URI.

https://spec.matrix.org/v1.15/client-server-api/#put_matrixclientv3profileuseridavatar_url; servers
without the OAuth 2.0 API take an access token. The server announces a change in every room of the
person.
"""

from datetime import date

from integrations.errors import RateLimited, Unauthorized
from integrations.platforms import base


class Matrix(base.PlatformAdapter):
    platform = base.Platform(
        slug="matrix",
        name="Matrix",
        confidence="high",
        read=date(2026, 8, 20),
        docs="https://spec.matrix.org/v1.15/client-server-api/#profiles",
        endpoint="PUT /_matrix/client/v3/profile/{user}/avatar_url",
        server=base.UserNamedServer(example="matrix.org", default="matrix.org"),
        auth=(
            base.OAuth2(
                authorize="",
                token="",
                metadata="{server}/_matrix/client/v1/auth_metadata",
                scopes=("urn:matrix:client:api:*", "urn:matrix:client:device:{device}"),
                extra={"response_mode": "query"},
            ),
            base.ApiToken(
                fields=(base.CredentialField("token", "Access token", secret=True),),
                page="https://app.element.io/",
                headers={"Authorization": "Bearer {token}"},
                steps="In Element: All settings, Help & About, Access token.",
            ),
        ),
        asks="To use your account as a session of its own.",
        slots=(
            base.PictureSlot(
                pixels=512,
                max_bytes=1_000_000,
                formats=("jpeg", "png"),
                also_restores=("gif", "webp"),
            ),
        ),
        readback=base.Readback.EXACT,
        # The file of an address cannot be overwritten (M_CANNOT_OVERWRITE_MEDIA).
        key_guarantee="https://spec.matrix.org/v1.15/client-server-api/"
        "#put_matrixmediav3uploadservernamemediaid",
        page="https://app.element.io/#/settings",
        min_interval=base.DAY_SECONDS,
        warning="Matrix has no scope for the picture alone: Facet shows up as a session that can "
        "do everything. Each change is announced in all your rooms.",
        response_rules=(
            base.ResponseRule(403, '"M_UNKNOWN_TOKEN"', Unauthorized),
            base.ResponseRule(400, '"M_LIMIT_EXCEEDED"', RateLimited),
        ),
    )

    def resolve_server(
        self, outbound: base.OutboundClient, server: str, auth: base.AuthMethod
    ) -> tuple[str, base.AuthMethod]:
        """Follow `.well-known` to the homeserver; 404 means that the named server is it."""
        response = outbound.send_request(
            "GET", f"{server}/.well-known/matrix/client", absent_status=404, follow_redirects=True
        )
        well_known = {} if response.status == 404 else response.json()
        return well_known.get("m.homeserver", {}).get("base_url", server).rstrip("/"), auth

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        user_id = client.get_json("/_matrix/client/v3/account/whoami")["user_id"]
        return base.AccountIdentity(
            user_id, user_id, f"https://matrix.to/#/{user_id}", {"user": user_id}
        )

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        mxc_uri = (client.get_json_or_none(_avatar_path(client)) or {}).get("avatar_url") or ""
        if not mxc_uri:
            return None
        media_path = mxc_uri.removeprefix("mxc://")
        data = client.download_picture(f"/_matrix/client/v1/media/download/{media_path}").data
        return base.ProfilePicture(key=mxc_uri, data=data)

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        mxc_uri = client.post_for_json(
            "/_matrix/media/v3/upload",
            params={"filename": rendition.multipart_file[0]},
            data=rendition.data,
            headers={"Content-Type": rendition.media_type},
        )["content_uri"]
        client.send_request("PUT", _avatar_path(client), json={"avatar_url": mxc_uri}).json()
        return base.UploadReceipt(key=mxc_uri)

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if previous:
            self.upload_picture(client, slot, previous)
        else:  # before specification 1.16 an empty URI is the only way to remove a picture
            client.send_request("PUT", _avatar_path(client), json={"avatar_url": ""}).json()


def _avatar_path(client: base.PlatformClient) -> str:
    return f"/_matrix/client/v3/profile/{client.facts['user']}/avatar_url"
