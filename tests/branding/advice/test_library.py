"""The data of the advice: its schema, its sources, and what must never be advised on."""

import copy
import tomllib

import pytest

from branding.advice.forbidden import find_forbidden
from branding.advice.library import FOLDER, load_library, parse_library
from branding.advice.records import InvalidAdviceData, Use
from headshots.engine.operations.scenes import scene_library
from integrations.places import all_places
from tests.branding.advice.reading_level import reading_grade

READING_GRADE = 9.0  # years of school after which a text is understood, on average
FORBIDDEN_SENTENCES = (
    "Your skin looks tired.",
    "Younger people do better.",
    "Women should smile.",
    "An attractive face helps.",
    "Shave your beard.",
    "Take off the headscarf.",
    "Use make-up.",
    "A wide face shape looks strong.",
    "Take off your glasses.",
)


@pytest.fixture
def files():
    return {
        path.stem: copy.deepcopy(tomllib.loads(path.read_text()))
        for path in sorted(FOLDER.glob("*.toml"))
    }


def shown_texts():
    library = load_library()
    yield from (claim.text for claim in library.claims.values() if claim.is_shown)
    yield from (judgement.text for judgement in library.judgements)
    yield from (feature.better_text for feature in library.features.values() if feature.better_text)
    yield from (trend.text for trend in library.trends)


def test_there_is_enough_to_give_advice():
    library = load_library()
    assert len(library.claims) >= 40
    assert len(library.roles) >= 30
    assert len({role.industry for role in library.roles.values()}) >= 12


def test_every_place_has_a_kind_and_every_scene_a_feature():
    library = load_library()
    places = [place for kind in library.place_kinds.values() for place in kind.places]
    assert sorted(places) == sorted({*all_places(), "cv"})
    scenes = [scene for feature in library.features.values() for scene in feature.scenes]
    assert sorted(scenes) == sorted(scene_library())


def test_contexts_name_places_that_exist():
    library = load_library()
    statements = (*library.claims.values(), *library.judgements)
    named = {place for statement in statements for place in statement.contexts.places}
    assert named <= {*all_places(), "cv"}


@pytest.mark.parametrize("key", ["source", "year", "grade", "n", "replicated", "text"])
def test_a_claim_without_what_it_needs_is_refused(files, key):
    del files["claims"]["claim"][0][key]
    with pytest.raises(InvalidAdviceData, match=key):
        parse_library(files)


@pytest.mark.parametrize(
    ("key", "value"),
    [("source", " "), ("grade", "E"), ("year", "2014"), ("use", "always"), ("unknown", 1)],
)
def test_a_claim_with_a_wrong_value_is_refused(files, key, value):
    files["claims"]["claim"][0][key] = value
    with pytest.raises(InvalidAdviceData):
        parse_library(files)


def test_a_contradiction_that_only_one_side_names_is_refused(files):
    files["claims"]["claim"][0]["contradicted_by"] = []
    with pytest.raises(InvalidAdviceData, match="does not name"):
        parse_library(files)


def test_an_effect_on_something_that_is_not_a_feature_is_refused(files):
    files["claims"]["claim"][0]["effects"][0]["feature"] = "face.width"
    with pytest.raises(InvalidAdviceData, match=r"face\.width"):
        parse_library(files)


@pytest.mark.parametrize("sentence", FORBIDDEN_SENTENCES)
def test_a_judgement_on_what_must_not_be_advised_on_is_refused(files, sentence):
    files["judgements"]["judgement"][0]["text"] = sentence
    with pytest.raises(InvalidAdviceData, match="must not be advised on"):
        parse_library(files)


def test_a_number_is_shown_only_if_somebody_has_read_it_in_the_source(files):
    assert all(claim.checked for claim in load_library().claims.values() if claim.figure)
    del files["claims"]["claim"][0]["checked"]
    assert parse_library(files).claims[1].figure == ""


def test_claims_about_bodies_or_groups_have_no_effect():
    claims = load_library().claims.values()
    about_people = [claim for claim in claims if find_forbidden(f"{claim.shows} {claim.text}")]
    assert {claim.number for claim in about_people} >= {5, 27, 28, 29, 30}
    assert all(not claim.effects and claim.use is not Use.RANKING for claim in about_people)


def test_claims_that_must_never_be_used_are_never_shown():
    claims = load_library().claims.values()
    assert {claim.number for claim in claims if not claim.is_shown} == {12, 29, 30, 34, 37, 38}


@pytest.mark.parametrize("text", list(shown_texts()))
def test_every_text_is_plain(text):
    assert reading_grade(text) <= READING_GRADE, reading_grade(text)


def test_the_reading_grade_tells_plain_texts_from_others():
    hard = "Physiognomic configurations precipitate instantaneous evaluative generalisations."
    assert reading_grade("Look into the lens.") < READING_GRADE < reading_grade(hard)
