"""A person with a token, and a program that shows it."""

import pytest
from rest_framework.test import APIClient

from branding.api.models import Scope
from branding.api.services import make_token
from tests.support import celery_messages
from tests.support.people import person


@pytest.fixture(autouse=True)
def no_messages():
    celery_messages.lose()


@pytest.fixture
def alice():
    return person("alice")


def program(owner, *scopes):
    """A client with a token that may do this, or everything."""
    _, text = make_token(owner, "test", scopes=scopes or Scope.values)
    client = APIClient(HTTP_HOST="localhost", raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


@pytest.fixture
def client(alice):
    return program(alice)
