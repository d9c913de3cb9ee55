"""Public addresses: each answers what its owner opened, to anyone, and nothing else to nobody."""

import base64
import hashlib
import io
import re

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from PIL import Image

from branding import contact_cards
from branding.api.models import Scope
from branding.api.services import create_token
from headshots.services import variants as headshot_variants
from integrations.avatars import libravatar
from integrations.avatars import services as avatar_services
from integrations.errors import BadName, NameTaken
from integrations.models import AvatarAddress, EmailHash
from integrations.places import AVATAR_SLUG
from integrations.publishing import choices, headshot_actions
from tests.support.people import browser, person, sheet_of, variant_of

pytestmark = pytest.mark.django_db
MD5 = hashlib.md5(b"alice@example.com").hexdigest()
SHA256 = hashlib.sha256(b"alice@example.com").hexdigest()


@pytest.fixture
def alice():
    owner = person("alice")
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    return owner


@pytest.fixture
def known(alice):
    """Alice, found by her e-mail address."""
    choices.choose_variant(variant_of(alice), [AVATAR_SLUG])
    browser(alice).post(reverse("web:address_emails"))
    return alice


def ask(path, **parameters):
    return browser().get(path, parameters)


def side(answer):
    return Image.open(io.BytesIO(answer.content)).size


def test_no_address_opens_by_itself(alice):
    first, second, _ = sheet_of(alice).variants.all()
    client = browser(alice)
    client.post(reverse("web:variant_keep", args=[first.pk]))
    client.post(reverse("web:choose"), {"variant": second.pk, "places": ["linkedin", AVATAR_SLUG]})
    _, secret = create_token(alice, "test", scopes=Scope.values)
    headers = {"Authorization": f"Bearer {secret}"}
    kept = browser().patch(
        f"/api/v1/variants/{first.pk}", {"kept": True}, "application/json", headers=headers
    )
    wanted = {"variant": str(first.pk), "places": ["github"]}
    chosen = browser().post("/api/v1/choices", wanted, "application/json", headers=headers)
    assert (kept.status_code, chosen.status_code) == (200, 201)
    assert not AvatarAddress.objects.filter(is_open=True).exists()


def test_person_who_opens_the_address_sees_a_result_at_once(alice):
    first, second, _ = sheet_of(alice).variants.all()
    page = browser(alice).get(reverse("web:addresses")).content.decode()
    assert "Everyone with the link can see it" in page
    headshot_variants.keep_variant(second)
    browser(alice).post(reverse("web:address_open"))
    address = AvatarAddress.objects.get(owner=alice)
    assert ask(f"/avatar/{address.token}").status_code == 200
    assert alice.choices.get(place=AVATAR_SLUG, current=True).variant == second
    choices.choose_variant(first, [AVATAR_SLUG])
    headshot_actions.open_avatar_address(alice)
    assert alice.choices.get(place=AVATAR_SLUG, current=True).variant == first


def test_address_opens_without_any_headshot(alice):
    headshot_actions.open_avatar_address(alice)
    address = AvatarAddress.objects.get(owner=alice)
    assert address.is_open and not alice.choices.exists()


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("digest", [MD5, SHA256, MD5.upper(), SHA256.upper()])
def test_programs_find_a_picture_by_the_hash_of_an_email(digest):
    answer = ask(f"/avatar/{digest}")
    assert answer.status_code == 200 and side(answer) == (80, 80)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in answer.headers
    assert ask(f"/avatar/{digest}", d="404").status_code == 200


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ("1", 1),
        ("200", 200),
        ("512", 512),
        ("513", 512),
        ("580", 512),
        ("870", 512),
        ("2048", 512),
        ("007", 7),
        ("0", 80),
        ("-5", 80),
        ("x", 80),
        ("٣", 80),
        ("9" * 6000, 512),
        ("1.5", 80),
        ("", 80),
    ],
)
def test_size_is_clamped_to_one_to_512_and_80_if_it_is_no_number(size, wanted):
    for name in ("s", "size"):
        assert side(ask(f"/avatar/{MD5}", **{name: size})) == (wanted, wanted)
        assert side(ask(f"/avatar/{'0' * 32}", **{name: size})) == (wanted, wanted)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".png", ".webp", ".JPG"])
def test_suffix_of_a_file_is_allowed(suffix):
    for name in (MD5, SHA256.upper()):
        assert ask(f"/avatar/{name}{suffix}").content == ask(f"/avatar/{name}").content
    assert ask(f"/avatar/{MD5}.exe").status_code == 404


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("forced", [{"f": "y"}, {"forcedefault": "y"}, {"f": "Y"}])
def test_fallback_can_be_forced(forced):
    assert ask(f"/avatar/{MD5}", d="404", **forced).status_code == 404
    drawn, own = ask(f"/avatar/{MD5}", d="identicon", **forced), ask(f"/avatar/{MD5}")
    assert drawn.status_code == 200 and drawn.content != own.content
    assert ask(f"/avatar/{MD5}", d="identicon", f="n").content == own.content


@pytest.mark.parametrize("name", ["d", "default"])
def test_every_name_of_a_fallback_draws_something_of_the_size(name):
    for kind in libravatar.FALLBACK_KINDS:
        answer = ask(f"/avatar/{'0' * 32}", s="64", **{name: kind.upper()})
        assert answer.status_code == (404 if kind == "404" else 200)
        assert kind == "404" or side(answer) == (64, 64)


def test_blank_fallback_is_transparent():
    answer = ask(f"/avatar/{'0' * 32}", d="blank", s="9")
    assert answer.headers["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).getextrema()[3] == (0, 0)


def test_nobody_is_found_before_they_want_it(alice):
    choices.choose_variant(variant_of(alice), [AVATAR_SLUG])
    avatar_services.open_address(alice)
    assert ask(f"/avatar/{MD5}", d="404").status_code == 404
    assert not EmailHash.objects.exists()


def test_only_confirmed_emails_are_answered_for(alice):
    EmailAddress.objects.update(verified=False)
    choices.choose_variant(variant_of(alice), [AVATAR_SLUG])
    browser(alice).post(reverse("web:address_emails"))
    assert not EmailHash.objects.exists()


@pytest.mark.usefixtures("known")
def test_email_that_was_given_up_is_not_answered_for():
    EmailAddress.objects.all().delete()
    assert ask(f"/avatar/{MD5}", d="404").status_code == 404


@pytest.mark.usefixtures("known")
def test_email_belongs_to_whoever_confirmed_it_last():
    bob = person("bob")
    EmailAddress.objects.all().delete()
    EmailAddress.objects.create(user=bob, email="alice@example.com", verified=True, primary=True)
    browser(bob).post(reverse("web:address_emails"))
    assert set(EmailHash.objects.values_list("address__owner", flat=True)) == {bob.pk}


def test_closing_forgets_the_hashes(known):
    browser(known).post(reverse("web:address_emails_ignore"))
    assert ask(f"/avatar/{SHA256}", d="404").status_code == 404
    assert not EmailHash.objects.exists()


@pytest.mark.parametrize(
    "d",
    [
        "https://evil.example/x.png",
        "//evil.example",
        "javascript:1",
        "http://169.254.169.254/",
        "mp",
        "mm",
        "",
        "é",
    ],
)
def test_stranger_gets_a_drawn_person_and_is_sent_nowhere(d):
    answer = ask(f"/avatar/{'0' * 32}", d=d)
    assert answer.status_code == 200 and "Location" not in answer.headers
    assert answer.content == ask(f"/avatar/{'1' * 32}").content


def test_pattern_is_the_same_for_the_same_hash_only():
    first, other = (ask(f"/avatar/{digit * 32}", d="identicon", s="64") for digit in "01")
    assert first.content == ask(f"/avatar/{'0' * 32}", d="identicon", s="64").content
    assert first.content != other.content and first.headers["ETag"] != other.headers["ETag"]


@pytest.mark.usefixtures("known")
def test_answers_have_one_shape_whether_somebody_is_there():
    there, nobody = ask(f"/avatar/{MD5}"), ask(f"/avatar/{'0' * 32}")
    assert set(there.headers) == set(nobody.headers)
    assert there.headers["Cache-Control"] == nobody.headers["Cache-Control"]


@pytest.mark.usefixtures("known")
def test_asking_again_and_asking_only_for_the_head_send_no_picture():
    for path in (f"/avatar/{MD5}", f"/avatar/{'0' * 32}"):
        first, client = ask(path), browser()
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304 and not again.content
        assert again.headers["ETag"] == first.headers["ETag"]
        head = client.head(path)
        assert head.status_code == 200 and not head.content
        assert head.headers["Content-Length"] == str(len(first.content))
        assert client.post(path).status_code == 405


def test_name_shows_the_places_that_were_ticked_and_no_other(alice):
    first, second, _ = sheet_of(alice).variants.all()
    choices.choose_variant(first, ["linkedin", "slack"])
    choices.choose_variant(second, ["github"])
    data = {"name": "@Alice-W", "places": ["linkedin", "github", "moon"]}
    browser(alice).post(reverse("web:address_claim"), data)
    assert AvatarAddress.objects.get().name == "alice-w"
    for path, status in (
        ("/@alice-w/linkedin.jpg", 200),
        ("/@ALICE-W/github.jpg", 200),
        ("/@alice-w/slack.jpg", 404),
        ("/@alice-w/moon.jpg", 404),
        ("/@bob/linkedin.jpg", 404),
    ):
        assert ask(path).status_code == status, path
    assert side(ask("/@alice-w/linkedin.jpg", s="123")) == (123, 123)
    assert not AvatarAddress.objects.get().is_open
    avatar_services.release_public_name(alice)
    assert ask("/@alice-w/linkedin.jpg").status_code == 404


def test_picture_of_a_place_changes_with_the_choice(alice):
    first, second, _ = sheet_of(alice).variants.all()
    choices.choose_variant(first, ["linkedin"])
    avatar_services.claim_public_name(alice, "alice", ["linkedin"])
    tag = ask("/@alice/linkedin.jpg").headers["ETag"]
    type(second).objects.filter(pk=second.pk).update(picture=alice.photos.get().picture)
    choices.choose_variant(second, ["linkedin"])
    assert ask("/@alice/linkedin.jpg").headers["ETag"] != tag


def test_names_are_unique_and_move_with_their_owner(alice):
    bob = person("bob")
    avatar_services.claim_public_name(alice, "alice", [])
    with pytest.raises(NameTaken):
        avatar_services.claim_public_name(bob, "ALICE", [])
    avatar_services.claim_public_name(alice, "alice-2", [])
    avatar_services.claim_public_name(bob, "alice", [])
    assert AvatarAddress.objects.get(owner=bob).name == "alice"
    page = browser(alice).post(reverse("web:address_claim"), {"name": "alice"}, follow=True)
    assert "Somebody else has this name." in page.content.decode()


@pytest.mark.parametrize("name", ["", "ab", "-alice", "alice-", "al ice", "álice", "a" * 31, "a/b"])
def test_name_that_cannot_stand_in_an_address_is_refused(alice, name):
    with pytest.raises(BadName):
        avatar_services.claim_public_name(alice, name, [])


def test_webfinger_leads_to_what_was_opened(known):
    finger = "/.well-known/webfinger"
    by_email = ask(finger, resource="acct:alice@example.com")
    assert by_email.headers["Content-Type"] == "application/jrd+json"
    assert by_email.headers["Access-Control-Allow-Origin"] == "*"
    link = by_email.json()["links"][0]
    assert link["rel"] == "http://webfinger.net/rel/avatar"
    assert link["href"].endswith(f"/avatar/{SHA256}")
    avatar_services.claim_public_name(known, "alice", [AVATAR_SLUG])
    by_name = ask(finger, resource="acct:alice@localhost:8000").json()
    assert by_name["links"][0]["href"] == "http://localhost:8000/@alice/avatar.jpg"
    avatar_services.claim_public_name(known, "alice", [])
    avatar_services.disable_email_lookup(known)
    for resource in (
        "acct:alice@localhost:8000",
        "acct:alice@example.com",
        "acct:x",
        "https://evil.example/",
        "mailto:alice@example.com",
    ):
        assert ask(finger, resource=resource).status_code == 404, resource


@pytest.mark.usefixtures("known")
def test_webfinger_is_asked_for_one_resource_and_some_relations():
    finger, alice = "/.well-known/webfinger", "acct:alice@example.com"
    for parameters in ({}, {"resource": ""}, {"resource": "x"}, {"resource": [alice, alice]}):
        assert ask(finger, **parameters).status_code == 400, parameters
    avatar = "http://webfinger.net/rel/avatar"
    for relations, count in ((["self"], 0), ([avatar], 1), (["self", avatar], 1)):
        document = ask(finger, resource=alice, rel=relations).json()
        assert document["subject"] == alice and len(document["links"]) == count
    assert ask(finger, resource="ACCT:alice@example.com").status_code == 200
    assert ask(finger, resource="acct:nobody@example.com", rel=avatar).status_code == 404


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/avatar/{MD5}", 200),
        (f"/avatar/{'0' * 32}", 200),
        (f"/avatar/{'0' * 32}?d=404", 404),
        (f"/avatar/{MD5}.exe", 404),
        ("/avatar/unknown", 404),
        ("/@nobody/linkedin.jpg", 404),
        ("/.well-known/webfinger?resource=acct:alice@example.com", 200),
        ("/.well-known/webfinger?resource=acct:nobody@example.com", 404),
        ("/.well-known/webfinger", 400),
    ],
)
def test_every_site_may_read_what_is_public_and_what_is_not_there(path, status):
    answer = browser().get(path, headers={"Origin": "https://other.example"})
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Vary" not in answer.headers and "Set-Cookie" not in answer.headers
    refused = browser().post(path, headers={"Origin": "https://other.example"})
    assert refused.status_code == 405 and refused.headers["Access-Control-Allow-Origin"] == "*"


def test_card_has_the_picture_in_it(known):
    answer = browser(known).get(reverse("web:address_card"))
    text = answer.content.decode()
    assert text.startswith("BEGIN:VCARD\r\nVERSION:3.0\r\n") and text.endswith("END:VCARD\r\n")
    photo = re.search(r"PHOTO;ENCODING=b;TYPE=JPEG:((?:[^\r]|\r\n )*)", text)[1]
    assert Image.open(io.BytesIO(base64.b64decode(photo.replace("\r\n ", "")))).size == (400, 400)
    assert max(map(len, text.splitlines())) <= 75


def test_card_and_signature_of_a_strange_name_are_whole():
    card = contact_cards.build_vcard("Ann, the ;first\r\nX:1", "a@b.c", b"")
    assert "\r\nFN:Ann\\, the \\;first X:1\r\n" in card
    html = contact_cards.build_html_signature("https://a.example/avatar/x", '<b>"Ann"', "a@b.c")
    assert "<b>" not in html and 'alt="&lt;b&gt;&quot;Ann&quot;"' in html


@pytest.mark.parametrize(
    ("site", "record"),
    [
        ("https://f.example", "_avatars-sec._tcp.b.c. 3600 IN SRV 0 5 443 f.example."),
        ("https://f.example:8443", "_avatars-sec._tcp.b.c. 3600 IN SRV 0 5 8443 f.example."),
        ("http://f.example", "_avatars._tcp.b.c. 3600 IN SRV 0 5 80 f.example."),
    ],
)
def test_record_for_the_domain_of_an_email(site, record):
    assert contact_cards.build_srv_record("A@B.c", site) == record


def test_page_offers_only_what_would_answer(alice):
    page = browser(alice).get(reverse("web:addresses")).content.decode()
    assert "data-copy" not in page and "data-signature" not in page
    variant_of(alice)
    headshot_actions.open_avatar_address(alice)
    token = AvatarAddress.objects.get().token
    assert token in browser(alice).get(reverse("web:addresses")).content.decode()


def test_everything_public_ends_with_the_account(known):
    avatar_services.claim_public_name(known, "alice", [AVATAR_SLUG])
    token = AvatarAddress.objects.get().token
    known.delete()
    for path in (f"/avatar/{token}", "/@alice/avatar.jpg", f"/avatar/{MD5}?d=404"):
        assert ask(path).status_code == 404
    assert not EmailHash.objects.exists()
