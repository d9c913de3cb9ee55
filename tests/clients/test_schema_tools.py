"""Linters of others find no error in the schema, and clients that they generate are typed."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from branding.api.models import Scope
from branding.api.services import create_token
from tests.clients.conftest import SCHEMA
from tests.support.openapi import load_schema
from tests.support.people import person, photo_of

PHOTO_COUNT = 5
TYPESCRIPT = "typescript/lib/tsc.js"
ESBUILD_OPTIONS = ("--bundle", "--format=esm", "--platform=node", "--outfile=pages.mjs")


@pytest.fixture(scope="module")
def generated(run_tool):
    """The clients of three generators."""
    commands = [
        ("openapi-typescript/bin/cli.js", "openapi.yaml", "-o", "schema.ts"),
        ("@hey-api/openapi-ts/bin/run.js", "-i", "openapi.yaml", "-o", "hey"),
        ("orval/dist/bin/orval.js", "--config", "orval.config.cjs"),
    ]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda command: run_tool(*command), commands))


def test_schema_is_valid_openapi():
    validate(load_schema())


@pytest.mark.slow
def test_blank_text_matches_one_alternative_at_most():
    document = load_schema()

    def alternatives(node):
        if isinstance(node, dict):
            if "oneOf" in node:
                yield node["oneOf"]
            for child in node.values():
                yield from alternatives(child)
        elif isinstance(node, list):
            for child in node:
                yield from alternatives(child)

    oneof_lists = list(alternatives(document))
    assert oneof_lists and "nullable" not in SCHEMA.read_text()
    for schemas in oneof_lists:
        valid = [
            Draft202012Validator({**schema, "components": document["components"]}).is_valid("")
            for schema in schemas
        ]
        assert sum(valid) <= 1, schemas


@pytest.mark.slow
def test_spectral_finds_no_error(run_tool):
    run_tool("@stoplight/spectral-cli/dist/index.js", "lint", "openapi.yaml", "-F", "warn")


@pytest.mark.slow
def test_redocly_finds_no_error(run_tool):
    run_tool("@redocly/cli/bin/cli.js", "lint", "openapi.yaml")


@pytest.mark.slow
@pytest.mark.usefixtures("generated")
@pytest.mark.django_db(transaction=True)
def test_generated_clients_read_a_list_to_its_end(run_tool, live_server, settings):
    settings.SITE_URL = live_server.url
    owner = person("alice")
    for seed in range(PHOTO_COUNT):
        photo_of(owner, seed=seed)
    token = create_token(owner, "pages", scopes=[Scope.READ])[1]
    run_tool(TYPESCRIPT, "--project", "tsconfig.json", "--noEmit")
    run_tool("esbuild/bin/esbuild", "pages.ts", *ESBUILD_OPTIONS)
    output = run_tool("../pages.mjs", SITE=live_server.url, TOKEN=token)
    assert json.loads(output) == [PHOTO_COUNT] * 3
