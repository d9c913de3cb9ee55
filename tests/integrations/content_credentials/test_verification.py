"""What is told of a picture is true, and ten ways to cheat fail."""

import io
import json
from datetime import date

import pytest
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from headshots.engine.errors import BadImage
from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode
from headshots.models import Variant
from headshots.services.variants import delete_variant
from headshots.storage import pictures
from integrations import renditions
from integrations.content_credentials import manifests, recognition
from integrations.content_credentials.certificates import create_certificate
from integrations.content_credentials.statements import ContentStatement, build_manifest
from integrations.content_credentials.verification import verify_file
from integrations.models import RecognizableHeadshot
from tests.integrations.content_credentials.conftest import add_evidence
from tests.support import people
from tests.support.people import patches


def download(variant):
    return renditions.build_download(variant).data


def saved_anew(data, quality=70, side=400):
    """The picture as a platform saves it: smaller, and without metadata."""
    target = io.BytesIO()
    Image.open(io.BytesIO(data)).resize((side, side)).save(target, "JPEG", quality=quality)
    return target.getvalue()


def manifest_of(data):
    """The APP11 segments of a JPEG, which hold its manifest."""
    segments, position = b"", 2
    while data[position : position + 2] != b"\xff\xda":
        length = 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if data[position + 1] == 0xEB:
            segments += data[position : position + length]
        position += length
    return segments


def sign_as(name, data, manifest):
    certificate = create_certificate(name, now=timezone.now())
    return manifests.sign_file(data, "jpeg", manifest=manifest, certificate=certificate)


def test_our_file_is_signed_and_not_changed(variant):
    result = verify_file(download(variant))
    assert (result.outcome, result.face) == ("signed_here", "light_and_color")
    assert "Skin retouched" in result.actions
    assert result.sentences[0] == "Signed by this installation, and not changed since."


@pytest.mark.django_db
def test_an_unknown_picture_is_not_known():
    assert verify_file(encode(patches(5, side=256))).outcome == "unknown"


@pytest.mark.django_db
@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff broken", b"RIFF0000WEBP"])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(BadImage):
        verify_file(data)


def test_a_copy_is_recognized_only_while_its_owner_allows_it(variant):
    copy = saved_anew(download(variant))
    assert verify_file(copy).outcome == "unknown"
    recognition.allow_recognition(variant)
    result = verify_file(copy)
    assert (result.outcome, result.face) == ("recognized", "light_and_color")
    assert result.made_on == variant.made_at.date() and isinstance(result.made_on, date)
    assert str(variant.owner_id) not in json.dumps(result.to_plain_data()).replace("-", " ").split()
    recognition.end_recognition(variant)
    assert verify_file(copy).outcome == "unknown"


def test_the_hash_of_a_headshot_is_deleted_with_it(variant):
    recognition.allow_recognition(variant)
    delete_variant(variant)
    assert not RecognizableHeadshot.objects.exists()


def change_byte(variant, _):
    data = bytearray(download(variant))
    data[-300] ^= 1
    return bytes(data)


def change_metadata(variant, _):
    data = renditions.encode_with_side(variant, 256, file_format="jpeg")
    return data.replace(b"compositeSynthetic", b"digitalCapture4567", 1)


def change_statement(variant, _):
    return download(add_evidence(variant, face="edited")).replace(b"edited", b"ligthc", 1)


def take_other_manifest(variant, _):
    """The manifest of one headshot in the file of another one."""
    data = encode(patches(9, side=512))
    return data[:2] + manifest_of(download(variant)) + data[2:]


def swap_face_pixels(variant, _):
    """Other pixels behind the headers of our file."""
    data = download(variant)
    scan = data.index(b"\xff\xda")
    other = encode(patches(9, side=512))
    return data[:scan] + other[other.index(b"\xff\xda") :]


def append_bytes(variant, _):
    return download(variant) + b"<script>alert(1)</script>"


def sign_with_own_certificate(variant, _):
    """A certificate of one's own that carries the same name as ours."""
    statement = ContentStatement(variant.steps, "digitalCapture", None)
    manifest = build_manifest(statement, version="1")
    return sign_as("localhost", pictures.read_file(variant.picture), manifest)


def sign_anew_over_ours(variant, _):
    """Another signer's manifest around our signed file, with a claim of its own."""
    manifest = build_manifest(ContentStatement([], "digitalCapture", None), version="1")
    return sign_as("mallory.example", download(variant), manifest)


def forge_recipe(variant, _):
    """A diffusion headshot whose recipe was emptied: what was measured is stated all the same."""
    Variant.objects.filter(pk=variant.pk).update(steps=[], source_type="digitalCapture")
    variant.refresh_from_db()
    return download(add_evidence(variant, face="regenerated"))


def put_other_face_into_storage(variant, other):
    """Another picture in the place of the one that was measured."""
    Variant.objects.filter(pk=variant.pk).update(
        picture=pictures.store_picture(other.pk, patches(9, side=512))
    )
    variant.refresh_from_db()
    return download(variant)


CHEATS = {
    change_byte: "changed",
    change_metadata: "changed",
    change_statement: "changed",
    take_other_manifest: "changed",
    swap_face_pixels: "changed",
    append_bytes: "changed",
    sign_with_own_certificate: "signed_elsewhere",
    sign_anew_over_ours: "signed_elsewhere",
    forge_recipe: "signed_here",
    put_other_face_into_storage: "unknown",
}


@pytest.mark.parametrize("cheat", CHEATS, ids=lambda cheat: cheat.__name__)
def test_no_cheat_gets_a_kept_face_vouched_for(variant, cheat):
    result = verify_file(cheat(variant, people.person("bob")))
    assert result.outcome == CHEATS[cheat]
    assert result.face in ("", "regenerated")


def test_the_command_prints_the_result_as_json(variant, tmp_path, capsys):
    path = tmp_path / "picture.jpg"
    path.write_bytes(download(variant))
    with pytest.raises(SystemExit) as ended:
        call_command("verify", path, "--json")
    assert ended.value.code == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["outcome"], printed["face"]) == ("signed_here", "light_and_color")
    path.write_bytes(encode(decode(download(variant))))
    with pytest.raises(SystemExit) as ended:
        call_command("verify", path)
    assert ended.value.code == 1 and "Not known here" in capsys.readouterr().out
    path.write_bytes(b"no picture")
    with pytest.raises(SystemExit) as ended:
        call_command("verify", path, "--json")
    assert ended.value.code == 2 and json.loads(capsys.readouterr().out)["error"]["code"]
