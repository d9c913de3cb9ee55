"""Settings: what the environment decides, what is documented, and what production asks for."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model

from branding import env

ROOT = Path(__file__).resolve().parents[2]
READERS = {"lazy_secret", "read_address", "read_flag", "read_list", "read_number", "read_text"}
PRODUCTION = {
    "SITE_URL": "https://facet.example.org",
    "CACHE_URL": "redis://redis.example.org/1",
    "CELERY_BROKER_URL": "redis://redis.example.org/0",
    "S3_BUCKET": "pictures",
    "EMAIL_URL": "smtp://mail.example.org/?tls=1",
}


def variables_read():
    """Every variable that the project's code asks the environment for."""
    for path in sorted((ROOT / "branding").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                if name in READERS and str(call.args[0].value).isupper():
                    yield call.args[0].value


def manage(*arguments, **variables):
    """A command with the real settings."""
    world = env.environment_with(DJANGO_SETTINGS_MODULE="branding.settings", **variables)
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=world,
        capture_output=True,
        text=True,
        check=False,
    )


def test_documentation_lists_every_variable_and_no_other():
    document = (ROOT / "docs" / "self-hosting.md").read_text()
    table = re.search(r"<!-- settings -->\n(.*?)<!-- /settings -->", document, re.DOTALL)[1]
    assert set(re.findall(r"^\| `([A-Z0-9_]+)`", table, re.MULTILINE)) == set(variables_read())


def test_tests_touch_nothing_of_the_project():
    assert not settings.DATA_DIR.is_relative_to(ROOT)
    assert settings.MEDIA_ROOT.is_relative_to(settings.DATA_DIR)


@pytest.mark.django_db
def test_person_is_made_by_e_mail():
    person = get_user_model().objects.create_user("Alice@Example.com", "a long pass phrase")
    assert person.email == "Alice@example.com" and person.check_password("a long pass phrase")
    assert get_user_model().objects.create_superuser("bob@example.com", "x").is_staff


@pytest.mark.slow
def test_deployment_check_is_clean(tmp_path):
    result = manage(
        "check", "--deploy", "--fail-level=WARNING", DATA_DIR=str(tmp_path), **PRODUCTION
    )
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout + result.stderr


def test_production_settings_take_effect(tmp_path):
    script = (
        "from django.conf import settings as s; print(s.DATABASES['default']['ENGINE'],"
        " s.CACHES['default']['BACKEND'], s.STORAGES['default']['BACKEND'], s.CELERY_BROKER_URL,"
        " s.ACCOUNT_EMAIL_VERIFICATION, s.SESSION_COOKIE_SECURE, s.ALLOWED_HOSTS[0])"
    )
    world = env.environment_with(
        DJANGO_SETTINGS_MODULE="branding.settings",
        DATA_DIR=str(tmp_path),
        DATABASE_URL="postgres://facet@db.example.org/facet?sslmode=require",
        **PRODUCTION,
    )
    output = subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, env=world, text=True)
    assert output.split() == [
        "django.db.backends.postgresql",
        "django.core.cache.backends.redis.RedisCache",
        "headshots.storage.s3.BucketStorage",
        "redis://redis.example.org/0",
        "mandatory",
        "True",
        "facet.example.org",
    ]


def test_number_that_is_none_is_said_by_name(tmp_path):
    result = manage("check", DATA_DIR=str(tmp_path), PORT="eight")
    assert "PORT must be a whole number, not 'eight'." in result.stderr


@pytest.mark.parametrize("address", ["collector:4318", "ftp://collector", "https://"])
def test_address_that_is_none_is_said_by_name(monkeypatch, address):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    with pytest.raises(ValueError, match=f"OTEL_EXPORTER_OTLP_ENDPOINT must .*'{address}'"):
        env.read_address("OTEL_EXPORTER_OTLP_ENDPOINT")
