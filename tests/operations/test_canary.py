"""What people type, send and own never reaches a log line, however talkative Facet is set."""

import json

import pytest

from tests.branding.test_supervisor import facet  # noqa: F401  a fixture

READY = "Facet is ready: http://localhost:"
CANARIES = {
    "SECRET_KEY": "canary-secret-key-0123456789-0123456789-0123456789",
    "VAULT_KEY": "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmE=",
    "METRICS_TOKEN": "canary-metrics-token",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "facet", [{"LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json", **CANARIES}], indirect=True
)
def test_log_lines_are_json_and_hold_nothing_secret(facet):  # noqa: F811
    facet.wait_for_line(READY, 90)
    assert facet.sign_up("canary-mail@example.com") == 302
    assert facet.get("/avatar/canary-avatar-token") == 404
    assert facet.get("/accounts/password/reset/key/canary-reset-key/") in {200, 302, 404}
    assert facet.get("/sample/linkedin.jpg?canary-query=1") == 200

    facet.wait_for_line("headshots.render_sample[")
    facet.stop()
    secrets = (*CANARIES.values(), "canary-", "a long pass phrase", "csrftoken", "sessionid")
    own = ("Facet", "Mail for", "worker: ")  # said by the supervisor, and by Celery in plain words
    lines = [line for line in facet.lines if line.strip() and not line.startswith(own)]
    assert lines and not [line for line in lines if any(word in line for word in secrets)]
    entries = [json.loads(line) for line in lines]
    page_entry = next(entry for entry in entries if entry.get("route") == "web:sample")
    worker_entries = [
        entry
        for entry in entries
        if "headshots.render_sample[" in entry["message"] and "request" in entry
    ]
    assert {entry["request"] for entry in worker_entries} == {page_entry["request"]}
