"""The command `advise`: from photos to ranked looks with reasons."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from headshots.services.photos import SAMPLE

pytestmark = pytest.mark.slow  # analyses a portrait


def run(*arguments):
    output = StringIO()
    call_command("advise", str(SAMPLE), *arguments, stdout=output, stderr=StringIO())
    return output.getvalue()


def test_ranked_looks_are_printed_as_json_with_their_reasons():
    arguments = ("--role", "lawyer", "--audience", "clients", "--country", "de", "--place", "cv")
    report = json.loads(run(*arguments, "--json"))
    (place,) = report["places"]
    best = place["looks"][0]
    assert len(place["looks"]) == 10 and best["look"] and best["measured"]
    assert {"claim", "text", "grade", "n", "year", "source"} <= set(best["reasons"][0])
    assert place["confidence"]["level"] in {"fair", "some", "weak"}
    assert place["convention"]["claim"] == 105
    assert "better" in place and "conflicts" in place


def test_the_advice_is_told_in_sentences_with_footnotes():
    text = run("--role", "teacher", "--audience", "students", "--place", "zoom")
    assert "1. " in text and "Why: It shows" in text and "grade" in text


def test_what_is_not_known_is_said_without_a_traceback():
    with pytest.raises(SystemExit):
        run("--role", "wizard", "--audience", "clients")
