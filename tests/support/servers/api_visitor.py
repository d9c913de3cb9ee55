"""Somebody who uses pages and API with a session, as a browser does, without a screen."""

import requests  # noqa: TID251  a client from outside
from requests.adapters import HTTPAdapter  # noqa: TID251

from tests.support.processes import wait_until

PASSWORD = "a long pass phrase"
TIMEOUT_SECONDS = 300
MAX_CONNECTIONS = 32


class ApiVisitor:
    """A visitor of one site, who keeps cookies."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy of this machine
        self.session.mount("http://", HTTPAdapter(pool_maxsize=MAX_CONNECTIONS))

    def get(self, path):
        return self.session.get(self.site + path, timeout=TIMEOUT_SECONDS)

    def post(self, path, *, headers=None, **options):
        token = self.session.cookies.get("csrftoken", "")
        all_headers = {"X-CSRFToken": token, **(headers or {})}
        return self.session.post(
            self.site + path, headers=all_headers, timeout=TIMEOUT_SECONDS, **options
        )

    def sign_up(self, email="alice@example.com", **options):
        self.get("/accounts/signup/")
        fields = {"email": email, "password1": PASSWORD}
        return self.post("/accounts/signup/", data=fields, **options)

    def add_photo(self, data):
        """Upload a photo and wait until it is checked; return what the API says about it."""
        photo = self.post("/api/v1/photos", files={"file": ("me.jpg", data)}).json()
        return self.wait_for(
            f"/api/v1/photos/{photo['id']}", lambda document: document["state"] == "usable"
        )

    def start_render(self, photo, looks):
        """Start headshots from a photo and return the path of the render."""
        wish = {"photos": [photo["id"]], "looks": list(looks)}
        return f"/api/v1/renders/{self.post('/api/v1/renders', json=wish).json()['id']}"

    def wait_for(self, path, condition, seconds=60):
        """Return a document of the API when a condition is true of it."""
        return wait_until(
            lambda: (document := self.get(path).json()) and condition(document) and document,
            seconds,
        )
