"""Every file of a headshot states how it was made, and no file is lost to that."""

import io
import json

import pytest
from cryptography import x509
from django.utils import timezone
from PIL import Image

from headshots.engine.io.decode import decode
from headshots.models import Variant
from headshots.storage import pictures
from integrations import renditions
from integrations.content_credentials import certificates, identity, manifests
from integrations.models import KnownCertificate
from integrations.places import all_places
from integrations.platforms.base import PictureSlot
from tests.integrations.content_credentials.conftest import add_evidence
from tests.support import people


def report_of(data, form="jpeg"):
    return manifests.read_manifest(data, form, known_chains=identity.known_chains())


def statement_of(data, form="jpeg"):
    return report_of(data, form).assertions["org.facet.headshot"]


def actions_of(data, form="jpeg"):
    return report_of(data, form).assertions["c2pa.actions.v2"]["actions"]


def test_a_download_is_signed_and_shows_the_same_pixels(variant):
    data = renditions.build_download(variant).data
    stored = pictures.read_file(variant.picture)
    assert report_of(data).is_ours and report_of(data).is_intact
    assert (decode(data) == decode(stored)).all()
    assert 0 < len(data) - len(stored) < 10_000, "bytes that a manifest adds"


def test_iptc_metadata_stays_beside_the_manifest(variant):
    data = renditions.encode_with_side(variant, 256, file_format="jpeg")
    assert b"compositeSynthetic" in Image.open(io.BytesIO(data)).info["xmp"]
    assert report_of(data).is_ours


@pytest.mark.parametrize("place", all_places().values(), ids=lambda place: place.slug)
def test_the_file_for_every_place_is_signed_or_fits_without(variant, place):
    data = renditions.encode_for_place(variant, place)
    assert place.max_bytes is None or len(data) <= place.max_bytes
    report = report_of(data, place.form)
    assert report is None or (report.is_ours and report.is_intact)
    has_room = place.max_bytes is None or place.max_bytes - len(data) > 10_000
    assert report is not None or not has_room


@pytest.mark.parametrize("form", ["jpeg", "png", "webp"])
def test_every_format_is_signed(variant, form):
    data = renditions.encode_with_side(variant, 256, file_format=form)
    assert statement_of(data, form)["face"]["claim"] == "light_and_color"


def test_a_slot_without_room_gets_the_file_without_the_manifest(variant):
    def slot(max_bytes):
        return PictureSlot(pixels=256, formats=("jpeg",), max_bytes=max_bytes)

    signed = renditions.encode_for_slot(variant, slot(1_000_000))
    bare_size = len(signed.data) - 1_000
    unsigned = renditions.encode_for_slot(variant, slot(bare_size))
    assert signed.is_signed and report_of(signed.data).is_ours
    assert not unsigned.is_signed and len(unsigned.data) <= bare_size
    assert unsigned.fingerprint and decode(unsigned.data).shape == decode(signed.data).shape


def test_the_manifest_names_no_person_and_no_photo(variant):
    Variant.objects.filter(pk=variant.pk).update(
        steps=[{"name": "generate_backdrop", "params": {"place": "my flat in Elm Street"}}],
        alt_text="Alice Example",
    )
    variant.refresh_from_db()
    text = json.dumps(report_of(renditions.build_download(variant).data).assertions)
    for secret in ("Alice", "alice", "Elm Street", variant.photo.name):
        assert secret not in text
    assert "ab" * 32 in text, "the photo's hash"


@pytest.mark.parametrize(
    ("step", "action", "source"),
    [
        ({"name": "retouch", "params": {"strength": 0.4}}, "c2pa.edited", None),
        ({"name": "grade", "params": {"strength": 1}}, "c2pa.color_adjustments", None),
        ({"name": "backdrop", "params": {"kind": "plain"}}, "c2pa.edited", "digitalCreation"),
        ({"name": "backdrop", "params": {"kind": "own", "blur": 0.4}}, "c2pa.filtered", None),
        (
            {"name": "change_outfit", "params": {"outfit": "a suit"}},
            "c2pa.edited",
            "trainedAlgorithmicMedia",
        ),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else None,
)
def test_every_step_is_an_action_with_the_source_of_what_it_added(variant, step, action, source):
    Variant.objects.filter(pk=variant.pk).update(steps=[step])
    variant.refresh_from_db()
    opened, cropped, stated = actions_of(renditions.build_download(variant).data)
    assert (opened["action"], cropped["action"], stated["action"]) == (
        "c2pa.opened",
        "c2pa.cropped",
        action,
    )
    assert stated.get("digitalSourceType", "").rpartition("/")[2] == (source or "")


def test_steps_without_effect_are_not_stated(variant):
    steps = [
        {"name": "retouch", "params": {"strength": 0}},
        {"name": "expression", "params": {"smile": 0, "contemplative": 0}},
        {"name": "restyle", "params": {"change": ""}},
    ]
    Variant.objects.filter(pk=variant.pk).update(steps=steps)
    variant.refresh_from_db()
    assert len(actions_of(renditions.build_download(variant).data)) == 2


def test_a_generated_face_is_stated_although_the_recipe_hides_it(owner):
    variant = add_evidence(people.variant_of(owner), face="regenerated")
    data = renditions.build_download(variant).data
    assert statement_of(data)["face"]["digital_source_type"].endswith("trainedAlgorithmicMedia")
    assert "Face generated by an image model" in [
        action.get("description") for action in actions_of(data)
    ]


def test_a_picture_that_is_not_the_one_that_was_measured_is_not_signed(variant):
    other = people.variant_of(people.person("bob"))
    Variant.objects.filter(pk=variant.pk).update(picture=other.picture)
    variant.refresh_from_db()
    assert report_of(renditions.build_download(variant).data) is not None, "the same pixels"
    evidence = variant.evidence | {"picture_sha256": "00" * 32}
    Variant.objects.filter(pk=variant.pk).update(evidence=evidence)
    variant.refresh_from_db()
    assert report_of(renditions.build_download(variant).data) is None


def test_a_headshot_of_an_older_version_states_that_its_face_was_not_measured(owner):
    data = renditions.build_download(people.variant_of(owner)).data
    assert statement_of(data)["face"] == {"claim": "not_measured"}


def test_no_headshot_is_lost_when_signing_fails(variant, settings, tmp_path):
    settings.C2PA_CERTIFICATE = settings.C2PA_PRIVATE_KEY = str(tmp_path / "missing.pem")
    data = renditions.build_download(variant).data
    assert data == pictures.read_file(variant.picture)


def test_the_key_is_made_once_and_sealed(variant):
    renditions.build_download(variant)
    renditions.build_download(variant)
    row = KnownCertificate.objects.get()
    assert "PRIVATE KEY" in row.unseal()["private_key"]
    assert b"PRIVATE KEY" not in bytes(row.sealed) and "PRIVATE KEY" not in row.chain
    leaf, authority = x509.load_pem_x509_certificates(row.chain.encode())
    leaf.verify_directly_issued_by(authority)
    assert "PRIVATE" not in repr(identity.load_certificate())


def bring_certificate(settings, tmp_path, name="studio.example"):
    """Let the operator bring a certificate, as PEM files."""
    certificate = certificates.create_certificate(name, now=timezone.now())
    for setting, content in (
        ("C2PA_CERTIFICATE", certificate.chain),
        ("C2PA_PRIVATE_KEY", certificate.private_key),
    ):
        path = tmp_path / f"{name}-{setting}.pem"
        path.write_text(content)
        setattr(settings, setting, str(path))


def test_the_operators_certificate_signs_and_earlier_files_stay_known(variant, settings, tmp_path):
    own = renditions.build_download(variant).data
    bring_certificate(settings, tmp_path)
    theirs = renditions.build_download(variant).data
    assert report_of(theirs).signer == "studio.example"
    assert report_of(theirs).is_ours and report_of(own).is_ours


def test_a_key_of_another_certificate_is_refused(settings, tmp_path):
    bring_certificate(settings, tmp_path, "first")
    certificate_path = settings.C2PA_CERTIFICATE
    bring_certificate(settings, tmp_path, "second")
    settings.C2PA_CERTIFICATE = certificate_path
    with pytest.raises(certificates.BadCertificate, match="belong together"):
        identity.load_certificate()
