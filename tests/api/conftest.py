"""A person with a token, and an API client that sends it."""

import pytest
from rest_framework.test import APIClient

from branding.api.models import Scope
from branding.api.services import create_token
from tests.support import celery_messages
from tests.support.people import person


@pytest.fixture(autouse=True)
def no_messages():
    celery_messages.lose()


@pytest.fixture
def alice():
    return person("alice")


def api_client_for(owner, *scopes):
    """Return an API client with a new token of the owner; it has all scopes if none are named."""
    _, text = create_token(owner, "test", scopes=scopes or Scope.values)
    client = APIClient(HTTP_HOST="localhost", raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


@pytest.fixture
def client(alice):
    return api_client_for(alice)
