"""Functions that save for whom a person wants to be seen, and use suggestions or undo that."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from branding.accounts.models import User
from branding.advice.library import load_library
from branding.advice.models import AdviceSettings
from branding.advice.place_goals import MAX_WEIGHT
from branding.advice.selectors import Suggestion, advisor_of, suggestions_of, wishes_of
from headshots.errors import NotReady, ServiceError
from headshots.models import Variant
from headshots.selectors import variants_of
from integrations.models import Choice
from integrations.publishing import choices
from integrations.selectors import choices_of, connections_of

Replaced = dict[str, Any]  # place, connection, variant before and suggested one, by id


class BadWeights(ServiceError):
    """Weights of goals that cannot be used."""

    code = "bad_weights"


def save_settings(
    owner: User,
    changes: Mapping[str, Any],
    weights_by_place: Mapping[str, Mapping[str, int] | None],
) -> AdviceSettings:
    """Save some settings of a person, and how much each goal counts at some places.

    None instead of weights returns to the proposal; what is left out stays. Raises NotReady as long
    as there is no role, and BadWeights; nothing is saved then.
    """
    row = AdviceSettings.objects.filter(owner=owner).first() or AdviceSettings(owner=owner)
    for name, value in changes.items():
        setattr(row, name, value)
    if row.role not in load_library().roles:
        raise NotReady(
            _("We do not know yet for whom your headshots are."), advice=_("Tell us first.")
        )
    with transaction.atomic():
        row.save()
        for place, weights in weights_by_place.items():
            if weights is None:
                clear_own_weights(row, [place])
            else:
                save_own_weights(row, [place], weights)
    return row


def save_own_weights(
    advice_settings: AdviceSettings, places: Iterable[str], weights: Mapping[str, int]
) -> None:
    """Save how much each goal counts at some places, 0 to MAX_WEIGHT; goals left out count 0.

    Raises BadWeights if a goal is not known, a weight is out of range, or all are 0.
    """
    goals = load_library().goals
    if not weights.keys() <= goals.keys() or not all(
        0 <= weight <= MAX_WEIGHT for weight in weights.values()
    ):
        raise BadWeights(_("One of these values is not possible."), advice=_("Choose 0 to 5."))
    if not any(weights.values()):
        raise BadWeights(_("Nothing would count."), advice=_("Raise at least one of them."))
    saved, whole = advice_settings.own_weights or {}, {**dict.fromkeys(goals, 0), **weights}
    advice_settings.own_weights = {**saved, **dict.fromkeys(places, whole)}
    advice_settings.save(update_fields=["own_weights"])


def clear_own_weights(advice_settings: AdviceSettings, places: Iterable[str]) -> None:
    """Return to the proposal at some places."""
    cleared = set(places)
    advice_settings.own_weights = {
        place: weights
        for place, weights in (advice_settings.own_weights or {}).items()
        if place not in cleared
    }
    advice_settings.save(update_fields=["own_weights"])


def use_suggestions(advice_settings: AdviceSettings) -> int:
    """Choose the suggested headshot for every profile, all or none; return how many changed.

    Nothing is sent. Raises NotReady if there is nothing to change.
    """
    owner = advice_settings.owner
    suggestions = suggestions_of(owner, advisor_of(owner, wishes_of(advice_settings)))
    changed = [suggestion for suggestion in suggestions if suggestion.is_change]
    if not changed:
        raise NotReady(
            _("Your profiles use what we suggest already."),
            advice=_("Make more headshots to compare."),
        )
    with transaction.atomic():
        current = _own_choices(advice_settings)
        advice_settings.replaced_choices = [_describe_change(entry, current) for entry in changed]
        advice_settings.save(update_fields=["replaced_choices"])
        for suggestion in changed:
            assert suggestion.best is not None  # else it would be no change
            account = suggestion.profile.connection
            places = [] if account else [suggestion.profile.place.slug]
            choices.choose_variant(suggestion.best, places, [account] if account else [])
    return len(changed)


def undo_suggestions(advice_settings: AdviceSettings) -> int:
    """Choose again what the suggestions replaced; return how many profiles that changed.

    A profile for which another headshot was chosen since keeps it. Raises NotReady if there is
    nothing to undo.
    """
    replaced = advice_settings.replaced_choices
    if not replaced:
        raise NotReady(_("There is nothing to undo."), advice=_("Use the suggestions first."))
    with transaction.atomic():
        current = _own_choices(advice_settings)
        undone = sum(_restore_choice(advice_settings, entry, current) for entry in replaced)
        advice_settings.replaced_choices = None
        advice_settings.save(update_fields=["replaced_choices"])
    return undone


def _own_choices(advice_settings: AdviceSettings) -> dict[tuple[str, str | None], Choice]:
    """Return the current choices by place and account; None for those of a whole place."""
    current = choices_of(advice_settings.owner).filter(current=True)
    return {
        (choice.place, str(choice.connection_id) if choice.connection_id else None): choice
        for choice in current
    }


def _describe_change(
    suggestion: Suggestion, current: dict[tuple[str, str | None], Choice]
) -> Replaced:
    """Return which choice a suggestion replaces, as plain data."""
    account = suggestion.profile.connection
    place, connection = suggestion.profile.place.slug, str(account.pk) if account else None
    choice = current.get((place, connection))
    return {
        "place": place,
        "connection": connection,
        "variant": str(choice.variant_id) if choice else None,
        "suggested": str(suggestion.best.pk) if suggestion.best else None,
    }


def _restore_choice(
    advice_settings: AdviceSettings,
    entry: Replaced,
    current: dict[tuple[str, str | None], Choice],
) -> bool:
    """Choose again what a profile had before; return whether that changed anything."""
    choice = current.get((entry["place"], entry["connection"]))
    if choice is None or str(choice.variant_id) != entry["suggested"]:
        return False
    previous = _find_ready_variant(advice_settings, entry["variant"])
    if previous is None:
        choices.clear_choice(choice)
        return True
    accounts = connections_of(advice_settings.owner).filter(pk=entry["connection"])
    choices.choose_variant(previous, [] if entry["connection"] else [entry["place"]], accounts)
    return True


def _find_ready_variant(advice_settings: AdviceSettings, variant_id: str | None) -> Variant | None:
    """Return a headshot that still exists; None if there was none or it is gone."""
    if variant_id is None:
        return None
    ready = variants_of(advice_settings.owner).filter(state=Variant.State.READY)
    return ready.filter(pk=variant_id).first()
