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
READERS = {"lazy_secret", *(name for name in vars(env) if name.startswith("read_"))}
PRODUCTION = {
    "SITE_URL": "https://facet.example.org",
    "CACHE_URL": "redis://redis.example.org/1",
    "CELERY_BROKER_URL": "redis://redis.example.org/0",
    "S3_BUCKET": "pictures",
    "EMAIL_URL": "smtp://mail.example.org/?tls=1",
    "OPEN_LOOPBACK": "",
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


def load_settings(folder, **variables):
    """Load the settings alone, and print some of them."""
    script = (
        "from branding import settings as s; print({name: str(value) for name, value in"
        " sorted(vars(s).items()) if type(value) in (bool, dict, int, list, str)})"
    )
    inherited = {name: value for name, value in env.environment_with().items() if name == "PATH"}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**inherited, "DATA_DIR": str(folder), "PYTHONPATH": ROOT, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_empty_variable_counts_as_not_set(tmp_path):
    empty = dict.fromkeys(variables_read(), "")
    del empty["DATA_DIR"]
    usual, result = load_settings(tmp_path), load_settings(tmp_path, **empty)
    assert usual.stdout == result.stdout and "'HOST': '127.0.0.1'" in usual.stdout
    assert result.stderr == ""


def test_empty_data_folder_is_not_the_working_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("DATA_DIR", " ")
    assert env.read_private_folder("DATA_DIR", tmp_path / "var") == (tmp_path / "var", False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eight"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("PHOTO_LIMIT", "0"),
        ("TICK_SECONDS", "1.5"),
        ("DEBUG", "perhaps"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("API_RATE_TOKEN", "many"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "proxy.example.org"),
        ("SITE_URL", "facet.example.org"),
        ("SITE_URL", "https://example.org/facet"),
        ("SITE_URL", "https://example.org/?x=1"),
        ("DATA_DIR", "/proc/nowhere"),
        ("DATABASE_URL", "mysql://user:secret@host/name"),
        ("DATABASE_URL", "postgres://user:sec#ret@host/name"),
        ("DATABASE_URL", "postgres://user:1?secret@host/name"),
        ("DATABASE_URL", "postgres://user:1/secret@host/name"),
        ("EMAIL_URL", "smtp://user:1#secret@host"),
        ("EMAIL_URL", "smtp://user:sec/ret@host"),
        ("EMAIL_URL", "smtp://user:secret@host:smtp"),
        ("CACHE_URL", "memcached://secret@host"),
        ("CELERY_BROKER_URL", "redis://:sec#ret@host"),
        ("S3_ENDPOINT_URL", "s3.example.org"),
        ("PLC_URL", "plc.directory"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
    ],
)
def test_value_that_cannot_be_used_gets_one_sentence(tmp_path, name, value):
    result = load_settings(tmp_path, S3_BUCKET="pictures", **{name: value})
    assert result.returncode == 1
    assert re.fullmatch(rf"Facet cannot start: {name} .+\.\n", result.stderr), result.stderr
    assert not re.search(r"sec|ret", result.stderr)


LOAD_WITH_EACH_VALUE = """
import importlib, os, sys, traceback
import branding.settings  # what it imports stays; each value is tried in a process of its own
for module in [module for module in sys.modules if module.startswith("branding.settings")]:
    del sys.modules[module]
for name in sys.argv[2:]:
    for value in {values!r}:
        if os.fork() == 0:
            os.dup2(1, 2)
            os.environ[name] = value
            print(name, repr(value), flush=True)
            try:
                importlib.import_module("branding.settings")
            except SystemExit as error:
                os._exit(0 if str(error).startswith(f"Facet cannot start: {{name}} ") else 1)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        if os.wait()[1]:
            sys.exit(1)
"""
UNUSABLE_VALUES = (
    "perhaps",
    "-1",
    "1e400",
    "0",
    "9" * 30,
    "a b#c?d/e@f:g%h",
    "é\u200b",
    "[::",
    "x,,y",
)


@pytest.mark.slow
def test_no_value_of_any_variable_ends_in_a_traceback(tmp_path):
    program = LOAD_WITH_EACH_VALUE.format(values=UNUSABLE_VALUES)
    result = subprocess.run(
        [sys.executable, "-c", program, "--", *sorted(set(variables_read()) - {"DATA_DIR"})],
        cwd=ROOT,
        env=env.environment_with(DATA_DIR=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-2000:]


@pytest.mark.slow
def test_every_program_says_the_sentence_alone(tmp_path):
    for command in (
        ["manage.py", "check"],
        ["-m", "branding.server"],
        ["-m", "celery", "-A", "branding.celery", "beat"],
    ):
        result = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=env.environment_with(
                DJANGO_SETTINGS_MODULE="branding.settings", DATA_DIR=str(tmp_path), PORT="eight"
            ),
            capture_output=True,
            text=True,
            check=False,
        )
        expected = (
            "Facet cannot start: PORT must be a whole number, from 0 to 65535, not 'eight'.\n"
        )
        assert result.stderr == expected, command


@pytest.mark.parametrize("sign", ["#", "?", "%", "%41", " ", "ä", ";", "&x="])
def test_database_is_inside_the_data_folder_whatever_its_name(tmp_path, sign):
    folder = tmp_path / f"one{sign}two"
    result = load_settings(folder)
    assert (
        f"'NAME': {str(folder / 'facet.sqlite3')!r}" in ast.literal_eval(result.stdout)["DATABASES"]
    )
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_folder_that_others_can_read_is_made_private_and_that_is_said(tmp_path):
    tmp_path.chmod(0o755)
    result = load_settings(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    assert result.stderr == f"{tmp_path} was open to others; it is private now.\n"
    assert load_settings(tmp_path).stderr == ""
