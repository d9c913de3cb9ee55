"""What a page says in another language is still read by browsers and by us."""

import re
from datetime import date

import pytest
from django.utils import translation

from branding.web import wording
from branding.web.schedule_forms import RotationSlotForm
from headshots.engine.analysis import input_checks
from headshots.engine.analysis.input_checks import CheckRule


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_day_is_in_the_form_that_browsers_take(language):
    with translation.override(language):
        form = RotationSlotForm(initial={"start": date(2030, 2, 1)}, headshots=[])
        assert re.search(r'value="2030-02-01"', str(form["start"]))


def test_every_check_of_a_photo_has_a_name_in_words():
    rules = [
        rule
        for rules in vars(input_checks).values()
        if isinstance(rules, tuple | list)
        for rule in rules
        if isinstance(rule, CheckRule)
    ]
    assert rules and {rule.name for rule in rules} <= set(wording.CHECKS)
