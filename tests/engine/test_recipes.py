"""Looks are data: what the file may say, what is refused, and what changes a fingerprint."""

import json
import tomllib
from dataclasses import asdict, fields, replace

import pytest

from headshots.engine import recipes
from headshots.engine.errors import BadRecipe
from headshots.engine.networks.catalog import CATALOG
from headshots.engine.operations import scenes
from headshots.engine.recipes import LOOKS_FILE, Recipe, choose_recipes, parse_recipe
from headshots.engine.steps import STEPS, STEPS_BY_NAME

TEN_LOOKS = (
    "linkedin",
    "corporate",
    "approachable",
    "author",
    "speaker",
    "founder",
    "developer",
    "social",
    "cheerful",
    "plain",
)
PHOTO = b"the bytes of a photo"


@pytest.fixture
def data():
    return tomllib.loads(LOOKS_FILE.read_text())


def fingerprint(recipe: Recipe, photo=PHOTO, *, size=512, seed=0):
    return recipe.cache_key(photo, side=size, seed=seed)


def test_there_are_the_ten_looks_of_the_issue(looks):
    assert tuple(looks) == TEN_LOOKS


def test_every_look_is_described_and_differs(looks):
    assert all(look.title and look.feel for look in looks.values())
    assert len({look.title for look in looks.values()}) == len(looks)
    assert len({fingerprint(look) for look in looks.values()}) == len(looks)


def test_every_look_says_what_is_behind(data):
    for slug, values in data.items():
        assert "kind" in values["backdrop"], slug
        assert {"head", "eyes"} <= set(values["frame"]), slug


def test_every_scene_of_a_look_can_be_loaded(looks):
    for look in looks.values():
        backdrop = look.step_params("backdrop")
        if backdrop.kind == "scene":
            room = scenes.load_scene(backdrop.scene)
            assert room.picture.shape[0] == room.picture.shape[1] == room.accent.shape[0]


def test_looks_do_their_steps_in_the_same_order(looks):
    order = [step.name for step in STEPS]
    assert all([name for name, _ in look.steps] == order for look in looks.values())
    assert [row["name"] for row in looks["plain"].to_plain_data()] == ["frame", *order]


def test_step_left_out_stays_at_its_identity():
    bare = parse_recipe("bare", {})
    for step in STEPS:
        assert bare.step_params(step.name) == (step.identity or step.params_type())


def test_recipe_survives_json(looks):
    for slug, look in looks.items():
        plain = {row["name"]: row["params"] for row in json.loads(json.dumps(look.to_plain_data()))}
        frame = {name: plain["frame"][name] for name in recipes.FRAMING_RANGES}
        steps = {name: plain[name] for name in STEPS_BY_NAME}
        again = parse_recipe(
            slug, {"title": look.title, "feel": look.feel, "frame": frame, **steps}
        )
        assert again == look


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"sparkle": {}}, "sparkle"),
        ({"grade": {"sparkle": 1}}, "sparkle"),
        ({"grade": {"contrast": 1.5}}, "contrast"),
        ({"grade": {"contrast": "much"}}, "contrast"),
        ({"retouch": {"strength": True}}, "strength"),
        ({"frame": {"head": 0.9}}, "head"),
        ({"frame": {"head": "large"}}, "head"),
        ({"frame": {"tilt": 0.5}}, "tilt"),
        ({"frame": {"inside": 1}}, "inside"),
        ({"backdrop": {"kind": "ocean"}}, "ocean"),
        ({"backdrop": {"kind": "plain", "color": "white"}}, "white"),
        ({"backdrop": {"kind": "paper", "accent": "#12"}}, "#12"),
        ({"backdrop": {"kind": "scene", "scene": "moon/morning"}}, "moon"),
        ({"backdrop": {"kind": "scene", "scene": ""}}, "scene"),
    ],
)
def test_what_is_wrong_in_a_recipe_is_named(entry, named):
    with pytest.raises(BadRecipe, match=named) as caught:
        parse_recipe("mine", entry)
    assert caught.value.code == "bad_recipe" and caught.value.advice


def test_scene_needs_a_mood_that_exists():
    slug = next(iter(scenes.scene_library()))
    with pytest.raises(BadRecipe):
        parse_recipe("mine", {"backdrop": {"kind": "scene", "scene": f"{slug}/noon"}})


@pytest.mark.parametrize("scene", ["../office/morning", "office/../morning", "/etc/morning"])
def test_scene_is_a_name_and_no_path(scene):
    with pytest.raises(BadRecipe):
        scenes.load_scene(scene)


def test_looks_are_chosen_by_slug_in_the_order_named():
    assert [look.slug for look in choose_recipes(["plain", "author", "plain"])] == [
        "plain",
        "author",
    ]
    assert tuple(look.slug for look in choose_recipes(["all"])) == TEN_LOOKS


@pytest.mark.parametrize("names", [["vampire"], ["plain", "vampire"], [], ["all", "plain"]])
def test_unknown_look_is_refused_and_the_known_are_listed(names):
    with pytest.raises(BadRecipe) as caught:
        choose_recipes(names)
    assert "linkedin" in caught.value.advice


def test_same_inputs_have_the_same_fingerprint(data):
    recipe, other = (parse_recipe("author", data["author"]) for _ in range(2))
    assert fingerprint(recipe) == fingerprint(other)


@pytest.mark.parametrize("change", [{"size": 256}, {"seed": 1}, {"photo": b"another"}])
def test_fingerprint_changes_with_photo_size_and_seed(looks, change):
    assert fingerprint(looks["plain"], **change) != fingerprint(looks["plain"])


@pytest.mark.parametrize(
    ("step", "name"),
    [(step.name, each.name) for step in STEPS for each in fields(step.params_type)],
)
def test_fingerprint_changes_with_every_param(looks, step, name):
    look = looks["corporate"]
    old = getattr(look.step_params(step), name)
    low, high = STEPS_BY_NAME[step].ranges.get(name, (0, 0))
    other = {"kind": "gradient", "scene": "x"}.get(name, "#123456")
    new = other if isinstance(old, str) else (low if old != low else high)
    changed = replace(look.step_params(step), **{name: new})
    steps = tuple(
        (step_name, changed if step_name == step else params) for step_name, params in look.steps
    )
    assert fingerprint(replace(look, steps=steps)) != fingerprint(look)


@pytest.mark.parametrize("name", recipes.FRAMING_RANGES)
def test_fingerprint_changes_with_the_framing(looks, name):
    look = looks["corporate"]
    wish = replace(look.framing_wish, **{name: getattr(look.framing_wish, name) + 0.01})
    assert fingerprint(replace(look, framing_wish=wish)) != fingerprint(look)


def test_fingerprint_changes_with_a_model(looks, monkeypatch):
    before = fingerprint(looks["plain"])
    monkeypatch.setattr(recipes, "CATALOG", CATALOG[1:])
    assert fingerprint(looks["plain"]) != before


def test_changed_recipe_is_checked_again(looks):
    look = looks["plain"].with_params("backdrop", accent="#0B6E4F")
    assert look.step_params("backdrop").accent == "#0B6E4F"
    assert asdict(look.framing_wish) == asdict(looks["plain"].framing_wish)
    for wrong in ({"accent": "green"}, {"wrap": 2}, {"glow": 1}):
        with pytest.raises(BadRecipe):
            look.with_params("backdrop", **wrong)


def test_backdrop_may_be_written_short():
    short = recipes.parse_recipe("mine", {"backdrop": "scene:cafe/evening", "accent": "#0B6E4F"})
    full = {"kind": "scene", "scene": "cafe/evening", "accent": "#0B6E4F"}
    assert short == recipes.parse_recipe("mine", {"backdrop": full})
    assert recipes.parse_recipe("mine", {"backdrop": "own"}).step_params("backdrop").kind == "own"


@pytest.mark.parametrize("short", ["scene:nowhere/evening", "scene:cafe/noon", "scene:", "moon"])
def test_short_backdrop_that_does_not_exist_is_refused(short):
    with pytest.raises(BadRecipe):
        recipes.parse_recipe("mine", {"backdrop": short})


@pytest.mark.parametrize(
    "slug",
    [
        slug
        for slug, look in recipes.built_in_looks().items()
        if look.step_params("backdrop").kind == "scene"
    ],
)
def test_every_look_stands_in_a_scene_that_suits_it(slug):
    place = recipes.built_in_looks()[slug].step_params("backdrop").scene.partition("/")[0]
    suiting = scenes.scenes_with_tag(slug)
    assert place in suiting and len(suiting) >= 2


def test_recipe_comes_back_from_what_was_kept_of_it(looks):
    for look in looks.values():
        stored = json.loads(json.dumps(look.to_plain_data()))
        assert (
            recipes.restore_recipe(look.slug, stored, title=look.title).to_plain_data()
            == look.to_plain_data()
        )


def test_framing_is_changed_within_its_range(looks):
    assert looks["social"].with_framing(head=0.4).framing_wish.head == 0.4
    with pytest.raises(BadRecipe):
        looks["social"].with_framing(head=0.9)
