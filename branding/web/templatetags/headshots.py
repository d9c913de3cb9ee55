"""Template tags for headshots that are made: how many are finished, and what became of each."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext

from branding.public_urls import proof_urls
from headshots import selectors
from headshots.engine import thresholds
from headshots.models import Render, Variant

LOGO_FACETS = 8
BADGE_SIZE = (268, 32)  # pixels, width and height

register = template.Library()


@register.simple_tag
def likeness_limit() -> float:
    """Return the distance between two faces above which no headshot is shown."""
    return thresholds.MAX_LIKENESS_DISTANCE


@register.simple_tag
def proof_links(variant: Variant) -> dict[str, str] | None:
    """Return the addresses of a headshot's proof and badge, and HTML for pages and signatures.

    None where it was not measured that the face was not generated, or verifying is turned off.
    """
    if not (urls := proof_urls(variant)):
        return None
    page, badge = urls
    snippet = format_html(
        '<a href="{}"><img src="{}" width="{}" height="{}" alt="{}"></a>',
        page,
        badge,
        *BADGE_SIZE,
        gettext("Verified: the face was not generated"),
    )
    return {"page": page, "badge": badge, "snippet": str(snippet)}


@register.filter
def likeness_words(distance: float) -> str:
    """Say how close a face is to the photo's; 0.31 to 0.38 are two photos of one person."""
    if distance <= thresholds.MAX_LIKENESS_DISTANCE / 2:
        return gettext("Very close likeness")
    return gettext("Close likeness")


@register.filter
def finished_count(variants: Iterable[Variant]) -> int:
    """Count the headshots that are not waiting to be made any more, whatever became of them."""
    return sum(not variant.is_waiting for variant in variants)


@register.filter
def ready_count(variants: Iterable[Variant]) -> int:
    """Count the headshots that were made and can be looked at."""
    return sum(variant.is_ready for variant in variants or ())


@register.filter
def has_failed(variants: Iterable[Variant]) -> bool:
    """Return whether some of the headshots failed, so that trying again makes sense."""
    return any(variant.state == Variant.State.FAILED for variant in variants)


@register.filter
def failures_by_reason(variants: Iterable[Variant]) -> list[Variant]:
    """Return one headshot for each reason why headshots failed or were rejected."""
    ended = (Variant.State.FAILED, Variant.State.REJECTED)
    failures = {variant.reason: variant for variant in variants or () if variant.state in ended}
    return list(failures.values())


@register.filter
def background_notes(render: Render) -> list[str]:
    """Return why headshots of a finished render kept the photo's own background."""
    return selectors.background_notes(render)


@register.filter
def display_state(variant: Variant) -> str:
    """Return the state of a headshot as pages show it, for a class name.

    A discarded one is `discarded`, one whose rendering has begun is `rendering`; for all others
    it is `Variant.state`.
    """
    if variant.discarded_at:
        return "discarded"
    if variant.is_waiting and variant.progress:
        return "rendering"
    return variant.state


@register.filter
def progress_step(percent: int) -> int:
    """Round progress down to a step of ten, for a class name."""
    return percent // 10 * 10


@register.filter
def logo_state(done: int, total: int) -> str:
    """Return the class that lights as many facets of the logo as the share that is done."""
    return f"lit-{LOGO_FACETS * done // total if total else 0}"
