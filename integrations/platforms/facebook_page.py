"""A Facebook Page: https://developers.facebook.com/docs/graph-api/reference/page/picture/

The API sets the picture of a page that the person manages, never of the person. Facebook downloads
the picture from a URL, so the file has to be publicly readable for a while.
"""

from datetime import date

from integrations.errors import ManualActionRequired, RateLimited, Rejected, Unauthorized
from integrations.platforms import base


class FacebookPage(base.Adapter):
    platform = base.Platform(
        slug="facebook_page",
        name="Facebook Page",
        confidence="medium",
        kind=base.Kind.ADMIN,
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
        slots=(base.Slot(pixels=1080, max_bytes=4_000_000, fetched=True),),
        readback=base.Readback.URL,
        page="https://www.facebook.com/pages/",
        needs=("FACEBOOK_PAGE_CLIENT_ID", "FACEBOOK_PAGE_CLIENT_SECRET"),
        setup="Create an app at https://developers.facebook.com/apps and have the permissions "
        "pages_show_list and pages_manage_metadata reviewed.",
        warning="Your first page is used. Facebook fetches the picture from this server, so others "
        "have to reach it; where they cannot, you set it by hand.",
        # https://developers.facebook.com/docs/graph-api/guides/error-handling/
        oddities=(
            base.Oddity(400, '"code":190,', Unauthorized),
            base.Oddity(403, '"code":200,', Unauthorized),
            *(base.Oddity(400, f'"code":{code},', RateLimited) for code in (4, 17, 32, 613)),
        ),
    )

    def identify(self, client: base.Client) -> base.Identity:
        pages = client.get("/me/accounts", params={"fields": "id,name,link"})["data"]
        if not pages:
            raise Rejected("You manage no Facebook Page.", advice="Create one, then connect it.")
        page = pages[0]
        return base.Identity(page["id"], page["name"], page.get("link", ""), {"page": page["id"]})

    def current(self, client: base.Client, slot: base.Slot) -> base.Picture | None:
        query = {"redirect": "0", "type": "large"}
        picture = client.get(f"/{client.facts['page']}/picture", params=query)["data"]
        if picture.get("is_silhouette"):  # Facebook's placeholder: no picture was set
            return None
        return base.Picture(key=picture.get("cache_key") or picture["url"], url=picture["url"])

    def publish(
        self, client: base.Client, slot: base.Slot, rendition: base.Rendition
    ) -> base.Receipt:
        if not rendition.url:
            raise ManualActionRequired(
                "Facebook fetches the picture from an open address, and there is none."
            )
        page = client.facts["page"]
        token = client.get(f"/{page}", params={"fields": "access_token"})["access_token"]
        client.hide(token)
        form = {"picture": rendition.url, "access_token": token}  # as the page, not as the person
        client.unsigned("POST", f"/{page}/picture", data=form).json()
        live = self.current(client, slot)
        return base.Receipt(key=live.key if live else "")

    def withdraw(
        self, client: base.Client, slot: base.Slot, previous: base.Rendition | None
    ) -> None:
        if not previous:
            raise ManualActionRequired("Facebook keeps the last picture of a page.")
        self.publish(client, slot, previous)
