"""Trials: three headshots from one photo for a visitor without an account, kept for an hour.

The photo and the headshots of a trial belong to a user as whom nobody can sign in: the rules for
what people own hold for them, too, and the worker gives every visitor a turn. The session of the
browser names the trial. Whoever signs up in that browser becomes this user, so nothing is moved;
whoever signs in gets the photo and the headshots.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

from allauth.core import ratelimit
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from branding.accounts.models import Trial, User
from headshots.engine.recipes import choose_recipes
from headshots.errors import FacetError, TooManyAtOnce
from headshots.isolation import run_for_each
from headshots.models import Render
from headshots.services import ownership, photos, renders

if TYPE_CHECKING:
    from django.http import HttpRequest

    from headshots.services.photos import UploadedBytes

LIFETIME: Final = timedelta(hours=1)
LOOKS: Final = ("linkedin", "corporate", "speaker")  # one of each kind of background
MAX_UNFINISHED: Final = 4  # trials whose headshots are being made, of all visitors together
RATE_ACTION: Final = "trial"  # of ACCOUNT_RATE_LIMITS, by network address
SESSION_KEY: Final = "trial"
# Nobody receives e-mail at this domain (https://www.rfc-editor.org/rfc/rfc2606#section-2).
NO_MAIL_DOMAIN: Final = "trial.invalid"


class TooManyTrials(TooManyAtOnce):
    """This visitor, or all of them together, have tried as much as they may for now."""

    advice = "Try again in a few minutes, or sign up: an account does not have to wait."
    retry_after = 300  # seconds


def are_open() -> bool:
    """Whether visitors may try Facet: not where TRIAL_LIMIT is 0, nor where they cannot sign up."""
    return settings.TRIAL_LIMIT > 0 and settings.SIGN_UP == "open"


def start_trial(request: HttpRequest, file: UploadedBytes, *, name: str) -> Trial:
    """Store a photo for the visitor and start its headshots; then an earlier trial of theirs ends.

    Raises TooManyTrials beyond a limit, and what `add_photo` raises; nothing is changed then.
    """
    if not ratelimit.consume(request, action=RATE_ACTION):
        raise TooManyTrials("You have tried several photos already.")
    trial = _reserve_place()
    try:
        photo = photos.add_photo(trial.owner, file, name=name)
        renders.start_render(trial.owner, [photo], choose_recipes(list(LOOKS)))
    except FacetError:
        _delete(trial.pk)
        raise
    end_trial(request)
    request.session[SESSION_KEY] = str(trial.pk)
    return trial


def find_trial(request: HttpRequest) -> Trial | None:
    """Return the trial of this browser; None without one, and once its hour is over."""
    with suppress(ValueError):
        trial_id = UUID(request.session.get(SESSION_KEY, ""))
        current = Trial.objects.filter(pk=trial_id, expires_at__gt=timezone.now())
        return current.select_related("owner").first()
    return None


def end_trial(request: HttpRequest) -> None:
    """Delete the trial of this browser with its photo and headshots, if there is one."""
    trial = find_trial(request)
    request.session.pop(SESSION_KEY, None)
    if trial is not None:
        _delete(trial.pk)


def keep_trial(owner: User) -> User:
    """Return the user to save for somebody who signs up: the one of their trial, or a new one.

    A trial that has ended meanwhile cannot be kept. Must be called in a transaction that saves the
    user, which becomes active.
    """
    if owner.pk and not Trial.objects.filter(owner=owner).delete()[0]:
        return User()
    owner.is_active = True
    owner.date_joined = timezone.now()
    return owner


def give_trial(request: HttpRequest, receiver: User) -> bool:
    """Give the photo and headshots of this browser's trial to who signs in, if there is one.

    Returns whether there was. Raises PhotoLimitReached if they may not add a photo, and then leaves
    the trial as it is.
    """
    trial = find_trial(request)
    if trial is None:
        return False
    with transaction.atomic():
        locked = Trial.objects.select_for_update().filter(pk=trial.pk)
        if not locked.exists():  # it ended meanwhile
            return False
        ownership.give_everything(trial.owner, receiver)
        trial.owner.delete()
    request.session.pop(SESSION_KEY, None)
    return True


def delete_expired_trials() -> None:
    """Delete every trial whose hour is over, with its photo and headshots."""
    expired = Trial.objects.filter(expires_at__lte=timezone.now())
    run_for_each("expired trials", list(expired.values_list("pk", flat=True)), _delete)


def _reserve_place() -> Trial:
    """Create a trial and its user; raises TooManyTrials if all places are taken.

    The place is counted after it is taken, so visitors who come at once cannot pass a limit
    together.
    """
    with transaction.atomic():
        owner = User.objects.create_user(f"{uuid4().hex}@{NO_MAIL_DOMAIN}", is_active=False)
        trial = Trial.objects.create(owner=owner, expires_at=timezone.now() + LIFETIME)
    finished = Render.objects.exclude(finished_at=None).values("owner")
    unfinished_count = Trial.objects.exclude(owner__in=finished).count()
    if unfinished_count > MAX_UNFINISHED or Trial.objects.count() > settings.TRIAL_LIMIT:
        _delete(trial.pk)
        raise TooManyTrials("Many people are trying Facet at the moment.")
    return trial


def _delete(trial_id: UUID) -> None:
    """Delete a trial, its user and all their pictures, unless it was ended or kept meanwhile."""
    with transaction.atomic():
        trial = Trial.objects.select_for_update().filter(pk=trial_id).first()
        if trial is not None:
            photos.delete_all_pictures(trial.owner)
            trial.owner.delete()
