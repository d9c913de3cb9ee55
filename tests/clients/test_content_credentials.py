"""Another reader of content credentials, which shares no code with ours, accepts our files."""

import json
import subprocess

import pytest
from django.utils import timezone

from headshots.engine.io.encode import encode
from headshots.evidence import Evidence
from integrations.content_credentials.certificates import create_certificate
from integrations.content_credentials.manifests import sign_file
from integrations.content_credentials.statements import ContentStatement, build_manifest
from tests.support.people import patches


@pytest.fixture
def read_credentials(workspace, tmp_path):
    """Read a file with c2pa-ts (https://github.com/TrustNXT/c2pa-ts)."""

    def read(data):
        path = tmp_path / "picture"
        path.write_bytes(data)
        completed = subprocess.run(
            ["node", "read_credentials.mjs", path],
            cwd=workspace,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return json.loads(completed.stdout)

    return read


def signed_file(form):
    evidence = Evidence("1.2.3", "light_and_color", 0.99, 0.96, 0.2, "ab" * 32, "cd" * 32)
    statement = ContentStatement(
        [{"name": "backdrop", "params": {"kind": "plain"}}], "compositeCapture", evidence
    )
    return sign_file(
        encode(patches(3, side=256), file_format=form),
        form,
        manifest=build_manifest(statement, version="1.2.3"),
        certificate=create_certificate("facet.example", now=timezone.now()),
    )


@pytest.mark.slow
@pytest.mark.parametrize("form", ["jpeg", "png"])
def test_an_independent_reader_validates_our_files(read_credentials, form):
    result = read_credentials(signed_file(form))
    assert result["isValid"] and result["failures"] == []
    assert {"c2pa.actions.v2", "c2pa.ingredient.v3", "org.facet.headshot"} <= set(result["labels"])


def test_an_independent_reader_finds_a_changed_byte(read_credentials):
    data = bytearray(signed_file("jpeg"))
    data[-300] ^= 1
    assert read_credentials(bytes(data))["failures"] == ["assertion.dataHash.mismatch"]
