"""A kit makes every look one person's, and never a recipe that cannot be made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from branding.kits import services
from branding.kits.models import Kit
from branding.kits.selectors import kit_of
from headshots.engine.operations import scenes
from headshots.engine.recipes import looks, restore
from tests.support.people import person

EVERY_SCENE = [f"{slug}/{mood}" for slug in scenes.library() for mood in scenes.MOODS]
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


@given(kits, st.sampled_from(list(looks().values())))
def test_every_look_can_be_dressed_in_every_kit(kit, look):
    dressed = services.dress(look, kit)
    assert restore(look.slug, dressed.plain(), title=look.title).plain() == dressed.plain()
    assert kit.smile_low <= dressed.params("expression").smile <= kit.smile_high
    if kit.light:
        assert dressed.params("relight").kelvin == services.KELVIN[kit.light]
    if look.slug == "plain":
        assert dressed.params("backdrop") == look.params("backdrop")
    elif kit.accent:
        assert dressed.params("backdrop").accent == kit.accent


@given(kits)
def test_suggestions_exist(kit):
    assert services.suggested(kit) and set(services.suggested(kit)) <= set(looks())


def test_empty_kit_changes_nothing():
    for look in looks().values():
        assert services.dress(look, Kit()) == look


@pytest.mark.django_db
def test_kit_is_kept_with_its_smiles_in_order():
    alice = person("alice")
    services.save(Kit(owner=alice, smile_low=0.5, smile_high=-0.5))
    assert (kit_of(alice).smile_low, kit_of(alice).smile_high) == (-0.5, 0.5)
