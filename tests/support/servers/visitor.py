"""A scripted browser: follows redirects and submits forms until it reaches the callback."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

from integrations.outbound.client import Door

MOST_PAGES = 12


class Form(HTMLParser):
    """Parses the first POST form of a page, with its action and values, and all links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.links: list[str] = []
        self._open = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "a" and told.get("href"):
            self.links.append(told["href"])
        if tag == "form" and self.action is None and (told.get("method") or "").lower() == "post":
            self.action, self._open = told.get("action") or "", True
        if self._open and tag == "input" and told.get("name"):
            self.fields[told["name"]] = told.get("value") or ""

    def handle_endtag(self, tag):
        self._open = self._open and tag != "form"


def come_back(url: str, callback: str, *, refuse: str = "", **told: str) -> dict[str, str]:
    """Submit every form on the way to `callback`, and return the parameters it is called with.

    `refuse`: the end of the URL of links that refuse consent; such a link is followed.
    """
    with Door(None, loopback=True).session() as session:
        answer = session.get(url, allow_redirects=False)
        for _ in range(MOST_PAGES):
            if answer.is_redirect:
                to = urljoin(answer.url, answer.headers["Location"])
                if to.startswith(callback):
                    return dict(parse_qsl(urlsplit(to).query))
                answer = session.get(to, allow_redirects=False)
            else:
                answer = _act(session, answer, refuse, told)
    raise AssertionError(f"still at {answer.url} after {MOST_PAGES} pages")


def _act(session, answer, refuse, told):
    form = Form(answer.text)
    if refuse and (links := [link for link in form.links if link.endswith(refuse)]):
        return session.get(urljoin(answer.url, links[0]), allow_redirects=False)
    assert answer.ok and form.action is not None, f"{answer.status_code} {answer.text[:500]}"
    filled = {name: told.get(name, value) for name, value in form.fields.items()}
    return session.post(urljoin(answer.url, form.action), data=filled, allow_redirects=False)
