"""Publishing: one effect, seen or looked for, undone, and never over what a person set by hand."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.core import mail
from django.utils import timezone

from headshots import pictures
from headshots.meters import REGISTRY
from headshots.models import Photo
from headshots.services import photos
from integrations import lifecycle
from integrations.contract import Readback, Slot
from integrations.errors import (
    HandOff,
    NotHere,
    NotShowable,
    NotYou,
    Refused,
    Throttled,
    Unauthorised,
    Unavailable,
    Uncertain,
)
from integrations.lifecycle import EDGES, State
from integrations.models import Attempt, Backup, Bucket, Connection, Publication
from integrations.selectors import history_of, profiles_of, publication_for, receipts_of
from integrations.services import (
    choices,
    connections,
    deliveries,
    digests,
    outgoing,
    pace,
    publications,
    transitions,
)
from tests import messages, portraits
from tests.integrations.memory import SLUG, connected, put_in_registry
from tests.people import jpeg, patches, person, photo_of, selfie, variant_of
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

LATE = "facet_publish_lateness_seconds"
ORIGINAL = jpeg(patches(90, side=256))


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    messages.lose()


@pytest.fixture
def alice():
    return person()


@pytest.fixture
def platform(monkeypatch):
    return put_in_registry(monkeypatch)


@pytest.fixture
def account(alice, platform):
    platform.by_hand(ORIGINAL)
    return connected(alice)


def headshot(owner, seed=1, **told):
    """A headshot that looks different for every seed."""
    variant = variant_of(owner, photo=photo_of(owner, seed=owner.photos.count()))
    values = {"picture": pictures.keep(owner.pk, patches(seed, side=512)), **told}
    type(variant).objects.filter(pk=variant.pk).update(**values)
    variant.refresh_from_db()
    return variant


def at(connection):
    """The profile of a connection."""
    (found,) = [one for one in profiles_of(connection.owner) if one.connection == connection]
    return found


def ask(connection, seed=1, **told):
    """A new headshot, on its way to an account."""
    (made,) = publications.publish(headshot(connection.owner, seed), [at(connection)], **told)
    return made


def now_is(one, **values):
    """Change a row behind everybody's back, and read it again."""
    Publication.objects.filter(pk=one.pk).update(**values)
    one.refresh_from_db()
    return one


def due(one):
    return now_is(one, not_before=timezone.now(), touched_at=None)


def work(one):
    """What a worker does with it when its time has come."""
    due(one)
    (deliveries.look if one.is_watched else deliveries.send)(one.pk)
    one.refresh_from_db()
    return one


def trail(one):
    return [step.target for step in one.steps.all()]


@pytest.mark.usefixtures("account")
def test_chosen_headshot_is_sent_seen_and_verified(alice, platform):
    choices.choose(headshot(alice), [SLUG])
    (one,) = publications.refresh(alice)
    assert one.state == "ready" and str(one.says) == "waiting"
    assert messages.deliver() == 1
    one.refresh_from_db()
    assert one.state == "published" and str(one.says) == "verified"
    assert len(platform.effects) == 1 and trail(one) == ["sending", "published"]
    assert one.live_key == platform.live.key


def test_message_twice_is_one_effect(account, platform):
    one = ask(account)
    deliveries.send(one.pk)
    deliveries.send(one.pk)
    assert len(platform.effects) == 1


def test_lost_message_is_told_again(account, platform):
    one = ask(account)
    messages.lose()
    outgoing.tell_again()
    assert messages.waiting() == [], "a worker may still be at it"
    now_is(one, touched_at=timezone.now() - timedelta(minutes=2))
    outgoing.tell_again()
    assert messages.deliver() == 1 and len(platform.effects) == 1


def test_picture_is_kept_before_the_first_write(account):
    one = work(ask(account))
    assert one.before.portrait and one.before.media_type == "image/jpeg"
    assert not one.before.is_none
    assert ORIGINAL not in bytes(one.before.sealed), "what is stored is sealed"


def test_undo_puts_back_the_very_bytes(account, platform):
    one = work(ask(account))
    undo = work(publications.undo(one))
    assert undo.state == "published" and platform.live.data == ORIGINAL
    assert undo.undoes == one
    again = work(publications.undo(undo))
    assert again.state == "published" and platform.live.data == platform.effects[0]


def test_undo_removes_a_picture_where_none_was(alice, platform):
    one = work(ask(connected(alice)))
    assert one.before.is_none and platform.live is not None
    undo = work(publications.undo(one))
    assert undo.state == "published" and platform.live is None


@pytest.mark.usefixtures("platform")
def test_everything_is_undone_together(alice):
    many = [connected(alice, account=str(index)) for index in range(3)]
    sent = [work(ask(connection, seed)) for seed, connection in enumerate(many, start=1)]
    undone = publications.undo_all(sent)
    assert len({one.batch for one in undone}) == 1 and len(undone) == 3


def test_undo_of_what_is_gone_says_so(account):
    one = work(ask(account))
    connections.disconnect(account)
    one.refresh_from_db()
    with pytest.raises(NotHere):
        publications.undo(publication_for(one.owner, one.pk))


def test_same_picture_is_kept_once(account):
    for seed in (1, 2, 1, 2):
        assert work(ask(account, seed)).state == "published"
    assert Backup.objects.count() == 3


def test_picture_set_by_hand_is_not_overwritten(account, platform):
    work(ask(account))
    platform.by_hand(jpeg(patches(50, side=256)))
    one = work(ask(account, seed=2))
    assert (one.state, one.code) == ("blocked", "drifted") and len(platform.effects) == 1
    assert one.before.portrait, "what was found is shown"


def test_picture_taken_away_by_hand_is_respected(account, platform):
    work(ask(account))
    platform.by_hand(None)
    assert work(ask(account, seed=2)).code == "drifted"


def test_recompressed_picture_is_still_ours(account, platform):
    work(ask(account))
    platform.by_hand(jpeg(patches(1, side=400), quality=75))
    assert work(ask(account, seed=2)).state == "published"


def test_first_write_asks_nobody(account):
    assert work(ask(account)).state == "published"


ERRORS = [HandOff, Refused, Unauthorised, Throttled, Unavailable, Uncertain]


@pytest.mark.parametrize("kind", ERRORS)
def test_error_before_the_write_leads_where_the_table_says(account, platform, kind):
    platform.trouble["current"] = [kind("no", status=403)]
    one = work(ask(account))
    told = lifecycle.after(kind("no"), step=lifecycle.Step.BEFORE)
    assert one.state == told.state and one.attempts == told.counts and platform.effects == []
    assert one.words == "no" and one.sent_at is None


@pytest.mark.parametrize("kind", ERRORS)
def test_error_of_the_write_leads_where_the_table_says(account, platform, kind):
    platform.trouble["publish"] = [kind("no", status=403)]
    one = work(ask(account))
    told = lifecycle.after(kind("no"), step=lifecycle.Step.WRITE)
    assert one.state == told.state and one.attempts == told.counts
    assert (one.sent_at is None) == (kind is not Uncertain)


@pytest.mark.parametrize("kind", ERRORS)
def test_error_of_a_look_leaves_it_where_it_is(account, platform, kind):
    platform.lag = 10**6
    one = work(ask(account))
    assert one.state == "processing"
    platform.trouble["current"] = [kind("no", status=503)]
    assert work(one).state == "processing" and one.not_before > timezone.now()


def test_answer_that_did_not_come_is_looked_for_and_found(account, platform):
    platform.trouble["written"] = [Uncertain("no answer")]
    one = work(ask(account))
    assert one.state == "uncertain"
    assert work(one).state == "published" and len(platform.effects) == 1


def test_what_did_not_arrive_is_sent_again_after_two_looks(account, platform):
    platform.trouble["publish"] = [Uncertain("no answer")]
    one = work(ask(account))
    assert work(one).state == "uncertain", "the server may still be at work"
    assert work(one).state == "ready" and one.attempts == 1
    assert work(one).state == "published" and len(platform.effects) == 1


def test_person_decides_where_sending_twice_does_harm(alice, monkeypatch):
    platform = put_in_registry(monkeypatch, slots=(Slot(idempotent=False),))
    platform.trouble["publish"] = [Uncertain("no answer")]
    one = work(ask(connected(alice)))
    work(one)
    assert work(one).state == "blocked" and one.code == "unclear" and platform.effects == []


def test_nothing_else_is_sent_while_it_is_uncertain(account, platform):
    platform.trouble["written"] = [Uncertain("no answer")]
    first = work(ask(account))
    second = ask(account, seed=2)
    deliveries.send(second.pk)
    second.refresh_from_db()
    assert second.state == "ready" and second.not_before > timezone.now()
    work(first)
    assert work(second).state == "published"


def test_throttled_waits_as_long_as_it_is_told_and_costs_nothing(account, platform):
    platform.trouble["publish"] = [Throttled("slow down", retry_after=1234)]
    one = work(ask(account))
    wait = (one.not_before - timezone.now()).total_seconds()
    assert one.state == "ready" and one.attempts == 0 and 1200 < wait <= 1234


def test_person_is_asked_after_some_tries_and_nothing_is_dropped(account, platform, settings):
    platform.trouble["publish"] = [Unavailable("away") for _ in range(settings.PUBLISH_ATTEMPTS)]
    one = ask(account)
    waits = []
    for _ in range(settings.PUBLISH_ATTEMPTS):
        assert one.state == "ready"
        waits.append((work(one).not_before - timezone.now()).total_seconds())
    assert one.state == "blocked" and one.news_at and one.advice
    assert sum(waits[:-1]) > 3600, "an hour's outage is waited for"
    assert all(later > 1.5 * sooner for sooner, later in pairwise(waits[:6]))


def test_what_does_not_show_is_polled_then_stays_visible(account, platform):
    platform.lag = 10**6
    one = work(ask(account))
    waits = []
    while one.state == "processing":
        waits.append((one.not_before - timezone.now()).total_seconds())
        work(one)
    assert [round(wait, -1 if wait > 9 else 0) for wait in waits] == [5, 30, 300, 3600]
    assert one.state == "propagating" and str(one.says) == "propagating" and one.news_at is None
    assert one.not_before > timezone.now() + timedelta(hours=20)
    platform.hidden = 0
    assert work(one).state == "published"


@pytest.mark.parametrize("readback", list(Readback))
def test_recognised_however_the_platform_tells(alice, monkeypatch, readback):
    platform = put_in_registry(monkeypatch)
    platform.platform = type(platform.platform)(**{**vars(platform.platform), "readback": readback})
    platform.lag = 10**6
    one = work(ask(connected(alice)))
    assert one.state == "processing"
    platform.hidden = 0
    assert work(one).state == "published"


def test_older_one_is_not_looked_for_any_more(account, platform):
    platform.lag = 10**6
    first = work(ask(account))
    platform.lag = platform.hidden = 0
    second = work(ask(account, seed=2))
    first.refresh_from_db()
    assert second.state == "published" and (first.state, first.code) == ("cancelled", "superseded")


def test_newer_one_takes_the_place_of_what_waits(account, platform):
    first, second = ask(account), ask(account, seed=2)
    first.refresh_from_db()
    assert (first.state, first.code) == ("cancelled", "superseded")
    assert messages.deliver() == 2 and len(platform.effects) == 1
    assert work(second).state == "published"


def test_lost_connection_waits_for_the_person_and_goes_on(account, platform):
    platform.trouble["current"] = [Unauthorised("gone", status=401)]
    one = work(ask(account))
    assert (one.state, one.code) == ("blocked", "unauthorised")
    assert Connection.objects.get().state == "lost"
    publications.resume(account)
    one.refresh_from_db()
    assert one.state == "ready"


def test_disconnecting_takes_back_what_waits(account):
    one = ask(account)
    connections.disconnect(account)
    one.refresh_from_db()
    assert (one.state, one.code) == ("cancelled", "disconnected")


def test_taken_back_before_it_is_sent(account, platform):
    one = ask(account)
    assert publications.cancel(one) and not publications.cancel(one)
    assert messages.deliver() == 1 and platform.effects == []


def test_stale_run_is_looked_for_before_anything_else(account, settings):
    one = ask(account)
    held = transitions.claim(one.pk)
    assert transitions.reap() == 0
    old = timezone.now() - timedelta(seconds=settings.PUBLISH_LEASE_SECONDS + 1)
    now_is(held, touched_at=old)
    assert transitions.reap() == 1
    one.refresh_from_db()
    assert (one.state, one.code) == ("uncertain", "lost")
    assert not transitions.about_to_write(held, before=None), "who was given up sends nothing"


def test_run_that_ended_before_it_sent_anything_is_not_taken_for_done(alice, platform, settings):
    one = ask(connected(alice))
    old = timezone.now() - timedelta(seconds=settings.PUBLISH_LEASE_SECONDS + 1)
    now_is(transitions.claim(one.pk), touched_at=old)
    transitions.reap()
    one.refresh_from_db()
    assert work(one).state == "uncertain" and work(one).state == "ready"
    assert work(one).state == "published" and len(platform.effects) == 1


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_at_the_same_moment_make_one_effect(account, platform, workers):
    one = ask(account)
    together(*[lambda: deliveries.send(one.pk)] * workers)
    one.refresh_from_db()
    assert len(platform.effects) == 1 and one.state == "published"


def test_two_pictures_for_one_slot_are_never_sent_at_once(account):
    first, second = ask(account), ask(account, seed=2)
    Publication.objects.filter(pk=first.pk).update(state="ready")  # both wait, by force
    held = together(lambda: transitions.claim(first.pk), lambda: transitions.claim(second.pk))
    assert sum(one is not None for one in held) == 1
    assert Publication.objects.filter(state="sending").count() == 1


@pytest.mark.usefixtures("account")
def test_asking_twice_in_one_batch_is_once(alice):
    choices.choose(headshot(alice), [SLUG])
    (first,) = publications.refresh(alice)
    (again,) = publications.refresh(alice, batch=first.batch)
    assert again == first and list(receipts_of(alice, first.batch)) == [first]


@pytest.mark.usefixtures("account")
def test_each_account_succeeds_or_fails_alone(alice, platform):
    connected(alice, account="2", server="https://other.example.org")
    choices.choose(headshot(alice), [SLUG, "avatar"])
    made = publications.refresh(alice)
    platform.trouble["publish"] = [Refused("no", status=422)]
    messages.deliver()
    states = sorted(receipts_of(alice, made[0].batch).values_list("state", flat=True))
    assert states == ["failed", "published", "published"]


def test_served_place_shows_it_at_once(alice):
    variant = headshot(alice)
    (profile,) = [one for one in profiles_of(alice) if one.frame.is_served]
    (one,) = publications.publish(variant, [profile])
    assert one.state == "published" and messages.waiting() == []
    assert profiles_of(alice)[-1].choice.variant == variant


def test_later_is_a_row_and_no_message(account, platform):
    one = ask(account, due=timezone.now() + timedelta(hours=3))
    assert one.state == "scheduled" and messages.waiting() == []
    assert publications.ripen() == 0
    now_is(one, not_before=timezone.now())
    assert publications.ripen() == 1 and messages.deliver() == 1
    assert len(platform.effects) == 1


def test_schedule_keeps_the_pause_and_a_person_does_not_wait(account):
    work(ask(account))
    by_schedule = ask(account, seed=2, origin=account.pk)
    assert by_schedule.state == "scheduled"
    hours = (by_schedule.not_before - timezone.now()).total_seconds() / 3600
    assert 23 < hours <= 24
    assert ask(account, seed=3).state == "ready"


def test_crowd_is_spread_and_the_spread_is_kept(alice, platform):
    every = 60 / platform.platform.per_minute
    many = [connected(alice, account=str(index)) for index in range(pace.BURST + 10)]
    variant = headshot(alice)
    made = publications.publish(variant, [one for one in profiles_of(alice) if one.connection])
    assert len(messages.waiting()) == pace.BURST
    spread = [one.spread for one in Publication.objects.filter(spread__gt=0)]
    assert len(spread) == len(many) - pace.BURST and max(spread) <= 12 * every
    assert Bucket.objects.count() == 1
    for one in made:
        work(one)
    assert len(platform.effects) == len(many), "nobody is passed over"


@pytest.mark.usefixtures("platform")
def test_turns_are_given_out_once_each(alice):
    connection = connected(alice)
    turns = together(*[lambda: pace._reserve(connection.platform, "s") for _ in range(4)])
    assert turns == [0, 0, 0, 0]
    every = 60 / connection.platform.per_minute
    now = timezone.now().timestamp()
    assert Bucket.objects.get(name__endswith=" s").full_at == pytest.approx(now + 4 * every, abs=3)


def test_headshot_of_somebody_else_is_not_sent(account):
    with pytest.raises(NotYou):
        publications.publish(headshot(person("bob")), [at(account)])


@pytest.mark.parametrize("likeness", [None, 0.26, float("nan")])
def test_headshot_that_is_not_like_its_person_is_not_sent(alice, account, likeness):
    if likeness != likeness:
        variant = headshot(alice)
        variant.likeness = likeness
    else:
        variant = headshot(alice, likeness=likeness)
    with pytest.raises(NotYou):
        publications.publish(variant, [at(account)])


def test_guard_holds_in_the_worker_too(account, platform):
    one = ask(account)
    type(one.variant).objects.update(likeness=0.6)
    assert work(one).state == "failed" and one.code == "not_you" and platform.effects == []


def test_headshot_that_is_not_ready_is_not_sent(alice, account):
    with pytest.raises(NotShowable):
        publications.publish(variant_of(alice, state="waiting"), [at(account)])


def test_deleted_headshot_is_said(account):
    one = ask(account)
    one.variant.delete()
    assert work(one).state == "failed" and one.code == "not_here" and one.advice


def test_place_without_account_takes_no_part(alice):
    choices.choose(headshot(alice), ["slack", "linkedin"])
    assert [one.place for one in publications.refresh(alice)] == ["linkedin"]
    (slack,) = [one for one in profiles_of(alice) if one.frame.slug == "slack"]
    with pytest.raises(NotHere):
        publications.publish(headshot(alice), [slack])


def test_history_tells_before_and_after(alice, account):
    first, second = work(ask(account)), work(ask(account, seed=2))
    newest, oldest = history_of(alice, SLUG, account.pk)
    assert (newest, oldest) == (second, first)
    assert newest.before.fingerprint == oldest.fingerprint
    assert list(history_of(person("bob"), SLUG)) == []


def test_stranger_cannot_see_publication(account):
    with pytest.raises(Publication.DoesNotExist):
        publication_for(person("bob"), ask(account).pk)


def test_everything_goes_with_the_account(alice, account):
    work(ask(account))
    alice.delete()
    assert not Publication.objects.exists() and not Attempt.objects.exists()
    assert not Backup.objects.exists()


def test_move_outside_the_table_raises(account):
    one = ask(account)
    for target in set(State) - EDGES[State.READY]:
        with pytest.raises(lifecycle.Misstep):
            transitions.move(one, target)
    assert trail(one) == []


def test_move_of_what_moved_on_changes_nothing(account):
    one = ask(account)
    stale = Publication.objects.get(pk=one.pk)
    assert publications.cancel(one)
    assert not transitions.move(stale, State.CANCELLED) and trail(one) == ["cancelled"]


@pytest.fixture
def drifted(account, platform):
    """A publication that somebody has to answer for: the picture there was set by hand."""
    work(ask(account))
    platform.by_hand(selfie(3))
    return work(ask(account, seed=2))


def test_theirs_is_kept(drifted, platform):
    publications.resolve(drifted, "keep")
    drifted.refresh_from_db()
    assert (drifted.state, drifted.code) == ("cancelled", "kept") and len(platform.effects) == 1


def test_ours_is_sent_over_just_that_picture(drifted, platform):
    publications.resolve(drifted, "send")
    platform.by_hand(jpeg(patches(60, side=256)))
    assert work(drifted).code == "drifted", "it is another picture than the one agreed to"
    publications.resolve(drifted, "send")
    assert work(drifted).state == "published" and len(platform.effects) == 2


def test_only_what_is_asked_is_answered(drifted):
    with pytest.raises(NotHere):
        publications.resolve(drifted, "whatever")
    publications.resolve(drifted, "keep")
    with pytest.raises(NotHere):
        publications.resolve(drifted, "send")


def test_picture_of_the_same_person_is_taken_over(alice, account, drifted, platform):
    photo = photos.add(alice, selfie(0))
    Photo.objects.filter(pk=photo.pk).update(state="usable")
    Photo.objects.exclude(pk=photo.pk).delete()
    publications.resolve(drifted, "adopt")
    drifted.refresh_from_db()
    assert drifted.state == "processing" and work(drifted).state == "processing"
    messages.deliver()
    assert work(drifted).state == "published"
    assert drifted.variant.source_type == "digitalCapture" and drifted.variant.likeness < 0.25
    assert at(account).choice.variant == drifted.variant and len(platform.effects) == 1
    platform.by_hand(jpeg(patches(61, side=256)))
    assert work(ask(account, seed=3)).code == "drifted", "from now on it is ours"


@pytest.mark.skipif(len(portraits.PORTRAITS) < 2, reason="it takes a photo of somebody else")
def test_picture_of_somebody_else_is_not_taken_over(alice, account, drifted):
    other = next(one for one in portraits.PORTRAITS if one != portraits.ASTRONAUT)
    photo = photos.add(alice, jpeg(other.pixels, quality=92))
    Photo.objects.filter(pk=photo.pk).update(state="usable")
    Photo.objects.exclude(pk=photo.pk).delete()
    publications.resolve(drifted, "adopt")
    messages.deliver()
    assert work(drifted).state == "failed" and drifted.code == "not_adopted" and drifted.words
    assert at(account).choice is None


def test_nothing_is_taken_over_without_a_photo_to_compare_with(drifted):
    Photo.objects.all().delete()
    with pytest.raises(NotYou):
        publications.resolve(drifted, "adopt")
    drifted.refresh_from_db()
    assert drifted.state == "blocked"


def settled():
    """As long as news are collected has passed."""
    past = timezone.now() - timedelta(minutes=3)
    Publication.objects.exclude(news_at=None).update(news_at=past)


def test_one_letter_tells_everything_once(alice, platform):
    many = [connected(alice, account=str(index)) for index in range(3)]
    platform.trouble["publish"] = [Refused("the picture is too small") for _ in many]
    for seed, connection in enumerate(many, start=1):
        work(ask(connection, seed))
    assert digests.send() == 0, "more may come"
    settled()
    assert sum(together(digests.send, digests.send)) == 1
    assert digests.send() == 0
    (letter,) = mail.outbox
    assert letter.to == [alice.email] and letter.subject.startswith("3 ")
    assert letter.body.count("too small") == 3 and "/profiles/" in letter.body


def test_no_letter_when_all_is_well(account):
    work(ask(account))
    settled()
    assert digests.send() == 0 and mail.outbox == []


def test_no_letter_about_what_mended_itself(account, platform):
    platform.trouble["publish"] = [HandOff("by hand")]
    one = work(ask(account))
    assert one.news_at
    publications.resolve(one, "send")
    settled()
    assert digests.send() == 0


def test_letter_that_cannot_be_sent_is_kept(account, platform, settings):
    platform.trouble["publish"] = [Refused("no")]
    one = work(ask(account))
    settled()
    settings.EMAIL_BACKEND = "tests.integrations.test_publications.NoPost"
    assert digests.send() == 0
    one.refresh_from_db()
    assert one.news_at > timezone.now()


class NoPost:
    """A post office that is closed."""

    def __init__(self, **_):
        pass

    def send_messages(self, _):
        raise OSError("closed")


def counted(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0


def test_outcome_and_lateness_are_counted_once(account):
    before = counted("facet_publications_total", place=SLUG, outcome="published")
    taken, late = counted(f"{LATE}_count"), counted(f"{LATE}_bucket", le="3600.0")
    one = now_is(ask(account), due_at=timezone.now() - timedelta(hours=2))
    assert work(one).state == "published"
    assert deliveries.send(one.pk) is None
    assert counted("facet_publications_total", place=SLUG, outcome="published") == before + 1
    assert counted(f"{LATE}_count") == taken + 1
    assert counted(f"{LATE}_bucket", le="3600.0") == late, "two hours is later than any bucket"
