"""A Facebook Page: https://developers.facebook.com/docs/graph-api/reference/page/picture/

The API sets the picture of a page that the person manages, never of the person. Facebook downloads
the picture from a URL, so the file has to be publicly readable for a while.
"""

from datetime import date
from typing import Final

from integrations.errors import ManualActionRequired, RateLimited, Rejected, Unauthorized
from integrations.platforms import base

PIXELS: Final = 1080


class FacebookPage(base.PlatformAdapter):
    platform = base.Platform(
        slug="facebook_page",
        name="Facebook Page",
        confidence="medium",
        kind=base.PlatformKind.ADMIN,
        docs="https://developers.facebook.com/docs/graph-api/reference/page/picture/",
        read=date(2026, 8, 20),
        endpoint="POST /{page}/picture",
        server="https://graph.facebook.com",
        auth=(
            base.OAuth2(
                authorize="https://www.facebook.com/dialog/oauth",
                token="https://graph.facebook.com/oauth/access_token",
                scopes=("pages_show_list", "pages_manage_metadata"),
                separator=",",
                pkce=False,
                life_days=60,
            ),
        ),
        asks="To see the Pages you manage and to change their settings.",
        slots=(base.PictureSlot(pixels=PIXELS, max_bytes=4_000_000, needs_public_url=True),),
        readback=base.Readback.URL,
        page="https://www.facebook.com/pages/",
        needs=("FACEBOOK_PAGE_CLIENT_ID", "FACEBOOK_PAGE_CLIENT_SECRET"),
        setup="Create an app at https://developers.facebook.com/apps and have the permissions "
        "pages_show_list and pages_manage_metadata reviewed.",
        warning="Your first page is used. Facebook fetches the picture from this server, so others "
        "have to reach it; where they cannot, you set it by hand.",
        # https://developers.facebook.com/docs/graph-api/guides/error-handling/
        response_rules=(
            base.ResponseRule(400, '"code":190,', Unauthorized),
            base.ResponseRule(403, '"code":200,', Unauthorized),
            *(base.ResponseRule(400, f'"code":{code},', RateLimited) for code in (4, 17, 32, 613)),
        ),
    )

    def identify_account(self, client: base.PlatformClient) -> base.AccountIdentity:
        pages = client.get_json("/me/accounts", params={"fields": "id,name,link"})["data"]
        if not pages:
            raise Rejected("You manage no Facebook Page.", advice="Create one, then connect it.")
        page = pages[0]
        return base.AccountIdentity(
            page["id"], page["name"], page.get("link", ""), {"page": page["id"]}
        )

    def read_current_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot
    ) -> base.ProfilePicture | None:
        query = {
            "redirect": "0",
            "width": str(PIXELS),
            "height": str(PIXELS),
        }  # or the largest there is
        picture = client.get_json(f"/{client.facts['page']}/picture", params=query)["data"]
        if picture.get("is_silhouette"):  # Facebook's placeholder: no picture was set
            return None
        return base.ProfilePicture(
            key=picture.get("cache_key") or picture["url"], url=picture["url"]
        )

    def upload_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, rendition: base.Rendition
    ) -> base.UploadReceipt:
        if not rendition.url:
            raise ManualActionRequired(
                "Facebook fetches the picture from an open address, and there is none."
            )
        page = client.facts["page"]
        token = client.get_json(f"/{page}", params={"fields": "access_token"})["access_token"]
        client.hide_secret(token)
        form = {"picture": rendition.url, "access_token": token}  # as the page, not as the person
        client.send_unsigned_request("POST", f"/{page}/picture", data=form).json()
        live = self.read_current_picture(client, slot)
        return base.UploadReceipt(key=live.key if live else "")

    def restore_previous_picture(
        self, client: base.PlatformClient, slot: base.PictureSlot, previous: base.Rendition | None
    ) -> None:
        if not previous:
            raise ManualActionRequired("Facebook keeps the last picture of a page.")
        self.upload_picture(client, slot, previous)
