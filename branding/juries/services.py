"""Actions on juries: start, end, vote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from branding.juries.models import QUESTION_LENGTH, Jury, JuryPicture, JuryVote
from branding.juries.pairs import Pair, list_pairs
from branding.juries.selectors import describe_result, juries_of, votes_before
from headshots.errors import NotReady, TooManyAtOnce

if TYPE_CHECKING:
    from headshots.models import User, Variant

MIN_PICTURES, MAX_PICTURES = 3, 10
MAX_OPEN: Final = 10  # open juries of an account
DAYS_OPEN: Final = 7
VOTER_LIMIT: Final = 40  # people whose votes one jury takes


def start_jury(
    owner: User,
    variants: Sequence[Variant],
    question: str,
    audience: str = Jury.Audience.STRANGERS,
) -> Jury:
    """Create a jury about finished headshots of one sheet; its link is open for DAYS_OPEN days.

    `audience` says whom the owner will send the link to.
    Raises NotReady for too few or too many headshots, those of several sheets, or no question, and
    TooManyAtOnce if MAX_OPEN of the owner's are open.
    """
    if not MIN_PICTURES <= len(variants) <= MAX_PICTURES or not question.strip():
        raise NotReady(
            _("A question needs 3 to 10 headshots."),
            advice=_("Choose the headshots that you want to compare, and a question."),
        )
    if len({variant.render_id for variant in variants}) > 1 or not all(
        variant.is_ready for variant in variants
    ):
        raise NotReady(
            _("Only finished headshots of one sheet can be compared."),
            advice=_("Choose others, or wait until they are ready."),
        )
    if sum(jury.is_open for jury in juries_of(owner)) >= MAX_OPEN:
        raise TooManyAtOnce(_("You ask enough at the moment."), advice=_("End a question first."))
    with transaction.atomic():
        jury = Jury.objects.create(
            render_id=variants[0].render_id,
            question=question.strip()[:QUESTION_LENGTH],
            audience=audience,
            voter_limit=VOTER_LIMIT,
            expires_at=timezone.now() + timedelta(days=DAYS_OPEN),
        )
        JuryPicture.objects.bulk_create(
            JuryPicture(jury=jury, variant=variant, position=position)
            for position, variant in enumerate(variants)
        )
    return jury


def end_jury(jury: Jury) -> None:
    """Close the link of a jury; its result stays."""
    Jury.objects.filter(pk=jury.pk, ended_at=None).update(ended_at=timezone.now())


def delete_jury(jury: Jury) -> None:
    """Delete a jury with its link and its votes; the headshots stay."""
    jury.delete()


def hash_voter(jury: Jury, *, address: str, user_agent: str) -> str:
    """Return by what the votes of one device are told from others in this jury alone."""
    return salted_hmac(f"jury voter {jury.salt}", f"{address} {user_agent}").hexdigest()


def next_pair(jury: Jury, voter: str) -> tuple[int, Pair] | None:
    """Return the number and the pair of a voter's next vote; None if there is none to give.

    That is so after their last pair, once the jury is decided, and for more voters than it takes.
    """
    number = jury.votes.filter(voter=voter).count()
    count = jury.pictures.count()
    votes = votes_before(jury, voter)
    pairs = list_pairs(count, f"{jury.salt} {voter}", votes) if count > 1 else []
    if number >= len(pairs):
        return None
    if number == 0 and not _takes_voters(jury):
        return None
    return number, pairs[number]


def _takes_voters(jury: Jury) -> bool:
    """Whether a person who has not voted yet may do so."""
    voter_count = jury.votes.values("voter").distinct().count()
    return voter_count < jury.voter_limit and not describe_result(jury).is_decided


def record_vote(jury: Jury, voter: str, *, number: int, side: int) -> None:
    """Store a voter's choice of the left (0) or right (1) picture of their pair, once.

    A vote with another number than the next one, from a page that was sent twice, changes nothing.
    """
    step = next_pair(jury, voter)
    if step is None or step[0] != number:
        return
    pictures = {picture.position: picture for picture in jury.pictures.all()}
    pair = [pictures[position] for position in sorted(pictures)]
    shown = [pair[index] for index in step[1]]
    try:
        with transaction.atomic():
            JuryVote.objects.create(
                jury=jury, voter=voter, number=number, winner=shown[side], loser=shown[1 - side]
            )
    except IntegrityError:  # the same vote arrived twice at once
        return
    _note_decision(jury)


def _note_decision(jury: Jury) -> None:
    """Note the moment at which a jury is decided for the first time."""
    undecided = Jury.objects.filter(pk=jury.pk, decided_at=None)
    if undecided.exists() and describe_result(jury).is_decided:
        undecided.update(decided_at=timezone.now())
