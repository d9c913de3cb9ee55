"""Template filters that word codes of the models: see `branding.web.wording`."""

from typing import Any

from django import template
from django.utils.translation import gettext

from branding.web import wording
from headshots.wording import word
from integrations.models import Publication, Run, Schedule

register = template.Library()


@register.filter
def worded(text: str) -> str:
    """Return a sentence of the engine, a platform or a service in the active language."""
    return word(text)


@register.filter
def translated(name: str) -> str:
    """Return the translation of a name that has one: "Your website" has, "LinkedIn" has none."""
    return gettext(name) if name else ""


@register.filter
def check_name(name: str) -> Any:
    """Return the name of a check of a photo in words."""
    return wording.CHECKS.get(name, name)


@register.filter
def state_words(publication: Publication) -> Any:
    """Return the state of a publication in words."""
    return wording.word_publication(publication)


@register.filter
def schedule_name(schedule: Schedule) -> Any:
    """Return the name of a schedule, or what kind it is."""
    return wording.name_schedule(schedule)


@register.filter
def run_words(run: Run) -> Any:
    """Return the state of a schedule's run in words."""
    return wording.RUN_STATES[run.state]
