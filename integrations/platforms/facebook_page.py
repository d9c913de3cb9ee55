"""A Facebook Page: https://developers.facebook.com/docs/graph-api/reference/page/picture/

The picture of a page one manages, never of a person. Facebook fetches it from an address, so there
has to be one that is open to all.
"""

from datetime import date

from integrations.errors import ManualActionRequired, RateLimited, Rejected, Unauthorized
from integrations.outbound.responses import Oddity
from integrations.platforms.base import (
    Adapter,
    Client,
    Identity,
    Kind,
    OAuth2,
    Picture,
    Platform,
    Readback,
    Receipt,
    Rendition,
    Slot,
)


class FacebookPage(Adapter):
    platform = Platform(
        slug="facebook_page",
        name="Facebook Page",
        confidence="medium",
        kind=Kind.ADMIN,
        docs="https://developers.facebook.com/docs/graph-api/reference/page/picture/",
        read=date(2026, 8, 20),
        endpoint="POST /{page}/picture",
        server="https://graph.facebook.com",
        auth=(
            OAuth2(
                authorize="https://www.facebook.com/dialog/oauth",
                token="https://graph.facebook.com/oauth/access_token",
                scopes=("pages_show_list", "pages_manage_metadata"),
                separator=",",
                pkce=False,
                life_days=60,
            ),
        ),
        asks="To see the Pages you manage and to change their settings.",
        slots=(Slot(pixels=1080, max_bytes=4_000_000, fetched=True),),
        readback=Readback.URL,
        page="https://www.facebook.com/pages/",
        needs=("FACEBOOK_PAGE_CLIENT_ID", "FACEBOOK_PAGE_CLIENT_SECRET"),
        setup="Create an app at https://developers.facebook.com/apps and have the permissions "
        "pages_show_list and pages_manage_metadata reviewed.",
        warning="Your first page is used. Facebook fetches the picture from this server, so others "
        "have to reach it; where they cannot, you set it by hand.",
        # https://developers.facebook.com/docs/graph-api/guides/error-handling/
        oddities=(
            Oddity(400, '"code":190,', Unauthorized),
            Oddity(403, '"code":200,', Unauthorized),
            *(Oddity(400, f'"code":{code},', RateLimited) for code in (4, 17, 32, 613)),
        ),
    )

    def identify(self, client: Client) -> Identity:
        pages = client.get("/me/accounts", params={"fields": "id,name,link"})["data"]
        if not pages:
            raise Rejected("You manage no Facebook Page.", advice="Create one, then connect it.")
        page = pages[0]
        return Identity(page["id"], page["name"], page.get("link", ""), {"page": page["id"]})

    def current(self, client: Client, slot: Slot) -> Picture | None:
        asked = {"redirect": "0", "type": "large"}
        got = client.get(f"/{client.facts['page']}/picture", params=asked)["data"]
        key = got.get("cache_key") or got["url"]
        return None if got.get("is_silhouette") else Picture(key=key, url=got["url"])

    def publish(self, client: Client, slot: Slot, rendition: Rendition) -> Receipt:
        if not rendition.url:
            raise ManualActionRequired(
                "Facebook fetches the picture from an open address, and there is none."
            )
        page = client.facts["page"]
        token = client.get(f"/{page}", params={"fields": "access_token"})["access_token"]
        client.hide(token)
        told = {"picture": rendition.url, "access_token": token}  # as the page, not as the person
        client.unsigned("POST", f"/{page}/picture", data=told).json()
        live = self.current(client, slot)
        return Receipt(key=live.key if live else "")

    def withdraw(self, client: Client, slot: Slot, before: Rendition | None) -> None:
        if not before:
            raise ManualActionRequired("Facebook keeps the last picture of a page.")
        self.publish(client, slot, before)
