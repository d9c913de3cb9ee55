"""Weights are fetched in pieces, resumed, checked, and never under another licence."""

import hashlib
import io
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.management import CommandError, call_command

from branding.operations import model_downloads
from headshots.diffusion import setup as diffusion_setup
from headshots.diffusion import weights
from headshots.engine.diffusion.models import find_tier
from headshots.engine.errors import ModelCorrupt, ModelMissing, UnknownLicence
from headshots.errors import StorageFull
from integrations.errors import PlatformError

KLEIN = find_tier("klein")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
CARD = b"---\nlicense: apache-2.0\n---\n# Klein\n"
INDEX = json.dumps({"_class_name": "Flux2KleinPipeline"}).encode()
WEIGHTS = bytes(range(256)) * 400


@dataclass
class FakeHub:
    """What a hub serves, and how it misbehaves."""

    files: dict[str, bytes]
    licence: str | None = "apache-2.0"
    requests: list[tuple[str, str]] = field(default_factory=list)
    breaks_after: int = 10**9  # ranges of weights that are answered
    spoils: bool = False
    ignores_ranges: bool = False
    address: str = ""

    def describe_repository(self):
        card = {"license": self.licence} if self.licence else None
        return {
            "sha": COMMIT,
            "cardData": card,
            "siblings": [self.describe_file(*item) for item in self.files.items()],
        }

    def describe_file(self, path, data):
        entry = {"rfilename": path, "size": len(data), "blobId": git_blob_id(data)}
        if path.endswith(".safetensors"):
            entry["lfs"] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        return entry


def git_blob_id(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class HubHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        hub = self.server.hub
        api = f"/api/models/{KLEIN.repository}/revision/main?blobs=true"
        if self.path == api:
            return self.answer(200, json.dumps(hub.describe_repository()).encode())
        path = self.path.removeprefix(f"/{KLEIN.repository}/resolve/{COMMIT}/")
        hub.requests.append((path, self.headers.get("Range", "")))
        data = hub.files[path]
        large = path.endswith(".safetensors")
        if large and sum(request[0] == path for request in hub.requests) > hub.breaks_after:
            return self.answer(503, b"")
        if large and hub.spoils:
            data = data[:-1] + b"\0"
        if hub.ignores_ranges:
            return self.answer(200, data)
        first, last = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
        return self.answer(206, data[first : last + 1])

    def answer(self, status, data):
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture
def hub(settings, tmp_path, monkeypatch):
    settings.MODELS_DIR = tmp_path / "models"
    monkeypatch.setattr(model_downloads, "CHUNK_BYTES", 30_000)
    server = ThreadingHTTPServer(("127.0.0.1", 0), HubHandler)
    server.hub = FakeHub(
        {
            "transformer/model.safetensors": WEIGHTS,
            "model_index.json": INDEX,
            "README.md": CARD,
            "transformer/config.json": b"{}",
            "whole-in-one.safetensors": b"twice",
            "vae/model.fp16.safetensors": b"twice",
            "vae/weights.bin": b"code",
            "../outside.json": b"{}",
        }
    )
    server.hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.hub
    server.shutdown()


def download_klein(hub, on_progress=lambda *_: None):
    return model_downloads.download_model(
        KLEIN, on_progress=on_progress, hub_url=hub.address, loopback=True
    )


def test_what_a_pipeline_needs_arrives_whole_and_nothing_else(hub, tmp_path):
    progress = []
    folder = download_klein(hub, lambda *update: progress.append(update))
    file_names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert file_names == {
        "README.md",
        "facet.json",
        "model_index.json",
        "transformer/config.json",
        "transformer/model.safetensors",
    }
    assert (folder / "transformer/model.safetensors").read_bytes() == WEIGHTS
    assert list(weights.find_problems(folder)) == []
    assert weights.locate_weights("klein") == (KLEIN, folder)
    assert not (tmp_path / "outside.json").exists()
    assert progress[-1][1] == progress[-1][2] == len(WEIGHTS) + len(INDEX) + len(CARD) + 2


def test_broken_download_goes_on_where_it_stopped(hub):
    hub.breaks_after = 2
    with pytest.raises(PlatformError):
        download_klein(hub)
    with pytest.raises(ModelCorrupt, match="missing"):
        weights.require_sizes(weights.weights_folder(KLEIN))
    hub.breaks_after, hub.requests = 10**9, []
    folder = download_klein(hub)
    assert (folder / "transformer/model.safetensors").read_bytes() == WEIGHTS
    assert hub.requests[0] == ("transformer/model.safetensors", "bytes=60000-89999")


def test_second_download_fetches_nothing(hub):
    download_klein(hub)
    hub.requests = []
    download_klein(hub)
    assert hub.requests == []


def test_server_that_ignores_ranges_is_understood(hub):
    hub.ignores_ranges = True
    folder = download_klein(hub)
    assert (folder / "transformer/model.safetensors").read_bytes() == WEIGHTS


def test_bytes_that_were_not_published_are_thrown_away(hub):
    hub.spoils = True
    with pytest.raises(ModelCorrupt, match="not what was published"):
        download_klein(hub)
    assert not list(weights.weights_folder(KLEIN).rglob("*.part"))
    hub.spoils = False
    assert list(weights.find_problems(download_klein(hub))) == []


@pytest.mark.slow
@pytest.mark.parametrize("licence", [None, "other", "cc-by-nc-4.0", "mit"])
def test_repository_with_another_licence_is_not_downloaded(hub, licence):
    hub.licence = licence
    with pytest.raises(UnknownLicence, match="nothing was downloaded"):
        download_klein(hub)
    assert hub.requests == [] and not weights.weights_folder(KLEIN).exists()


def test_full_disk_is_told_before_anything_is_fetched(hub, monkeypatch):
    usage = model_downloads.shutil.disk_usage(".")
    monkeypatch.setattr(model_downloads.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(StorageFull):
        download_klein(hub)
    assert hub.requests == []


@pytest.mark.parametrize("spoil", ["noise", "gone"])
def test_check_finds_what_is_wrong(hub, spoil):
    folder = download_klein(hub)
    file = folder / "transformer/model.safetensors"
    if spoil == "gone":
        file.unlink()
    else:
        file.write_bytes(WEIGHTS[::-1])
    assert [line.split(" is ")[0] for line in weights.find_problems(folder)] == [
        "transformer/model.safetensors"
    ]
    with pytest.raises(CommandError, match="1 files are wrong"):
        call_command("models", "check", "klein", stdout=io.StringIO())


def test_list_check_and_remove_say_what_they_did(hub):
    def said(*arguments):
        out = io.StringIO()
        call_command("models", *arguments, stdout=out)
        return out.getvalue()

    assert "No model is here" in said("check")
    download_klein(hub)
    assert "klein    here" in said("list") and "apache-2.0" in said("list")
    assert ": whole" in said("check")
    assert "klein was removed" in said("remove", "klein")
    assert "klein was not here" in said("remove", "klein")
    with pytest.raises(CommandError, match="no model 'kontext'"):
        said("download", "kontext")


@pytest.mark.usefixtures("hub")
def test_painter_without_weights_or_extra_says_what_to_run(monkeypatch):
    monkeypatch.setattr(diffusion_setup, "is_possible", lambda: False)
    with pytest.raises(ModelMissing, match="extra") as caught:
        diffusion_setup.get_pipeline()
    assert "make install-diffusion" in caught.value.advice
    with pytest.raises(ModelMissing, match="not on this machine") as caught:
        weights.locate_weights("klein")
    assert "models download klein" in caught.value.advice
    assert weights.installed_tiers() == []
