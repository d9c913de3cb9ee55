"""A time-stamping authority, made with OpenSSL, states the time; none that fails costs a file."""

import shutil
import subprocess
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.core.cache import cache
from django.utils import timezone

from integrations import renditions
from integrations.content_credentials import identity, manifests

OPENSSL = shutil.which("openssl")
CONFIGURATION = """
[tsa]
default_tsa = authority
[authority]
serial = {folder}/serial
signer_cert = {folder}/certificate.pem
signer_key = {folder}/key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
certs = {folder}/certificate.pem
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    """A time-stamping authority at a local address; what `answer` returns is its reply."""

    def __init__(self, answer):
        self.queries = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler):
                query = handler.rfile.read(int(handler.headers["Content-Length"]))
                self.queries.append((handler.headers["Content-Type"], query))
                reply = answer(query)
                handler.send_response(200 if reply else 500)
                handler.send_header("Content-Type", "application/timestamp-reply")
                handler.send_header("Content-Length", str(len(reply)))
                handler.end_headers()
                handler.wfile.write(reply)

            def log_message(handler, *_arguments):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/tsr"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def answer_with_openssl(tmp_path):
    """A function that answers a query as an authority does."""
    if not OPENSSL:
        pytest.skip("needs openssl")
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "tsa.cnf").write_text(CONFIGURATION.format(folder=tmp_path))
    subprocess.run(
        [
            *(OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"),
            *("-keyout", tmp_path / "key.pem", "-out", tmp_path / "certificate.pem"),
            *("-subj", "/O=Example/CN=Time", "-addext", "keyUsage=critical,digitalSignature"),
            *("-addext", "extendedKeyUsage=critical,timeStamping"),
            *("-addext", "basicConstraints=critical,CA:FALSE"),
        ],
        check=True,
        capture_output=True,
    )

    def answer(query):
        (tmp_path / "query").write_bytes(query)
        subprocess.run(
            [
                *(OPENSSL, "ts", "-reply", "-config", tmp_path / "tsa.cnf"),
                *("-queryfile", tmp_path / "query", "-out", tmp_path / "reply"),
            ],
            check=True,
            capture_output=True,
        )
        return (tmp_path / "reply").read_bytes()

    return answer


@pytest.fixture
def ask(settings):
    """Configure an authority that answers so, and return it."""
    cache.clear()
    authorities = []

    def start(answer):
        authorities.append(Authority(answer))
        settings.TIMESTAMP_URL, settings.OPEN_LOOPBACK = authorities[-1].url, True
        return authorities[-1]

    yield start
    for authority in authorities:
        authority.stop()
    cache.clear()


def report_of(data):
    return manifests.read_manifest(data, "jpeg", known_chains=identity.known_chains())


def test_the_authority_states_when_a_file_was_signed(variant, ask, answer_with_openssl):
    authority = ask(answer_with_openssl)
    report = report_of(renditions.build_download(variant).data)
    assert [kind for kind, _ in authority.queries] == ["application/timestamp-query"]
    assert report.is_ours and report.is_intact
    assert abs(report.signed_at - timezone.now()) < timedelta(minutes=5)


@pytest.mark.parametrize("reply", [b"", b"no time stamp"], ids=["refused", "nonsense"])
def test_an_authority_that_fails_costs_no_file_and_is_not_asked_again_at_once(variant, ask, reply):
    authority = ask(lambda _query: reply)
    reports = [report_of(renditions.build_download(variant).data) for _ in range(2)]
    assert all(report.is_ours and report.is_intact for report in reports)
    assert reports[0].signed_at is None and len(authority.queries) == 1


def test_an_authority_inside_the_network_is_not_asked(variant, ask, settings):
    authority = ask(lambda _query: b"")
    settings.OPEN_LOOPBACK = False
    assert report_of(renditions.build_download(variant).data).is_ours
    assert not authority.queries


def test_without_one_files_have_no_time(variant):
    assert report_of(renditions.build_download(variant).data).signed_at is None
