"""Every page of an installation, found by walking the resolver: opened one by one."""

import json
import subprocess
import sys
from dataclasses import dataclass

from tests.support.installation import ROOT, RunningFacet

# Nothing that waits is taken up, so that what is being developed can be looked at.
STILL = {"RENDER_LEASE_SECONDS": "86400", "TICK_SECONDS": "86400", "LOG_LEVEL": "ERROR"}
WHO = ("filled", "empty", "nobody")
PROGRAMS = ("/api/",)  # not for people; some of it never ends
FILL = "from tests.browser import accounts; accounts.fill()"


@dataclass(frozen=True)
class Page:
    """One address, as somebody sees it."""

    who: str
    name: str
    url: str

    def __str__(self):
        return f"{self.who}-{self.name.replace('web:', '').replace('_', '-')}"


class Album:
    """A running Facet with two accounts, and who may look."""

    def __init__(self, folder):
        self.facet = RunningFacet(folder, **STILL)
        try:
            self.fill()
        except BaseException:
            self.facet.kill()
            raise

    def fill(self):
        """Make the accounts, once the page answers."""
        self.address = self.facet.address
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", FILL]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.facet.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self.told = json.loads(done.stdout)

    def visitor(self, browser, who, **options):
        """A browser window of this person."""
        context = browser.new_context(base_url=self.address, **options)
        if session := self.told[who]["session"]:
            context.add_cookies([{"name": "sessionid", "value": session, "url": self.address}])
        return context

    def pages(self, context, who):
        """What answers a visit with a whole page that is this address's own."""
        for name, urls in self.told[who]["urls"].items():
            for index, url in enumerate(urls):
                if url.startswith(PROGRAMS):
                    continue
                answer = context.request.get(url, max_redirects=0)
                whole = answer.headers.get("content-type", "").startswith("text/html")
                if whole and answer.text().lstrip().startswith("<!doctype"):
                    yield Page(who, f"{name}-{index}" if index else name, url)
