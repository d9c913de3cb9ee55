"""A kit makes every look one person's, and never a recipe that cannot be made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branding.kits import services
from branding.kits.models import Kit
from branding.kits.selectors import kit_of
from headshots.engine.operations import scenes
from headshots.engine.recipes import built_in_looks, restore_recipe
from tests.support.people import person

EVERY_SCENE = [f"{slug}/{mood}" for slug in scenes.scene_library() for mood in scenes.MOODS]
SMILES = st.floats(-1, 1)

kits = st.builds(
    Kit,
    accent=st.sampled_from(["", "#0B6E4F", "#ffffff"]),
    backdrop=st.sampled_from(Kit.Backdrop.values),
    scene=st.sampled_from(["", *EVERY_SCENE]),
    light=st.sampled_from(Kit.Light.values),
    smile_low=SMILES,
    smile_high=SMILES,
    industry=st.sampled_from(Kit.Industry.values),
    audience=st.sampled_from(Kit.Audience.values),
).filter(lambda kit: kit.smile_low <= kit.smile_high)


@given(kits, st.sampled_from(list(built_in_looks().values())))
def test_every_look_can_be_dressed_in_every_kit(kit, look):
    dressed = services.apply_kit(look, kit)
    assert (
        restore_recipe(look.slug, dressed.to_plain_data(), title=look.title).to_plain_data()
        == dressed.to_plain_data()
    )
    assert kit.smile_low <= dressed.step_params("expression").smile <= kit.smile_high
    if kit.light:
        assert dressed.step_params("relight").kelvin == services.LIGHT_KELVIN[kit.light]
    if look.slug == "plain":
        assert dressed.step_params("backdrop") == look.step_params("backdrop")
    elif kit.accent:
        assert dressed.step_params("backdrop").accent == kit.accent


@given(kits)
def test_suggestions_exist(kit):
    assert services.suggested_looks(kit) and set(services.suggested_looks(kit)) <= set(
        built_in_looks()
    )


def test_empty_kit_changes_nothing():
    for look in built_in_looks().values():
        assert services.apply_kit(look, Kit()) == look


@pytest.mark.django_db
def test_kit_is_kept_with_its_smiles_in_order():
    alice = person("alice")
    services.save_kit(Kit(owner=alice, smile_low=0.5, smile_high=-0.5))
    assert (kit_of(alice).smile_low, kit_of(alice).smile_high) == (-0.5, 0.5)
