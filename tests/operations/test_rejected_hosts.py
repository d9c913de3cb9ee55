"""An installation with a wrong address says what to set, on the page and in the log."""

import pytest

from branding.web import rejected_hosts
from tests.support.people import browser


@pytest.fixture(autouse=True)
def nothing_logged():
    rejected_hosts._logged_hosts.clear()


@pytest.mark.parametrize("secure", [False, True], ids=["http", "redirected to https"])
def test_page_and_log_say_what_to_set(settings, caplog, secure):
    settings.SECURE_SSL_REDIRECT = secure
    client = browser()
    for _ in range(3):
        answer = client.get("/", headers={"host": "other.example:8443"})
        assert answer.status_code == 400
        assert "SITE_URL" in answer.content.decode() and "ALLOWED_HOSTS" in answer.content.decode()
    (line,) = [record.getMessage() for record in caplog.records]
    assert "'other.example'" in line and "SITE_URL" in line


def test_program_reads_it_as_json():
    headers = {"host": "other.example", "accept": "application/json"}
    answer = browser().get("/api/v1/me", headers=headers)
    assert answer.status_code == 400 and answer.json()["code"] == "wrong_host"


def test_strangers_cannot_fill_the_log(caplog):
    client = browser()
    for number in range(40):
        client.get("/", headers={"host": f"host{number}.example"})
        client.get("/", headers={"host": f"<b>{number}"})
    assert len(caplog.records) == rejected_hosts.MAX_LOGGED_HOSTS
    assert "<b>" not in caplog.text
