"""A scripted browser: follows redirects and submits forms until it reaches the callback."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

from integrations.outbound.client import OutboundClient

MAX_PAGES = 12


class FormParser(HTMLParser):
    """Parses the first POST form of a page, with its action and values, and all links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.links: list[str] = []
        self._open = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if (
            tag == "form"
            and self.action is None
            and (attributes.get("method") or "").lower() == "post"
        ):
            self.action, self._open = attributes.get("action") or "", True
        if self._open and tag == "input" and attributes.get("name"):
            self.fields[attributes["name"]] = attributes.get("value") or ""

    def handle_endtag(self, tag):
        self._open = self._open and tag != "form"


def visit_until_callback(
    url: str, callback: str, *, refuse_link_suffix: str = "", **form_values: str
) -> dict[str, str]:
    """Submit every form on the way to `callback`, and return the parameters it is called with.

    `refuse_link_suffix`: the end of the URL of links that refuse consent; such a link is followed.
    """
    with OutboundClient(None, allow_loopback=True).make_session() as session:
        answer = session.get(url, allow_redirects=False)
        for _ in range(MAX_PAGES):
            if answer.is_redirect:
                next_url = urljoin(answer.url, answer.headers["Location"])
                if next_url.startswith(callback):
                    return dict(parse_qsl(urlsplit(next_url).query))
                answer = session.get(next_url, allow_redirects=False)
            else:
                answer = _submit_form(session, answer, refuse_link_suffix, form_values)
    raise AssertionError(f"still at {answer.url} after {MAX_PAGES} pages")


def _submit_form(session, answer, refuse_link_suffix, form_values):
    form = FormParser(answer.text)
    if refuse_link_suffix and (
        links := [link for link in form.links if link.endswith(refuse_link_suffix)]
    ):
        return session.get(urljoin(answer.url, links[0]), allow_redirects=False)
    assert answer.ok and form.action is not None, f"{answer.status_code} {answer.text[:500]}"
    filled = {name: form_values.get(name, value) for name, value in form.fields.items()}
    return session.post(urljoin(answer.url, form.action), data=filled, allow_redirects=False)
