"""The table of states is whole, and nothing that can happen leaves it."""

import ast
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from headshots.storage import pictures
from integrations import publication_states
from integrations.connections import tokens
from integrations.errors import (
    ActionNotAvailable,
    ManualActionRequired,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Uncertain,
)
from integrations.models import Connection, Publication
from integrations.publication_states import EDGES, ENDS, HOLDING, NEXT, STARTS, Next, State, Step
from integrations.publishing import deliveries, transitions
from integrations.publishing import queue as publishing_queue
from integrations.publishing import services as publishing_services
from integrations.selectors import profiles_of
from tests.support import celery_messages
from tests.support.memory_platform import connected, put_in_registry
from tests.support.people import jpeg, patches, person, photo_of, variant_of

ROOT = Path(__file__).resolve().parents[3]
KINDS = (Rejected, ManualActionRequired, Unauthorized, RateLimited, Unavailable, Uncertain)
VERBS = ("current", "publish", "written")


def test_table_is_checked_when_it_is_read(monkeypatch):
    publication_states.validate()
    broken = [
        ("EDGES", {**EDGES, State.PUBLISHED: frozenset({State.READY})}),
        ("EDGES", {**EDGES, State.READY: frozenset({State.CANCELLED})}),
        ("NEXT", {**NEXT, Step.WRITE: {Uncertain: Next(State.UNCERTAIN)}}),
        ("NEXT", {**NEXT, Step.WRITE: {**NEXT[Step.WRITE], Rejected: Next(State.CANCELLED)}}),
    ]
    for name, table in broken:
        with monkeypatch.context() as patched:
            patched.setattr(publication_states, name, table)
            with pytest.raises(ValueError, match=r"\."):
                publication_states.validate()


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_led_somewhere(step, kind):
    class Nearer(kind):
        """A kind of this kind, of which the table knows nothing."""

    assert publication_states.after(Nearer("no"), step=step) == NEXT[step][kind]


def test_not_knowing_is_never_trying_again():
    assert publication_states.after(Uncertain("?"), step=Step.WRITE).state is State.UNCERTAIN
    assert State.SENDING not in EDGES[State.UNCERTAIN]
    assert all(told.state is None for told in NEXT[Step.LOOK].values()), "a look changes nothing"


class House:
    """One person with one account, and everything that can happen to it, in any order."""

    def __init__(self, platform, chance):
        self.platform, self.chance = platform, chance
        self.owner = person(f"alice{Connection.objects.count()}")
        self.connection = connected(self.owner, account=str(self.owner.pk))
        self.variants = []
        for seed in range(3):
            variant = variant_of(self.owner, photo=photo_of(self.owner, seed=seed))
            variant.picture = pictures.keep(self.owner.pk, patches(seed, side=64))
            variant.save()
            self.variants.append(variant)

    @property
    def rows(self):
        return Publication.objects.filter(owner=self.owner).order_by("asked_at")

    def do(self, action, kind, verb, index):
        self.platform.trouble = {name: [] for name in VERBS}
        if kind:
            self.platform.trouble[verb] = [kind("trouble", status=503)]
        one = self.rows[index % len(self.rows)] if self.rows else None
        if one or action in ("ask", "by_hand", "tick"):
            getattr(self, action)(one)

    def ask(self, _):
        (profile,) = [one for one in profiles_of(self.owner) if one.connection]
        later = self.chance % 3 == 0
        due = timezone.now() + timedelta(hours=1) if later else None
        publishing_services.publish(self.variants[self.chance % 3], [profile], due=due)

    def send(self, one):
        Publication.objects.filter(pk=one.pk).update(not_before=timezone.now())
        deliveries.send(one.pk, open_client=tokens.client_of)

    def look(self, one):
        Publication.objects.filter(pk=one.pk).update(not_before=timezone.now())
        deliveries.look(one.pk, open_client=tokens.client_of)

    def die(self, one):
        """A worker takes it and is never heard of again."""
        Publication.objects.filter(pk=one.pk).update(not_before=timezone.now())
        if transitions.claim(one.pk):
            old = timezone.now() - timedelta(hours=1)
            Publication.objects.filter(pk=one.pk).update(touched_at=old)

    def tick(self, _):
        Publication.objects.filter(owner=self.owner, state="scheduled").update(
            not_before=timezone.now()
        )
        transitions.reap()
        publishing_services.ripen()
        publishing_queue.tell_again()

    def cancel(self, one):
        publishing_services.cancel(one)

    def undo(self, one):
        try:
            publishing_services.undo(Publication.objects.get(pk=one.pk))
        except ActionNotAvailable:
            assert one.before is None

    def keep(self, one):
        self._resolve(one, "keep")

    def agree(self, one):
        self._resolve(one, "send")

    def by_hand(self, _):
        self.platform.by_hand(jpeg(patches(70 + self.chance % 5, side=64)))

    def _resolve(self, one, answer):
        if one.state == State.BLOCKED:
            publishing_services.resolve(one, answer)

    def settle(self):
        """No more trouble: everything comes to an end, or asks."""
        self.platform.trouble = {name: [] for name in VERBS}
        for _ in range(12):
            self.tick(None)
            for one in self.rows.exclude(state__in=ENDS):
                self.look(one)
                self.send(one)


ACTIONS = ("ask", "send", "look", "die", "tick", "cancel", "undo", "keep", "agree", "by_hand")
happenings = st.tuples(
    st.sampled_from(ACTIONS),
    st.sampled_from((None, *KINDS[:2], *KINDS[3:])),
    st.sampled_from(VERBS),
    st.integers(0, 5),
)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@hypothesis(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(happened=st.lists(happenings, max_size=25), chance=st.integers(0, 99))
def test_nothing_that_happens_leaves_the_table(monkeypatch, settings, tmp_path, happened, chance):
    settings.MEDIA_ROOT = tmp_path
    house = House(put_in_registry(monkeypatch), chance)
    house.ask(None)
    for happening in happened:
        house.do(*happening)
        assert house.rows.filter(state__in=HOLDING).count() <= 1
        _stepped_through_the_table(house.rows)
    house.settle()
    _stepped_through_the_table(house.rows)
    assert {one.state for one in house.rows} <= {*ENDS, State.BLOCKED}, "nothing is left lying"


def _stepped_through_the_table(rows):
    for one in rows.prefetch_related("steps"):
        steps = list(one.steps.all())
        at = steps[0].source if steps else one.state
        assert at in STARTS
        for step in steps:
            assert step.source == at and step.target in EDGES[State(step.source)]
            at = step.target
        assert at == one.state, "every step is written down"
        assert (one.claim is not None) <= (one.state == State.SENDING)


LATER = {"countdown", "eta"}
LONGEST = 60  # seconds; a broker that keeps a message longer hands it out again and again


def calls():
    """Every call in the project's own code."""
    for package in ("branding", "headshots", "integrations"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    yield path, node


def test_no_call_leaves_a_message_for_later_with_the_broker():
    for path, call in calls():
        for given_ in call.keywords:
            assert given_.arg not in LATER or given_.value.value <= LONGEST, path
            assert given_.arg != "autoretry_for", path
        assert getattr(call.func, "attr", "") != "retry", f"{path}: Celery's retry is for later"


@pytest.mark.django_db(transaction=True)
def test_no_message_is_for_later(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    celery_messages.lose()
    house = House(put_in_registry(monkeypatch), 1)
    for kind in (None, *KINDS):
        for verb in VERBS:
            house.do("ask", None, verb, 0)
            house.do("send", kind, verb, house.rows.count() - 1)
            house.do("tick", None, verb, 0)
    told = [
        json.loads(path.read_text())["headers"] for path in celery_messages.FOLDER.glob("*.msg")
    ]
    assert len(told) > 10 and {message["eta"] for message in told} == {None}
