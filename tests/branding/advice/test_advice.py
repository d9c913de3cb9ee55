"""The ranking and its explanations: deterministic, explained, and never about a person."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branding.advice.appearance import (
    DRESSES,
    TAKEN_BY,
    Measured,
    apply_look,
    find_features,
    measured_of_photo,
)
from branding.advice.explanations import Sentence, advise
from branding.advice.forbidden import find_forbidden
from branding.advice.library import load_library
from branding.advice.looks import build_candidate, places_by_scene
from branding.advice.plain_data import advice_to_plain_data, sentence_to_plain_data
from branding.advice.ranking import Candidate, feature_values, rank_candidates
from branding.advice.records import CV, UnknownSituation, Use
from branding.advice.situations import build_situation
from headshots.engine.recipes import built_in_looks
from tests.branding.advice.reading_level import reading_grade

LIBRARY = load_library()
PLACES = sorted(place for kind in LIBRARY.place_kinds.values() for place in kind.places)
READING_GRADE = 10.0  # years of school; a sentence names a role and two goals
SMILING = Measured(
    smile=0.9, teeth=0.25, gaze=0.05, yaw=2, pitch=-5, light_azimuth=20, light_elevation=30,
    light_ratio=2.0, painted=False, dress="suit", taken="other",
)  # fmt: skip
CALM = Measured(
    smile=0.05, teeth=0.0, gaze=0.05, yaw=2, pitch=-5, light_azimuth=20, light_elevation=30,
    light_ratio=2.0, painted=False, dress="casual", taken="selfie",
)  # fmt: skip
PHOTOS = {"smiling": SMILING, "calm": CALM}

numbers = st.floats(-100, 100)
measurements = st.builds(
    Measured,
    smile=st.none() | st.floats(-1, 1),
    teeth=st.none() | st.floats(0, 1),
    gaze=st.none() | st.floats(0, 1),
    yaw=st.none() | numbers,
    pitch=st.none() | numbers,
    light_azimuth=st.none() | numbers,
    light_elevation=st.none() | st.floats(-90, 90),
    light_ratio=st.none() | st.floats(1, 16),
    head_share=st.none() | st.floats(0, 2),
    painted=st.none() | st.booleans(),
    age_days=st.none() | st.integers(0, 20_000),
    place=st.sampled_from(["", "plain", "paper", "office", "home", "stage"]),
    dress=st.sampled_from(["", *DRESSES]),
    taken=st.sampled_from(["", *TAKEN_BY]),
)
situations = st.builds(
    build_situation,
    st.just(LIBRARY),
    role=st.sampled_from(sorted(LIBRARY.roles)),
    audiences=st.lists(st.sampled_from(sorted(LIBRARY.audiences)), max_size=3, unique=True),
    country=st.sampled_from(["", *sorted(LIBRARY.conventions)]),
    place=st.sampled_from(PLACES),
    own_weights=st.dictionaries(st.sampled_from(sorted(LIBRARY.goals)), st.floats(0, 5)),
)


def situation(role="lawyer", audience="clients", place="linkedin", country=""):
    return build_situation(LIBRARY, role=role, audiences=[audience], place=place, country=country)


def candidates_of(**photos):
    return [
        build_candidate(f"{name}/{slug}", photo, recipe.to_plain_data(), LIBRARY)
        for name, photo in photos.items()
        for slug, recipe in built_in_looks().items()
    ]


def order_in(wanted, photos=PHOTOS):
    ranked = rank_candidates(candidates_of(**photos), wanted, LIBRARY)
    return [entry.candidate.key for entry in ranked]


def statements_in(wanted):
    return {
        (part.statement.number, part.statement.text)
        for parts in feature_values(wanted, LIBRARY).values()
        for part in parts
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(measurements, max_size=4), situations)
def test_nothing_about_a_person_is_reached_whatever_is_measured(photos, wanted):
    candidates = [
        Candidate(str(index), find_features(photo, LIBRARY.features))
        for index, photo in enumerate(photos)
    ]
    advice = advise(candidates, wanted, LIBRARY)
    for sentence in advice.sentences:
        assert isinstance(sentence, Sentence) and sentence.text
        assert not find_forbidden(sentence.text)
        claim = LIBRARY.claims.get(sentence.claim)
        assert claim is None or claim.use in (Use.RANKING, Use.NOTE)
        data = sentence_to_plain_data(sentence, LIBRARY)
        assert data["grade"] == "judgement" or (data["source"] and data["year"] and data["grade"])


@settings(max_examples=40, deadline=None)
@given(st.lists(measurements, min_size=2, max_size=4), situations)
def test_contradicting_claims_are_shown_together(photos, wanted):
    candidates = [
        Candidate(str(index), find_features(photo, LIBRARY.features))
        for index, photo in enumerate(photos)
    ]
    advice = advise(candidates, wanted, LIBRARY)
    pairs = {frozenset(sentence.claim for sentence in pair) for pair in advice.conflicts}
    for sentence in (*advice.reasons, *advice.drawbacks):
        claim = LIBRARY.claims.get(sentence.claim)
        for other in wanted.contradictions(claim, LIBRARY) if claim else ():
            assert frozenset({claim.number, other.number}) in pairs


@settings(max_examples=20, deadline=None)
@given(st.lists(measurements, min_size=1, max_size=4), situations)
def test_the_same_input_gives_the_same_answer(photos, wanted):
    candidates = [
        Candidate(str(index), find_features(photo, LIBRARY.features))
        for index, photo in enumerate(photos)
    ]
    details = {candidate.key: {} for candidate in candidates}
    answers = [
        advice_to_plain_data(advise(candidates, wanted, LIBRARY), LIBRARY, details)
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    scores = {
        entry.candidate.key: entry.score for entry in advise(candidates, wanted, LIBRARY).ranked
    }
    backwards = advise(candidates[::-1], wanted, LIBRARY).ranked
    assert {entry.candidate.key: entry.score for entry in backwards} == scores


def test_every_sentence_that_the_advice_can_say_is_plain():
    candidates = candidates_of(**PHOTOS)
    for role, audience in product(LIBRARY.roles, ["clients", "friends"]):
        advice = advise(candidates, situation(role, audience), LIBRARY)
        for sentence in advice.sentences:
            if sentence != advice.goal:
                assert reading_grade(sentence.text) <= READING_GRADE, sentence.text


def test_a_lawyer_and_a_founder_get_different_answers_that_claims_explain():
    lawyer, founder = situation("lawyer"), situation("founder", "investors")
    photos = {"suit": SMILING, "casual": Measured(**{**vars(SMILING), "dress": "casual"})}
    assert order_in(lawyer, photos)[0].startswith("suit/")
    assert order_in(founder, photos)[0] != order_in(lawyer, photos)[0]
    claims = statements_in(lawyer) ^ statements_in(founder)
    assert {16, 17} <= {number for number, _ in claims}
    casual = advise(candidates_of(casual=photos["casual"]), founder, LIBRARY)
    suit = advise(candidates_of(suit=SMILING), lawyer, LIBRARY)
    assert 17 in {sentence.claim for sentence in casual.reasons}
    assert 16 in {sentence.claim for sentence in suit.reasons}


def test_japan_and_finland_get_different_answers_that_claims_explain():
    japan = situation(audience="employers", place=CV, country="JP")
    finland = situation(audience="employers", place=CV, country="FI")
    smile_only = {"smiling": SMILING, "calm": Measured(**{**vars(SMILING), "smile": 0, "teeth": 0})}
    in_japan = advise(candidates_of(**smile_only), japan, LIBRARY)
    in_finland = advise(candidates_of(**smile_only), finland, LIBRARY)
    assert in_japan.ranked[0].candidate.key.startswith("calm/")
    assert 42 in {sentence.claim for sentence in in_japan.sentences}
    assert 42 not in {sentence.claim for sentence in in_finland.sentences}
    assert (in_japan.convention.claim, in_japan.is_discouraged) == (108, False)
    assert (in_finland.convention.claim, in_finland.is_discouraged) == (120, True)
    differing = {number for number, _ in statements_in(japan) ^ statements_in(finland)}
    assert differing == {42}


@pytest.mark.parametrize("place", ["instagram", "whatsapp"])
def test_friends_see_another_headshot_than_clients_of_a_lawyer(place):
    friends = order_in(situation("job-hunter", "friends", place))
    assert friends[0] != order_in(situation())[0]


def test_a_general_claim_counts_half_where_a_special_one_contradicts_it():
    wanted = situation("lawyer")
    weights = wanted.goal_weights()
    of_smile = {
        part.statement.number: part.value for part in feature_values(wanted, LIBRARY)["smile.teeth"]
    }
    competent, authoritative = weights["competent"].value, weights["authoritative"].value
    assert of_smile[10] == pytest.approx(0.8 * -2 * competent, abs=1e-5)
    assert of_smile[2] == pytest.approx(0.5 * 0.5 * (competent + authoritative), abs=1e-5)


def test_where_nothing_is_known_no_effect_is_invented():
    advice = advise([Candidate("empty", frozenset())], situation(), LIBRARY)
    assert (advice.reasons, advice.drawbacks, advice.improvements) == ((), (), ())
    assert advice.confidence == "weak"


def test_without_a_headshot_only_goal_and_custom_are_said():
    advice = advise([], situation(place=CV, country="DE"), LIBRARY)
    assert advice.ranked == () and advice.convention.claim == 105 and advice.goal.text


def test_no_effect_is_said_of_what_is_a_reason():
    zoom = advise(candidates_of(**PHOTOS), situation(place="zoom"), LIBRARY)
    assert 9 in {sentence.claim for sentence in zoom.no_effect}


def test_a_selfie_is_better_taken_again_by_somebody_else():
    advice = advise(candidates_of(calm=CALM), situation(), LIBRARY)
    improvements = {entry.feature: entry for entry in advice.improvements}
    assert {"dress.suit", "distance.far"} & set(improvements)
    assert all(entry.by == "photo" for entry in improvements.values())


def test_own_weights_replace_those_of_the_role():
    own = build_situation(
        LIBRARY, role="lawyer", audiences=["clients"], place="linkedin",
        own_weights={"warm": 5, "competent": 0, "trustworthy": 0, "authoritative": 0},
    )  # fmt: skip
    assert list(own.goal_weights()) == ["warm"]
    assert own.goal_weights()["warm"].claim is None


@pytest.mark.parametrize(
    "wrong", [{"role": "wizard"}, {"audience": "cats"}, {"country": "XX"}, {"place": "moon"}]
)
def test_what_is_not_known_is_said(wrong):
    with pytest.raises(UnknownSituation):
        situation(**wrong)


def test_a_look_changes_what_a_photo_shows():
    scenes = places_by_scene(LIBRARY)
    steps = built_in_looks()["social"].to_plain_data()
    adapted = apply_look(CALM, steps, scenes)
    assert adapted.place == "cafe" and adapted.smile > CALM.smile
    assert adapted.light_ratio < CALM.light_ratio
    assert "smile.closed" in find_features(adapted, LIBRARY.features)


def test_an_unretouched_photo_stays_as_it_is():
    assert apply_look(CALM, [{"name": "frame", "params": {"head": 0.5}}], {}) == CALM


def test_a_photo_that_was_never_measured_shows_nothing():
    features = find_features(measured_of_photo(None), LIBRARY.features)
    assert features == {"made.photo"}


def test_only_declared_measurements_are_read():
    measured = measured_of_photo({"smile": 0.5, "skin": 0.3, "background_spread": 2.0})
    assert measured == Measured(smile=0.5, place="plain", painted=False)
