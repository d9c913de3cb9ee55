"""Renders: numbers on the film, one holder at a time, and every headshot written once."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from branding.accounts.services import delete_account
from headshots import worker
from headshots.engine.errors import LikenessTooLow
from headshots.errors import NotReady
from headshots.models import Photo, Render, Variant
from headshots.services import photos, queue, render_sizes, renders, variants
from headshots.storage import pictures
from tests.support import celery_messages
from tests.support.concurrency import together
from tests.support.people import person, photo_of, selfie, sheet_of, variant_of
from tests.support.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
FEW = ("linkedin", "corporate", "plain")


@pytest.fixture
def alice():
    celery_messages.lose()
    return person("alice")


@pytest.fixture
def photo(alice):
    """A photo that the coach accepted."""
    photo = photos.add_photo(alice, selfie())
    worker.check_photo(photo.pk)
    return Photo.objects.get(pk=photo.pk)


@pytest.fixture
def written():
    """Counts, inside the database, how often each headshot is written down."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE written (variant)")
        cursor.execute(
            "CREATE TRIGGER count_written AFTER UPDATE OF made_at ON headshots_variant "
            "BEGIN INSERT INTO written VALUES (new.id); END"
        )

    def counts():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM written GROUP BY variant")
            return [count for (count,) in cursor.fetchall()]

    yield counts
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER count_written")
        cursor.execute("DROP TABLE written")


def start(photo, looks, slugs=FEW, **options):
    return renders.start_render(photo.owner, [photo], [looks[slug] for slug in slugs], **options)


def abandon(render):
    """Let a render look as if its worker had died long ago, and be told again."""
    Render.objects.filter(pk=render.pk).update(touched_at=timezone.now() - timedelta(days=1))
    assert queue.enqueue_stale_work() == 1


def states(render):
    return set(render.variants.values_list("state", flat=True))


# What is asked for


def test_nothing_is_made_of_nothing(alice, looks):
    good, bad = photo_of(alice), photo_of(alice, seed=1, state="refused")
    for used, wished in (([], looks.values()), ([good], []), ([bad], looks.values())):
        with pytest.raises(NotReady):
            renders.start_render(alice, used, list(wished))
    assert not Render.objects.exists() and not Variant.objects.exists()


def test_photo_decides_how_large_a_headshot_is(alice):
    small, large = (photo_of(alice, seed=side, width=side, height=900) for side in (700, 800))
    assert render_sizes.choose_size([small]) == render_sizes.SMALL_SIZE
    assert render_sizes.choose_size([small, large]) == render_sizes.FULL_SIZE


def test_headshots_are_large_on_request_where_the_photo_has_the_pixels(alice, looks):
    fields = {"width": 3024, "height": 4032}
    photos = [
        photo_of(alice, seed=side, view_box=f"0 0 {side} {side}", **fields) for side in (900, 2400)
    ]
    sizes = [start(photo, looks, size=1536).size for photo in photos]
    assert sizes == [render_sizes.FULL_SIZE, render_sizes.LARGE_SIZE]
    assert start(photos[1], looks).size == render_sizes.FULL_SIZE, "nobody wished for more"
    assert start(photos[1], looks, size=512).size == render_sizes.SMALL_SIZE


def test_numbers_go_on_along_the_film(alice, looks):
    photo = photo_of(alice)
    first, second = (start(photo, looks) for _ in range(2))
    assert [row.number for row in first.variants.all()] == [1, 2, 3]
    assert [row.label for row in second.variants.all()] == ["04", "05", "06"]
    bob = photo_of(person("bob"))
    assert [row.number for row in start(bob, looks).variants.all()] == [1, 2, 3]


def test_sheets_started_at_once_share_no_number(alice, looks):
    photo = photo_of(alice)
    together(*[partial(start, photo, looks)] * 6)
    numbers = sorted(Variant.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 6 * len(FEW) + 1))


def test_adjusted_frames_are_lettered(alice, settings):
    settings.RENDER_LIMIT = 100
    variant = variant_of(alice, photo=photo_of(alice))
    recipe = worker.recipes.restore_recipe(variant.look, variant.wished)
    labels = [renders.adjust_variant(variant, recipe).label for _ in range(28)]
    assert labels[:3] == ["01A", "01B", "01C"] and labels[25:] == ["01Z", "01AA", "01AB"]
    grandchild = renders.adjust_variant(Variant.objects.get(suffix="C"), recipe)
    assert grandchild.label == "01AC" and grandchild.parent.label == "01C"


def test_frames_adjusted_at_once_share_no_letter(alice):
    variant = variant_of(alice)
    recipe = worker.recipes.restore_recipe(variant.look, variant.wished)
    adjusted = together(*[partial(renders.adjust_variant, variant, recipe)] * 5)
    assert sorted(frame.label for frame in adjusted) == ["01A", "01B", "01C", "01D", "01E"]


def test_refreshed_frames_are_new_ones_that_know_where_they_come_from(alice, looks):
    old = list(sheet_of(alice).variants.all())
    new = renders.start_render(
        alice,
        [photo_of(alice, seed=1)],
        [looks[variant.look] for variant in old],
        parents=old,
        kind=Render.Kind.REFRESH,
    ).variants.all()
    assert [(variant.label, variant.parent) for variant in new] == list(
        zip(["04", "05", "06"], old, strict=True)
    )


@pytest.mark.slow
def test_only_a_photographers_picture_is_taken_untouched(photo):
    with pytest.raises(NotReady):
        renders.take_untouched(photo)
    Photo.objects.update(professional=True)
    variant = renders.take_untouched(Photo.objects.get())
    worker.run_render(variant.render_id)
    variant.refresh_from_db()
    assert variant.is_ready and variant.source_type == "digitalCapture"
    assert pictures.read_pixels(variant.picture).shape == (512, 512, 3)


# Who makes it


def test_one_of_many_gets_the_claim(alice):
    render = sheet_of(alice, state="waiting")
    claims = together(*[partial(renders.claim_render, render.pk)] * 8)
    assert sum(claim is not None for claim in claims) == 1
    assert Render.objects.get().attempts == 1


def test_claim_is_free_again_after_a_lease_without_a_sign_of_life(alice, settings):
    render = sheet_of(alice, state="waiting")
    first = renders.claim_render(render.pk)
    lease = timedelta(seconds=settings.RENDER_LEASE_SECONDS)
    for age, free in ((lease - timedelta(seconds=2), False), (lease, True)):
        Render.objects.update(touched_at=timezone.now() - age)
        assert bool(renders.claim_render(render.pk)) == free
    before = Render.objects.get().touched_at
    renders.record_progress(first, {})
    assert Render.objects.get().touched_at == before, "the old holder keeps nothing alive"


def test_progress_only_grows_and_ends_when_it_is_made(alice):
    render = sheet_of(alice, state="waiting", count=1)
    variant, held = render.variants.get(), renders.claim_render(render.pk)
    for reported, shown in ((40, 40), (20, 40), (90, 90)):
        renders.record_progress(held, {variant.pk: (reported, "light")})
        assert render.variants.get().progress == shown
    assert renders.record_rejected_variant(variant, LikenessTooLow("It is not the same person."))
    renders.record_progress(held, {variant.pk: (99, "light")})
    assert render.variants.get().progress == 90 and render.variants.get().step == ""


@pytest.mark.slow
def test_sheet_arrives_with_the_truth_about_it(photo, looks, written):
    render = start(photo, looks)
    assert celery_messages.deliver() >= 1
    render.refresh_from_db()
    assert render.is_finished and render.claim is None and render.seconds > 0
    for variant in render.variants.all():
        assert variant.is_ready and variant.made_at and variant.progress == 100
        assert variant.photo == photo and 0 < variant.likeness < 0.5
        assert variant.likeness_words and variant.done_words and variant.steps
        assert len(list(map(float, variant.view_box.split()))) == 4
        assert pictures.read_pixels(variant.picture).shape == (512, 512, 3)
    assert written() == [1] * len(FEW)


def test_job_that_runs_twice_changes_nothing(photo, looks, written):
    render = start(photo, looks)
    worker.run_render(render.pk)
    before = list(Variant.objects.values()), Render.objects.values().get(), pictures.list_names()
    worker.run_render(render.pk)
    assert before == (
        list(Variant.objects.values()),
        Render.objects.values().get(),
        pictures.list_names(),
    )
    assert written() == [1] * len(FEW)


@pytest.mark.slow
def test_job_in_two_threads_at_once_is_done_once(photo, looks, written):
    render = start(photo, looks)
    together(*[partial(worker.run_render, render.pk)] * 3)
    assert Render.objects.get().attempts == 1
    assert states(render) == {"ready"} and written() == [1] * len(FEW)


@pytest.mark.slow
def test_two_runs_that_both_hold_it_write_every_headshot_once(photo, looks, written):
    render = start(photo, looks, tuple(looks))

    def late():
        """A second worker that takes over although the first one still runs."""
        wait_until(lambda: Variant.objects.filter(state="ready").exists())
        Render.objects.update(claim=None)
        worker.run_render(render.pk)

    together(partial(worker.run_render, render.pk), late)
    assert states(render) == {"ready"} and written() == [1] * len(looks)
    assert Render.objects.get().attempts == 2 and Render.objects.get().is_finished
    assert pictures.list_names() == {photo.picture, *_pictures(render)}


def _pictures(render):
    return set(render.variants.values_list("picture", flat=True))


@pytest.mark.slow
def test_headshot_another_run_made_meanwhile_leaves_no_second_file(photo, looks):
    render = start(photo, looks)
    (row, rendered) = (
        render.variants.first(),
        worker.SOURCE_CACHE.get_renderer([photo.picture], size=512).render(looks["linkedin"]),
    )
    names = [
        pictures.store_picture(photo.owner_id, rendered.pixels),
        pictures.store_picture(photo.owner_id, rendered.pixels[::-1]),
    ]
    recorded = [
        renders.record_ready_variant(row, rendered, picture_name=name, photo=photo)
        for name in names
    ]
    assert recorded == [True, False]
    assert pictures.list_names() == {photo.picture, names[0]}


# What may happen meanwhile


@pytest.mark.slow
def test_full_disk_puts_it_back_and_room_finishes_it(looks, disk, alice, written):
    disk.resize(800)
    photo = photos.add_photo(alice, selfie())
    worker.check_photo(photo.pk)
    render = start(photo, looks, tuple(looks))
    worker.run_render(render.pk)
    assert states(render) == {"ready", "waiting"} and not Render.objects.get().is_finished
    ready = set(render.variants.filter(state="ready").values_list("pk", flat=True))
    assert pictures.list_names() == {photo.picture, *_pictures(render)} - {""}
    disk.resize(8000)
    abandon(render)
    celery_messages.deliver()
    assert states(render) == {"ready"} and Render.objects.get().is_finished
    assert ready and written() == [1] * len(looks)


@pytest.mark.slow
def test_worn_out_sheet_says_why_and_may_be_tried_again(photo, looks, settings):
    render = start(photo, looks)
    Render.objects.update(attempts=settings.RENDER_ATTEMPTS)
    worker.run_render(render.pk)
    render.refresh_from_db()
    assert render.is_finished and states(render) == {"failed"}
    assert all(row.reason and row.advice for row in render.variants.all())
    celery_messages.lose()
    renders.retry_failed(render)
    assert celery_messages.deliver() == 1
    assert states(render) == {"ready"} and Render.objects.get().is_finished


def test_again_leaves_alone_what_is_there(alice):
    render = sheet_of(alice)
    before = list(render.variants.values()), Render.objects.values().get()
    renders.retry_failed(render)
    assert before == (list(render.variants.values()), Render.objects.values().get())
    assert celery_messages.waiting() == []


@pytest.mark.slow
def test_photo_deleted_before_is_said(photo, looks):
    render = start(photo, looks)
    photos.delete_photo(photo)
    worker.run_render(render.pk)
    assert states(render) == {"failed"} and Render.objects.get().is_finished
    assert render.variants.first().reason == "The photo was deleted."


@pytest.mark.slow
def test_photo_deleted_in_the_middle_leaves_what_was_made(photo, looks):
    render = start(photo, looks, tuple(looks))

    def meanwhile():
        wait_until(lambda: Variant.objects.filter(state="ready").exists())
        photos.delete_photo(Photo.objects.get(pk=photo.pk))

    together(partial(worker.run_render, render.pk), meanwhile)
    assert Render.objects.get().is_finished and states(render) <= {"ready", "failed"}
    assert set(Variant.objects.values_list("photo", flat=True)) == {None}
    assert pictures.list_names() == _pictures(render) - {""}


@pytest.mark.slow
def test_headshot_deleted_in_the_middle_leaves_no_file(photo, looks):
    render = start(photo, looks, tuple(looks))

    def meanwhile():
        wait_until(lambda: Variant.objects.filter(state="ready").exists())
        for variant in Variant.objects.filter(state="waiting"):
            variants.delete_variant(variant)

    together(partial(worker.run_render, render.pk), meanwhile)
    assert states(render) == {"ready"} and Render.objects.get().is_finished
    assert pictures.list_names() == {photo.picture, *_pictures(render)}


@pytest.mark.slow
def test_account_deleted_in_the_middle_leaves_nothing(photo, looks):
    render = start(photo, looks, tuple(looks))

    def meanwhile():
        wait_until(lambda: Variant.objects.filter(state="ready").exists())
        delete_account(photo.owner)

    together(partial(worker.run_render, render.pk), meanwhile)
    assert not Render.objects.exists() and not Variant.objects.exists()
    assert pictures.list_names() == set()


def test_job_of_a_row_that_is_gone_does_nothing(alice):
    render = sheet_of(alice, state="waiting")
    pk = render.pk
    render.delete()
    worker.run_render(pk)
    worker.check_photo(pk)
