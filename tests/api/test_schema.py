"""The schema is written down, true, and holds against everything Schemathesis tries."""

from copy import deepcopy

import pytest
import schemathesis
from django.core.management import call_command
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from branding.api.models import Scope
from branding.api.services import create_token
from tests.support import celery_messages
from tests.support.openapi import SCHEMA_FILE, load_schema
from tests.support.people import person, selfie, sheet_of


def generate_schema(folder):
    path = folder / "openapi.yaml"
    call_command("spectacular", "--file", str(path), "--fail-on-warn", "--validate")
    return path.read_text()


@pytest.mark.slow
def test_schema_is_the_one_that_is_committed(tmp_path):
    assert generate_schema(tmp_path) == SCHEMA_FILE.read_text(), "run `make schema`"


def test_every_operation_is_described():
    schema = load_schema()
    assert schema["openapi"].startswith("3.1")
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"] and operation["responses"], (method, path)
            assert {"401", "429"} <= set(operation["responses"]), (method, path)
            if "requestBody" in operation:
                content = next(iter(operation["requestBody"]["content"].values()))
                assert "examples" in content or "multipart/form-data" in str(
                    operation["requestBody"]
                )


# An ETag of nothing is refused as it must be, however well it is written.
ANSWERS = ["401", "403", "404", "409", "412", "422", "429", "5xx"]
REFUSALS = [*ANSWERS, "400", "405", "406", "415"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", *ANSWERS]},
            "negative_data_rejection": {"expected-statuses": REFUSALS},
        }
    }
)
schema = schemathesis.openapi.from_dict(deepcopy(load_schema()), config=CONFIG)


@pytest.fixture
def token():
    owner = person("alice")
    sheet_of(owner)
    return create_token(owner, "schemathesis", scopes=Scope.values)[1]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_operation_answers_as_it_is_described(case, token, live_server):
    celery_messages.lose()
    if isinstance(case.body, dict) and "file" in case.body:
        case.body["file"] = selfie()  # what no schema can say: a file that is a photo
    if case.query:
        case.query.pop("cursor", None)  # nor this: only a cursor that a list gave is accepted
    case.call_and_validate(base_url=live_server.url, headers={"Authorization": f"Bearer {token}"})
