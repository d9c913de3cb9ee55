"""What is somebody else's does not exist: tried at every address of the project."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from branding.kits.models import Kit
from headshots.services import previews
from integrations.models import Choice
from tests.support import celery_messages
from tests.support.people import browser, jpeg, patches, person, snapshot
from tests.support.urls import LINKS_WITH_TOKENS, PUBLIC, Belongings, every_address

pytestmark = pytest.mark.django_db
OWNED = [
    address
    for address in every_address()
    if address.arguments and address.name not in {**PUBLIC, **LINKS_WITH_TOKENS}
]
METHODS = ("get", "post", "put", "delete")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """No worker runs here: what is asked of one is not waited for."""
    celery_messages.lose()
    monkeypatch.setattr(previews, "ANSWER_TIMEOUT_SECONDS", 0.05)


@pytest.fixture
def alice():
    owner = person("alice")
    Kit.objects.create(owner=owner, name="Alice of Wonderland", accent="#123456")
    return Belongings(owner)


@pytest.fixture
def carol():
    return Belongings(person("carol"))


def test_walk_knows_every_address(alice):
    assert len(OWNED) >= 20
    for address in every_address():
        assert alice.urls(address)


@pytest.mark.slow
@pytest.mark.parametrize("address", OWNED, ids=lambda address: address.name)
@pytest.mark.parametrize("script", [{}, {"HTTP_HX_REQUEST": "true"}], ids=["visit", "htmx"])
def test_stranger_finds_nothing_and_changes_nothing(alice, carol, address, script):
    before = snapshot(alice.owner)
    signed_in, nobody = browser(carol.owner), browser()
    for url in alice.urls(address):
        for method in METHODS:
            answer = getattr(signed_in, method)(url, **script)
            assert answer.status_code in (404, 405) or _asks_who_it_is(answer), (method, url)
            answer = getattr(nobody, method)(url, **script)
            assert answer.status_code in (401, 404, 405) or _to_login(answer), (method, url)
        assert browser(carol.owner).get(url).status_code != 200
    assert snapshot(alice.owner) == before


@pytest.mark.slow
@pytest.mark.parametrize("address", OWNED, ids=lambda address: address.name)
def test_owner_finds_it_there(alice, address):
    """So that 404 for a stranger means something."""
    if address.name in ("web:avatar", "web:avatar_named"):
        alice.open_addresses()
    client = browser(alice.owner)
    for url in alice.urls(address):
        statuses = {client.get(url).status_code, client.post(url).status_code}
        assert statuses - {404, 405}, url


@pytest.mark.parametrize(
    "address",
    [a for a in every_address() if a.name in LINKS_WITH_TOKENS],
    ids=lambda address: address.name,
)
def test_guessed_email_opens_nothing(alice, address):
    before = snapshot(alice.owner)
    for url in alice.urls(address):
        for method in METHODS:
            assert getattr(browser(), method)(url).status_code < 500
    assert snapshot(alice.owner) == before
    assert alice.owner.check_password("a long pass phrase")


@pytest.mark.slow
def test_pages_of_one_show_nothing_of_another(alice, carol):
    client = browser(carol.owner)
    seen = 0
    for address in every_address():
        if not address.name.startswith("web:"):
            continue  # allauth's pages show who is signed in, and nothing of anybody else
        for url in carol.urls(address):
            answer = client.get(url, follow=True)
            if answer.headers["Content-Type"].startswith("text/html"):
                seen += answer.status_code == 200
                text = answer.content.decode()
                for secret in (*alice.secrets(), "Alice of Wonderland"):
                    assert secret not in text, (url, secret)
    assert seen > 10


def test_arguments_after_the_question_mark_name_only_ones_own(alice, carol):
    client, theirs = browser(carol.owner), str(alice.variant.pk)
    mine = str(carol.variant.pk)
    for url, status in (
        (f"{reverse('web:compare')}?a={theirs}&b={mine}", 404),
        (f"{reverse('web:compare')}?a={mine}&b={theirs}", 404),
        (f"{reverse('web:zip')}?ids={theirs}", 409),
        (f"{reverse('web:zip')}?render={alice.render.pk}", 409),
        (f"{reverse('web:sheet', args=[carol.render.pk])}?frame={theirs}", 200),
        (f"{reverse('web:progress', args=[carol.render.pk])}?waiting={theirs}", 200),
        (f"{reverse('web:make')}?photo={alice.photo.pk}", 200),
    ):
        answer = client.get(url)
        assert answer.status_code == status, url
        assert not any(
            name in answer.content.decode("latin-1")
            for name in (alice.variant.picture, alice.photo.picture)
        ), url


def test_forms_that_name_anothers_things_change_nothing(alice, carol):
    before, client = snapshot(alice.owner), browser(carol.owner)
    tried = (
        ("web:choose", [], {"variant": alice.variant.pk, "places": ["github"]}, 404),
        ("web:make", [], {"photos": [alice.photo.pk], "looks": ["linkedin"]}, 409),
        ("web:refresh_yes", [carol.refresh.pk], {"use": [alice.variant.pk]}, 302),
        ("web:clear", [], {"place": "linkedin"}, 302),
        ("web:address_open", [], {}, 302),
        ("web:address_renew", [], {}, 302),
        ("web:address_close", [], {}, 302),
        ("web:address_claim", [], {"name": alice.address.name, "places": ["linkedin"]}, 302),
        ("web:address_release", [], {}, 302),
        ("web:address_emails_ignore", [], {}, 302),
        ("web:kit", [], {"name": "Carol", "smile_low": -1, "smile_high": 1}, 302),
        ("web:kit_again", [], {}, 302),
        ("web:refresh", [], {}, 302),
        ("web:account_delete", [], {"email": alice.owner.email}, 200),
    )
    for name, arguments, fields, status in tried:
        assert client.post(reverse(name, args=arguments), fields).status_code == status, name
    assert snapshot(alice.owner) == before
    assert not Choice.objects.filter(owner=carol.owner, variant=alice.variant).exists()
    assert Kit.objects.get(owner=alice.owner).name == "Alice of Wonderland"


def test_same_photo_of_two_people_is_two_files(alice, carol):
    data = jpeg(patches(99))
    for owner in (alice.owner, carol.owner):
        _upload(browser(owner), data)
    theirs = alice.owner.photos.get(name="same.jpg")
    url = reverse("web:picture", args=[theirs.picture, "full"])
    assert browser(alice.owner).get(url).status_code == 200
    assert browser(carol.owner).get(url).status_code == 404


def test_signing_out_closes_every_page(alice):
    client = browser(alice.owner)
    client.logout()
    cache.clear()
    for name in ("web:sheets", "web:photos", "web:kit", "web:profiles", "web:history"):
        assert _to_login(client.get(reverse(name)))


def _upload(client, data):
    from_disk = SimpleUploadedFile("same.jpg", data)
    assert client.post(reverse("web:photos"), {"photos": [from_disk]}).status_code == 302


def _to_login(answer):
    return answer.status_code == 302 and answer.url.startswith(str(settings.LOGIN_URL))


def _asks_who_it_is(answer):
    """Before keys are changed one has to type one's password again."""
    return answer.status_code == 302 and "reauthenticate" in answer.url
