"""Facet behind nginx and Caddy, with the configurations of docs/self-hosting.md."""

import http.client
import os
import re
import socket
import ssl
import subprocess
from urllib.parse import urlencode

import pytest
from allauth.usersessions.models import UserSession

from branding.api.headshots import render_events
from branding.api.models import Scope
from branding.api.services import create_token
from tests.support.people import person, sheet_of
from tests.support.servers.asgi_server import asgi_server
from tests.support.servers.programs import ROOT, free_port, require_program, running_process

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
HOST = "facet.example.org"
TIMEOUT_SECONDS = 60
VISITOR = "127.0.0.2"  # not in TRUSTED_PROXIES, as the proxy at 127.0.0.1 is
NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    ssl_certificate {folder}/certificate.pem;
    ssl_certificate_key {folder}/key.pem;
    {server}
}}
"""
CADDY = """
{{
    admin off
    auto_https disable_redirects
}}
{server}
"""


@pytest.fixture(params=["nginx", "caddy"])
def site(request, settings, tmp_path):
    """The port of a proxy with TLS, before the web server as it runs with SITE_URL=https://…"""
    command = {"nginx": nginx_command, "caddy": caddy_command}[request.param]
    port = free_port()
    settings.SITE_URL = f"https://{HOST}"
    settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = [HOST], [settings.SITE_URL]
    settings.SECURE_SSL_REDIRECT = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    make_certificate(tmp_path)
    with asgi_server() as server:
        words = command(tmp_path, port, server.port)
        with running_process(words, port=port, folder=tmp_path, XDG_DATA_HOME=str(tmp_path)):
            yield port


def nginx_command(folder, port, facet_port):
    """Write the example of the documentation, changed in its ports only; return the command."""
    program = require_program("usr/sbin/nginx", package="nginx-light")
    server = example_of("nginx", facet_port).replace("443 ssl", f"127.0.0.1:{port} ssl")
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, server=server))
    # Started by root, its workers would be another user, who cannot enter the folder.
    user = [] if os.geteuid() else ["-g", "user root;"]
    return [str(program), "-c", str(folder / "nginx.conf"), "-e", "stderr", *user]


def caddy_command(folder, port, facet_port):
    """Write the example of the documentation with our port and certificate; return the command."""
    program = require_program("usr/bin/caddy", package="caddy")
    ours = f"{HOST}:{port} {{\n    bind 127.0.0.1\n    tls certificate.pem key.pem\n"
    server = example_of("Caddy", facet_port).replace(f"{HOST} {{\n", ours)
    (folder / "Caddyfile").write_text(CADDY.format(server=server))
    return [str(program), "run", "--config", "Caddyfile", "--adapter", "caddyfile"]


def example_of(proxy, facet_port):
    """Return the configuration that the documentation gives, for a web server at a port."""
    text = (ROOT / "docs" / "self-hosting.md").read_text()
    return re.search(rf"{proxy}:\n\n```\n(.*?)```", text, re.DOTALL)[1].replace(
        ":8000", f":{facet_port}"
    )


def make_certificate(folder):
    files = ("-keyout", folder / "key.pem", "-out", folder / "certificate.pem")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    name = ("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}")
    subprocess.run(
        ("openssl", "req", "-x509", *key, *name, *files), check=True, capture_output=True
    )


def connect(port, folder):
    """Connect to the proxy as a browser does that knows the host by its name."""
    context = ssl.create_default_context(cafile=folder / "certificate.pem")
    connection = http.client.HTTPConnection(HOST)
    plain = socket.create_connection(
        ("127.0.0.1", port), TIMEOUT_SECONDS, source_address=(VISITOR, 0)
    )
    connection.sock = context.wrap_socket(plain, server_hostname=HOST)
    return connection


def ask(site, folder, method, path, body=None, **headers):
    connection = connect(site, folder)
    connection.request(method, path, body, {"Host": HOST, **headers})
    response = connection.getresponse()
    return response, response.read()


def test_facet_knows_scheme_host_and_visitor(site, tmp_path):
    page, _ = ask(site, tmp_path, "GET", "/")
    assert page.status == 200, "redirected for ever without X-Forwarded-Proto"
    fields = {"email": "new@example.com", "password1": "a long pass phrase"}
    answer, _ = ask(
        site,
        tmp_path,
        "POST",
        "/accounts/signup/",
        urlencode({**fields, "csrfmiddlewaretoken": "t" * 32}),
        **{
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"csrftoken={'t' * 32}",
            "Origin": f"https://{HOST}",
            "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Host": "evil.example",
        },
    )
    assert answer.status == 302 and answer.headers["Location"].startswith("/")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert set(UserSession.objects.values_list("ip", flat=True)) == {VISITOR}


def test_photo_of_many_megabytes_is_let_through(site, tmp_path):
    answer, _ = ask(site, tmp_path, "POST", "/api/v1/photos", b"0" * 5_000_000)
    assert answer.status == 401, "the proxy itself answers 413 beyond its limit"


def test_events_arrive_at_once(site, tmp_path):
    """The stream lasts longer than the connection waits for a byte, so that no buffer can help."""
    assert render_events.MAX_STREAM_SECONDS > TIMEOUT_SECONDS
    render = sheet_of(person("alice"), state="waiting")
    token = create_token(render.owner, "events", scopes=[Scope.READ])[1]
    connection = connect(site, tmp_path)
    path = f"/api/v1/renders/{render.pk}/events"
    connection.request("GET", path, headers={"Host": HOST, "Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    assert response.headers["Cache-Control"] == "no-store"
    assert response.readline().startswith(b"id: ")
    response.close()
    connection.close()
