"""Two servers with the API of Mastodon that behave as differently as servers seen in public do.

Both store what they are sent as WebP of 400 x 400 pixels, whatever the name of the file says.
`FIXED` shows every picture of an account at the same address, `MOVING` each at a new one.
"""

import io
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs, urlencode, urlsplit

from PIL import Image, ImageOps

from tests.support.platforms.mastodon import FakeMastodon, form_of, json_response
from tests.support.platforms.scripted_server import ScriptedResponse

AVATAR_SIDE = 400  # pixels


@dataclass(frozen=True)
class Temperament:
    """How one server software treats its clients."""

    software: str
    version: str
    address: str  # of a picture; `{number}` counts the pictures
    placeholder: str  # address of the picture of an account without one
    scopes: tuple[str, ...]  # that exist there
    keeps_state: bool = True  # the state comes back when a person refuses
    explains_in_text: bool = False  # a bad token is answered with 400 in plain text
    forgets_apps: bool = False  # deletes every app without a token, see `forget_apps`


FIXED = Temperament(
    software="hollo",
    version="0.10.0",
    address="/avatars/1.png",
    placeholder="/avatar/00000000000000000000000000000000?d=mp",
    scopes=("read", "write", "read:accounts", "write:accounts"),
    keeps_state=False,
)
MOVING = Temperament(
    software="takahe",
    version="0.11.0",
    address="/media/profile_images/{number}.jpg",
    placeholder="/static/img/unknown-icon-128.png",
    scopes=("read", "write"),
    explains_in_text=True,
    forgets_apps=True,
)
TEMPERAMENTS = (FIXED, MOVING)


def encode_webp(data):
    """What such a server makes of a picture; animations stay."""
    picture = Image.open(io.BytesIO(data))
    target = io.BytesIO()
    if getattr(picture, "is_animated", False):
        picture.save(target, "WEBP", save_all=True)
    else:
        fitted = ImageOps.fit(picture.convert("RGB"), (AVATAR_SIDE, AVATAR_SIDE))
        fitted.save(target, "WEBP", quality=80)
    return target.getvalue()


def uploaded_file(request, name):
    """The content of a file field of a multipart form."""
    header = f'name="{name}"'.encode()
    start = request.body.index(b"\r\n\r\n", request.body.index(header)) + 4
    return request.body[start : request.body.index(b"\r\n--", start)]


class MastodonFamilyServer(FakeMastodon):
    """One account, alice, whose picture is changed through the API or, with `set_by_hand`, not.

    A strict server refuses an app that asks for scopes it does not know.
    """

    def __init__(self, temperament, *, is_strict=True, **options):
        super().__init__(**options)
        self.temperament, self.is_strict = temperament, is_strict
        self.number, self.uploads = 0, []
        self.responses |= {
            "PATCH /api/v1/accounts/update_credentials": self.update,
            "DELETE /api/v1/profile/avatar": self.remove,
            "GET /oauth/authorize": self.ask_for_consent,
            "GET /nodeinfo": lambda _: json_response(
                {"software": {"name": temperament.software, "version": temperament.version}}
            ),
        }
        del self.responses["GET /avatar.png"]
        self.show(b"")

    @property
    def avatar_path(self):
        kind = self.temperament
        return kind.address.format(number=self.number) if self.avatar else kind.placeholder

    def show(self, data):
        """Show a picture from now on; b"" stands for the placeholder."""
        self.responses.pop(f"GET {urlsplit(self.avatar_path).path}", None)
        self.avatar, self.number = data, self.number + 1
        shown = data or encode_webp(placeholder_file())
        path = urlsplit(self.avatar_path).path
        self.responses[f"GET {path}"] = lambda request: self.send_picture(request, shown)

    def send_picture(self, request, shown):
        if parse_qs(urlsplit(request.path).query).get("d") == ["404"]:
            return ScriptedResponse(404)
        return ScriptedResponse(body=shown, headers={"Content-Type": "image/png"})

    def set_by_hand(self, data):
        self.show(encode_webp(data))

    def is_signed_in(self, request):
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return token in self.access

    def reject_token(self):
        if self.temperament.explains_in_text:
            return ScriptedResponse(400, b"Invalid Bearer token", {"Content-Type": "text/plain"})
        return json_response({"error": "The access token is invalid"}, 401)

    def me(self, request):
        if not self.is_signed_in(request):
            return self.reject_token()
        account = {"id": self.account, "username": "alice", "url": f"{self.url}/@alice"}
        return json_response({**account, "avatar": f"{self.url}{self.avatar_path}"})

    def update(self, request):
        if not self.is_signed_in(request):
            return self.reject_token()
        self.uploads.append(uploaded_file(request, "avatar"))
        self.show(encode_webp(self.uploads[-1]))
        return self.me(request)

    def remove(self, request):
        if not self.is_signed_in(request):
            return self.reject_token()
        self.show(b"")
        return self.me(request)

    def register(self, request):
        scopes = form_of(request).get("scopes", "read").split()
        if self.is_strict and not set(scopes) <= set(self.temperament.scopes):
            return json_response({"error": "invalid_scope"}, 400)
        return super().register(request)

    def ask_for_consent(self, request):
        """The page on which the person allows or refuses access."""
        back = parse_qs(urlsplit(request.path).query)["redirect_uri"][0]
        links = [
            f'<a href="{escape(f"{back}?{urlencode(answer)}")}">{words}</a>'
            for words, answer in (
                ("Authorize", self.say_yes(request.path)),
                ("Deny", self.say_no(request.path)),
            )
        ]
        headers = {"Content-Type": "text/html"}
        return ScriptedResponse(body="<p>".join(links).encode(), headers=headers)

    def say_no(self, url):
        """Return the callback parameters after the person has refused at a URL."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        state = {"state": query["state"]} if self.temperament.keeps_state else {}
        return {"error": "access_denied", **state}

    def forget_apps(self):
        """Delete all apps, as servers do with those that are not used."""
        self.apps.clear()


def placeholder_file():
    """A grey square."""
    target = io.BytesIO()
    Image.new("RGB", (128, 128), (120, 120, 120)).save(target, "PNG")
    return target.getvalue()
