"""A locust file: visitors load the dashboard every one to three seconds.

With REQUESTS they do not pause, and the run ends after that many requests.
"""

import itertools

from locust import FastHttpUser, between, constant, events, task

from branding import env

REQUESTS = env.read_number("REQUESTS", 0)
SESSIONS = itertools.cycle(env.read_text("SESSIONS").split())


class DashboardVisitor(FastHttpUser):
    """One person, signed in, with a browser that keeps its connection."""

    wait_time = constant(0) if REQUESTS else between(1, 3)

    def on_start(self):
        self.headers = {"Cookie": f"sessionid={next(SESSIONS)}"}

    @task
    def visit_dashboard(self):
        self.client.get("/sheets/", headers=self.headers, allow_redirects=False)


@events.init.add_listener
def stop_after_requests(environment, **_):
    """End after as many requests as were asked for."""

    def quit_when_enough(**_):
        if environment.stats.num_requests >= REQUESTS:
            environment.runner.quit()

    if REQUESTS:
        environment.events.request.add_listener(quit_when_enough)
