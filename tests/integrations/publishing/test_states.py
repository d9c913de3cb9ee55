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
from integrations.publication_states import (
    EXCLUSIVE_STATES,
    FINAL_STATES,
    INITIAL_STATES,
    NEXT_BY_STEP,
    TRANSITIONS,
    DeliveryStep,
    NextStep,
    State,
)
from integrations.publishing import deliveries, transitions
from integrations.publishing import queue as publishing_queue
from integrations.publishing import services as publishing_services
from integrations.selectors import profiles_of
from tests.support import celery_messages
from tests.support.people import jpeg, patches, person, photo_of, variant_of
from tests.support.platforms.memory_platform import create_connection, put_in_registry

ROOT = Path(__file__).resolve().parents[3]
KINDS = (Rejected, ManualActionRequired, Unauthorized, RateLimited, Unavailable, Uncertain)
VERBS = ("current", "publish", "written")


def test_table_is_checked_when_it_is_read(monkeypatch):
    publication_states.validate_tables()
    broken = [
        ("TRANSITIONS", {**TRANSITIONS, State.PUBLISHED: frozenset({State.READY})}),
        ("TRANSITIONS", {**TRANSITIONS, State.READY: frozenset({State.CANCELLED})}),
        (
            "NEXT_BY_STEP",
            {**NEXT_BY_STEP, DeliveryStep.WRITE: {Uncertain: NextStep(State.UNCERTAIN)}},
        ),
        (
            "NEXT_BY_STEP",
            {
                **NEXT_BY_STEP,
                DeliveryStep.WRITE: {
                    **NEXT_BY_STEP[DeliveryStep.WRITE],
                    Rejected: NextStep(State.CANCELLED),
                },
            },
        ),
    ]
    for name, table in broken:
        with monkeypatch.context() as patched:
            patched.setattr(publication_states, name, table)
            with pytest.raises(ValueError, match=r"\."):
                publication_states.validate_tables()


@pytest.mark.parametrize("step", DeliveryStep)
@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_led_somewhere(step, kind):
    class Nearer(kind):
        """A kind of this kind, of which the table knows nothing."""

    assert publication_states.next_after_error(Nearer("no"), step=step) == NEXT_BY_STEP[step][kind]


def test_not_knowing_is_never_trying_again():
    assert (
        publication_states.next_after_error(Uncertain("?"), step=DeliveryStep.WRITE).state
        is State.UNCERTAIN
    )
    assert State.SENDING not in TRANSITIONS[State.UNCERTAIN]
    assert all(next_step.state is None for next_step in NEXT_BY_STEP[DeliveryStep.POLL].values()), (
        "a look changes nothing"
    )


class Simulation:
    """One person with one account, and everything that can happen to it, in any order."""

    def __init__(self, platform, chance):
        self.platform, self.chance = platform, chance
        self.owner = person(f"alice{Connection.objects.count()}")
        self.connection = create_connection(self.owner, account=str(self.owner.pk))
        self.variants = []
        for seed in range(3):
            variant = variant_of(self.owner, photo=photo_of(self.owner, seed=seed))
            variant.picture = pictures.store_picture(self.owner.pk, patches(seed, side=64))
            variant.save()
            self.variants.append(variant)

    @property
    def rows(self):
        return Publication.objects.filter(owner=self.owner).order_by("asked_at")

    def do(self, action, kind, verb, index):
        self.platform.trouble = {name: [] for name in VERBS}
        if kind:
            self.platform.trouble[verb] = [kind("trouble", status=503)]
        publication = self.rows[index % len(self.rows)] if self.rows else None
        if publication or action in ("ask", "by_hand", "tick"):
            getattr(self, action)(publication)

    def ask(self, _):
        (profile,) = [candidate for candidate in profiles_of(self.owner) if candidate.connection]
        later = self.chance % 3 == 0
        due = timezone.now() + timedelta(hours=1) if later else None
        publishing_services.publish_variant(self.variants[self.chance % 3], [profile], due=due)

    def send(self, publication):
        Publication.objects.filter(pk=publication.pk).update(not_before=timezone.now())
        deliveries.send_publication(publication.pk, open_client=tokens.open_client)

    def look(self, publication):
        Publication.objects.filter(pk=publication.pk).update(not_before=timezone.now())
        deliveries.poll_publication(publication.pk, open_client=tokens.open_client)

    def die(self, publication):
        """A worker takes it and is never heard of again."""
        Publication.objects.filter(pk=publication.pk).update(not_before=timezone.now())
        if transitions.claim_publication(publication.pk):
            old = timezone.now() - timedelta(hours=1)
            Publication.objects.filter(pk=publication.pk).update(touched_at=old)

    def tick(self, _):
        Publication.objects.filter(owner=self.owner, state="scheduled").update(
            not_before=timezone.now()
        )
        transitions.recover_lost_claims()
        publishing_services.release_scheduled()
        publishing_queue.enqueue_due_publications()

    def cancel(self, publication):
        publishing_services.cancel_publication(publication)

    def undo(self, publication):
        try:
            publishing_services.undo_publication(Publication.objects.get(pk=publication.pk))
        except ActionNotAvailable:
            assert publication.before is None

    def keep(self, publication):
        self._resolve(publication, "keep")

    def agree(self, publication):
        self._resolve(publication, "send")

    def by_hand(self, _):
        self.platform.by_hand(jpeg(patches(70 + self.chance % 5, side=64)))

    def _resolve(self, publication, answer):
        if publication.state == State.BLOCKED:
            publishing_services.resolve_blocked(publication, answer)

    def settle(self):
        """No more trouble: everything comes to an end, or asks."""
        self.platform.trouble = {name: [] for name in VERBS}
        for _ in range(12):
            self.tick(None)
            for publication in self.rows.exclude(state__in=FINAL_STATES):
                self.look(publication)
                self.send(publication)


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
    simulation = Simulation(put_in_registry(monkeypatch), chance)
    simulation.ask(None)
    for happening in happened:
        simulation.do(*happening)
        assert simulation.rows.filter(state__in=EXCLUSIVE_STATES).count() <= 1
        _stepped_through_the_table(simulation.rows)
    simulation.settle()
    _stepped_through_the_table(simulation.rows)
    assert {publication.state for publication in simulation.rows} <= {
        *FINAL_STATES,
        State.BLOCKED,
    }, "nothing is left lying"


def _stepped_through_the_table(rows):
    for publication in rows.prefetch_related("steps"):
        steps = list(publication.steps.all())
        at = steps[0].source if steps else publication.state
        assert at in INITIAL_STATES
        for step in steps:
            assert step.source == at and step.target in TRANSITIONS[State(step.source)]
            at = step.target
        assert at == publication.state, "every step is written down"
        assert (publication.claim is not None) <= (publication.state == State.SENDING)


LATER = {"countdown", "eta"}
LONGEST = 60  # seconds; a broker that keeps a message longer hands it out again and again


def calls():
    """Every call in the project's own code."""
    for package in ("branding", "headshots", "integrations"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    yield path, node


@pytest.mark.slow
def test_no_call_leaves_a_message_for_later_with_the_broker():
    for path, call in calls():
        for given_ in call.keywords:
            assert given_.arg not in LATER or given_.value.value <= LONGEST, path
            assert given_.arg != "autoretry_for", path
        assert getattr(call.func, "attr", "") != "retry", f"{path}: Celery's retry is for later"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_message_is_for_later(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    celery_messages.lose()
    simulation = Simulation(put_in_registry(monkeypatch), 1)
    for kind in (None, *KINDS):
        for verb in VERBS:
            simulation.do("ask", None, verb, 0)
            simulation.do("send", kind, verb, simulation.rows.count() - 1)
            simulation.do("tick", None, verb, 0)
    headers = [
        json.loads(path.read_text())["headers"] for path in celery_messages.FOLDER.glob("*.msg")
    ]
    assert len(headers) > 10 and {message["eta"] for message in headers} == {None}
