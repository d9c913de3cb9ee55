"""Settings: what the environment decides, and that tests keep to their own folder."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model

ROOT = Path(__file__).resolve().parents[2]


def test_tests_touch_nothing_of_the_project():
    assert not settings.DATA_DIR.is_relative_to(ROOT)
    assert settings.MEDIA_ROOT.is_relative_to(settings.DATA_DIR)


@pytest.mark.django_db
def test_person_is_made_by_e_mail():
    person = get_user_model().objects.create_user("Alice@Example.com", "a long pass phrase")
    assert person.email == "Alice@example.com" and person.check_password("a long pass phrase")
