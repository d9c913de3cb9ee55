"""Three headshots without an account: kept for an hour, for one browser, or by signing up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from branding.accounts import tasks, trials
from branding.accounts.models import Trial, User
from branding.operations.account_command import find_account
from headshots.models import Photo, Render, Variant
from headshots.storage import pictures
from tests.support import celery_messages
from tests.support.people import PASSWORD, browser, jpeg, patches, person, photo_of, sheet_of

pytestmark = pytest.mark.django_db
TRY, HOME = "/try/", "/"


@pytest.fixture(autouse=True)
def fresh(settings, tmp_path):
    """Earlier tests have used up nothing, and left no files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    cache.clear()
    celery_messages.lose()


def upload(client, *, seed=1, content=None):
    photo = SimpleUploadedFile("me.jpg", content or jpeg(patches(seed, side=256)))
    return client.post(TRY, {"photo": photo})


def started(*, seed=1):
    """A browser with a trial whose headshots are made."""
    client = browser()
    assert upload(client, seed=seed).url == TRY
    trial = Trial.objects.latest("expires_at")
    name = pictures.store_picture(trial.owner_id, patches(seed, side=512))
    Variant.objects.filter(owner=trial.owner).update(state="ready", picture=name)
    Render.objects.filter(owner=trial.owner).update(finished_at=timezone.now())
    return client, trial


def age(trial, **since):
    Trial.objects.filter(pk=trial.pk).update(expires_at=timezone.now() - timedelta(**since))


def sign_up(client, email="new@example.com"):
    return client.post(reverse("account_signup"), {"email": email, "password1": PASSWORD})


def picture_url(name):
    return reverse("web:picture", args=[name, "400"])


def anything_left():
    rows = [model.objects.exists() for model in (User, Trial, Photo, Render, Variant)]
    return any(rows) or bool(pictures.list_names())


def test_photo_gives_three_headshots_that_this_browser_sees():
    client, trial = started()
    variants = Variant.objects.filter(owner=trial.owner)
    assert [variant.look for variant in variants] == list(trials.LOOKS)
    page = client.get(TRY)
    assert page.status_code == 200
    text = page.content.decode()
    assert "60 minutes" in text and reverse("account_signup") in text
    for name in (variants[0].picture, trial.owner.photos.get().picture):
        response = client.get(picture_url(name))
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "private, max-age=300"


def test_another_visitor_finds_nothing():
    _, trial = started()
    name = trial.owner.variants.first().picture
    nobody, (other, _) = browser(), started(seed=2)
    assert nobody.get(TRY).status_code == 404
    assert nobody.get(picture_url(name)).status_code == 302
    assert other.get(picture_url(name)).status_code == 404
    assert name not in other.get(TRY).content.decode()
    assert browser(person("carol")).get(picture_url(name)).status_code == 404
    assert nobody.post(reverse("web:trial_end")).status_code == 302
    assert Trial.objects.filter(pk=trial.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_after_the_hour_nothing_is_shown_and_nothing_is_left():
    client, trial = started()
    name = trial.owner.variants.first().picture
    trials.delete_expired_trials()
    assert Trial.objects.count() == 1, "its hour is not over"
    age(trial, seconds=1)
    assert client.get(TRY).status_code == 404
    assert client.get(picture_url(name)).status_code == 302
    tasks.delete_expired_trials()
    assert not anything_left()


def test_failure_of_one_leaves_the_others_to_be_deleted(monkeypatch):
    broken, fine = (started(seed=seed)[1] for seed in (1, 2))
    age(broken, hours=2)
    age(fine, hours=1)
    delete = trials.photos.delete_all_pictures

    def delete_unless_broken(owner):
        if owner == broken.owner:
            raise OSError
        delete(owner)

    monkeypatch.setattr(trials.photos, "delete_all_pictures", delete_unless_broken)
    trials.delete_expired_trials()
    assert list(Trial.objects.all()) == [broken]


@pytest.mark.django_db(transaction=True)
def test_visitor_deletes_it_at_once():
    client, _ = started()
    assert client.post(reverse("web:trial_end")).url == HOME
    assert not anything_left()


@pytest.mark.parametrize("verification", ["optional", "mandatory"])
def test_signing_up_keeps_photo_and_headshots(settings, verification):
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    client, trial = started()
    assert "will be kept" in client.get(reverse("account_signup")).content.decode()
    assert sign_up(client).status_code == 302
    owner = User.objects.get()
    assert owner.email == "new@example.com" and owner.is_active
    assert owner.check_password(PASSWORD)
    assert owner.pk == trial.owner_id and owner.variants.count() == 3
    assert not Trial.objects.exists()
    trials.delete_expired_trials()
    client = browser(owner)
    name = owner.variants.first().picture
    assert client.get(picture_url(name)).status_code == 200
    assert name in client.get(reverse("web:sheets")).content.decode()


def sign_in(client, owner):
    return client.post(
        reverse("account_login"), {"login": owner.email, "password": PASSWORD}, follow=True
    )


@pytest.mark.django_db(transaction=True)
def test_signing_in_keeps_photo_and_headshots_beside_what_is_there():
    alice = person("alice")
    earlier = sheet_of(alice, photo_of(alice), count=2)
    client, trial = started()
    tried = set(trial.owner.variants.values_list("pk", flat=True))
    assert "will be kept" in client.get(reverse("account_login")).content.decode()
    celery_messages.lose()
    page = sign_in(client, alice)
    assert "are kept" in page.content.decode()
    assert list(User.objects.all()) == [alice] and not Trial.objects.exists()
    variants = alice.variants.order_by("number")
    assert set(variants.values_list("pk", flat=True)) == tried | set(
        earlier.variants.values_list("pk", flat=True)
    )
    assert [variant.number for variant in variants] == [1, 2, 3, 4, 5]
    name = alice.variants.filter(pk__in=tried).first().picture
    assert client.get(picture_url(name)).status_code == 200
    tried_photo = alice.photos.filter(variants__in=tried).first()
    assert tried_photo.state == Photo.State.CHECKING, "it is compared with the other photos"
    assert ("headshots.check_photo", [str(tried_photo.pk)]) in [
        (task, list(arguments)) for task, arguments in celery_messages.waiting()
    ]
    trials.delete_expired_trials()
    assert name in pictures.list_names()


@pytest.mark.django_db(transaction=True)
def test_headshots_of_a_trial_that_are_not_made_yet_are_made_for_who_signs_in():
    alice, client = person("alice"), browser()
    upload(client)
    sign_in(client, alice)
    render = Render.objects.get()
    assert render.owner == alice and not render.is_finished
    assert [variant.state for variant in alice.variants.all()] == ["waiting"] * 3


@pytest.mark.django_db(transaction=True)
def test_trial_stays_where_the_account_has_no_room_for_a_photo(settings):
    settings.PHOTO_LIMIT = 1
    alice = person("alice")
    photo_of(alice)
    client, trial = started()
    assert "limit" in sign_in(client, alice).content.decode()
    assert Trial.objects.filter(pk=trial.pk).exists() and alice.photos.count() == 1


@pytest.mark.django_db(transaction=True)
def test_trial_that_ended_gives_nothing_to_who_signs_in():
    alice = person("alice")
    client, trial = started()
    age(trial, seconds=1)
    assert "are kept" not in sign_in(client, alice).content.decode()
    assert not alice.photos.exists()


def test_second_account_from_the_same_browser_is_a_new_one():
    client, trial = started()
    sign_up(client)
    again = browser()
    again.cookies = client.cookies
    session = again.session
    session["trial"] = str(trial.pk)
    session.save()
    again.logout()
    sign_up(again, "second@example.com")
    assert User.objects.count() == 2
    assert not User.objects.get(email="second@example.com").photos.exists()


def test_trial_that_is_over_is_not_kept():
    client, trial = started()
    age(trial, seconds=1)
    sign_up(client)
    assert not User.objects.get(email="new@example.com").photos.exists()
    trials.delete_expired_trials()
    assert User.objects.count() == 1


def test_trial_that_ends_while_somebody_signs_up_gives_an_empty_account():
    _, trial = started()
    Trial.objects.filter(pk=trial.pk).delete()
    assert trials.keep_trial(trial.owner).pk is None


def test_existing_address_does_not_take_the_trial_over():
    person("alice")
    client, trial = started()
    sign_up(client, "alice@example.com")
    assert Trial.objects.filter(pk=trial.pk).exists()
    assert not User.objects.get(email="alice@example.com").photos.exists()


def test_new_photo_replaces_the_earlier_one():
    client, trial = started()
    assert upload(client, seed=2).status_code == 302
    assert Trial.objects.count() == User.objects.count() == Photo.objects.count() == 1
    assert not Trial.objects.filter(pk=trial.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_refused_file_says_why_and_leaves_nothing():
    client = browser()
    response = upload(client, content=b"Dear Alice")
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert not anything_left()
    assert client.post(TRY).status_code == 400
    assert not anything_left()


def test_refused_file_leaves_the_earlier_trial():
    client, trial = started()
    upload(client, content=b"Dear Alice")
    assert list(Trial.objects.all()) == [trial]
    assert client.get(TRY).status_code == 200


def test_address_may_try_only_some_photos_an_hour(settings):
    settings.TRIAL_LIMIT = 1000
    statuses = []
    for seed in range(12):
        statuses.append(upload(browser(), seed=seed).status_code)
        Render.objects.update(finished_at=timezone.now())
    assert statuses == [302] * 10 + [429] * 2
    other = upload(browser(REMOTE_ADDR="203.0.113.9"), seed=20)
    assert other.status_code == 302


def test_only_so_many_trials_are_kept(settings):
    settings.TRIAL_LIMIT = 2
    started(seed=1)
    _, second = started(seed=2)
    response = upload(browser(), seed=3)
    assert response.status_code == 429 and response.headers["Retry-After"]
    assert Trial.objects.count() == User.objects.count() == 2
    age(second, seconds=1)
    trials.delete_expired_trials()
    assert upload(browser(), seed=3).status_code == 302


def test_only_so_many_trials_are_made_at_once():
    responses = [upload(browser(), seed=seed) for seed in range(trials.MAX_UNFINISHED + 1)]
    assert [response.status_code for response in responses] == [302] * trials.MAX_UNFINISHED + [429]
    assert User.objects.count() == trials.MAX_UNFINISHED
    Render.objects.filter(owner=User.objects.first()).update(finished_at=timezone.now())
    assert upload(browser(), seed=9).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_visitors_who_come_at_once_do_not_pass_the_limit_together(settings):
    settings.TRIAL_LIMIT = 2

    def reserve(_):
        try:
            trials._reserve_place()
        except trials.TooManyTrials:
            pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(reserve, range(8)))
    assert Trial.objects.count() <= 2


@pytest.mark.parametrize(("limit", "sign_ups"), [(0, "open"), (50, "closed"), (50, "invited")])
def test_operator_switches_it_off(settings, limit, sign_ups):
    settings.TRIAL_LIMIT, settings.SIGN_UP = limit, sign_ups
    assert TRY not in browser().get(HOME).content.decode()
    assert upload(browser()).status_code == 404
    assert browser().get(TRY).status_code == 404
    assert not anything_left()


def test_nobody_signs_in_as_the_user_of_a_trial():
    _, trial = started()
    client = browser()
    fields = {"login": trial.owner.email, "password": PASSWORD}
    client.post(reverse("account_login"), fields)
    assert "_auth_user_id" not in client.session
    assert not trial.owner.has_usable_password()


def test_commands_do_not_take_the_user_of_a_trial_for_an_account():
    started()
    alice = person("alice")
    assert find_account("") == alice


def test_signed_in_person_is_led_to_their_own_photos():
    alice = person("alice")
    assert browser(alice).get(TRY).url == reverse("web:photos")
    assert upload(browser(alice)).url == reverse("web:photos")
    assert not Trial.objects.exists()
