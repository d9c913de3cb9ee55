"""The hand-off on the desk and on a phone that nobody signed in on."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from integrations.models import HandOff
from integrations.models.handoffs import LINK_SECONDS
from integrations.publishing import handoffs
from tests.support.people import browser, person, variant_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return person("alice")


@pytest.fixture
def handoff(alice):
    return handoffs.begin_handoff(variant_of(alice), "linkedin")


def test_button_of_a_profile_leads_to_the_steps(alice):
    variant = variant_of(alice)
    data = {"variant": variant.pk, "place": "github"}
    page = browser(alice).post(reverse("web:handoff_begin"), data, follow=True).content.decode()
    assert "https://github.com/settings/profile" in page
    assert f'download="{variant.label}-github-500.png"' in page
    assert "tell your administrator" in page and "places.toml" not in page


def test_phone_needs_no_account_and_shows_one_file(alice, handoff):
    phone = browser()
    page = phone.get(reverse("web:phone", args=[handoff.link]))
    text = page.content.decode()
    assert page.status_code == 200 and "no-store" in page.headers["Cache-Control"]
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert alice.email not in text and handoff.variant.picture not in text
    file = phone.get(reverse("web:phone_file", args=[handoff.link]))
    assert file.headers["Content-Type"] == "image/jpeg" and file.content[:2] == b"\xff\xd8"
    for href in re.findall(r'(?:href|src)="(/[^"]*)"', text):
        if not href.startswith(("/static/", "/h/")):
            answer = phone.get(href)
            assert answer.status_code in (200, 302) and alice.email not in answer.content.decode()


def test_done_on_the_phone_is_news_on_the_desk(alice, handoff):
    desk, url = browser(alice), reverse("web:handoff_news", args=[handoff.pk])
    assert "HX-Refresh" not in desk.get(url, {"was": "waiting"}).headers
    phone = browser(enforce_csrf_checks=True)
    form = phone.get(reverse("web:phone", args=[handoff.link])).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)[1]
    done = reverse("web:phone_done", args=[handoff.link])
    assert phone.post(done).status_code == 403
    assert phone.post(done, {"csrfmiddlewaretoken": token}).status_code == 302
    assert HandOff.objects.get().state == "done"
    assert desk.get(url, {"was": "waiting"}).headers["HX-Refresh"] == "true"


def test_address_for_the_phone_ends(monkeypatch, handoff):
    later = timezone.now() + timedelta(seconds=LINK_SECONDS + 1)
    url = reverse("web:phone", args=[handoff.link])
    assert browser().get(url).status_code == 200
    monkeypatch.setattr("django.core.signing.time.time", later.timestamp)
    assert browser().get(url).status_code == 404


def test_code_is_a_picture_of_that_address(alice, handoff):
    answer = browser(alice).get(reverse("web:handoff_qr", args=[handoff.pk]))
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in answer.content and b"style=" not in answer.content


def test_code_is_not_offered_where_a_phone_cannot_reach(alice, handoff, settings):
    settings.ALLOWED_HOSTS = ["*"]
    url, code = reverse("web:handoff", args=[handoff.pk]), "qr.svg"
    assert code not in browser(alice).get(url).content.decode()
    page = browser(alice).get(url, headers={"host": "facet.example"})
    assert code in page.content.decode()


def test_everything_ends_with_the_account(alice, handoff):
    link = handoff.link
    alice.delete()
    assert not HandOff.objects.exists()
    assert browser().get(reverse("web:phone_file", args=[link])).status_code == 404
