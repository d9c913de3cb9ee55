"""Queries about juries: those of an owner, the one behind a link, and what was found out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from branding.juries.models import Jury, JuryVote
from branding.juries.ranking import Ranking, Vote, rank_pictures
from headshots.models import Variant

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from headshots.models import User

VOTERS_PER_ROUND = 4  # further voters to ask while nothing is decided
CLOSE = 0.25  # probability of being the best from which a picture is too close to call


@dataclass(frozen=True)
class Standing:
    """One headshot in the result of a jury."""

    variant: Variant
    wins: int
    votes: int
    best_probability: float

    @property
    def percent(self) -> int:
        """Per cent of its votes that it won."""
        return round(100 * self.wins / self.votes) if self.votes else 0


@dataclass(frozen=True)
class JuryResult:
    """What the votes say: the headshots in order, how many people voted, and a sentence."""

    standings: list[Standing]
    voter_count: int
    is_decided: bool
    verdict: str


def juries_of(owner: User) -> QuerySet[Jury]:
    """Return the juries about an owner's headshots, newest first."""
    return Jury.objects.filter(render__owner=owner)


def jury_for(owner: User, jury_id: UUID) -> Jury:
    """Return one jury; raises Jury.DoesNotExist unless it is this owner's."""
    return juries_of(owner).get(pk=jury_id)


def jury_for_link(token: str) -> Jury:
    """Return the open jury behind a link; raises Jury.DoesNotExist if there is none."""
    jury = Jury.objects.get(token=token)
    if not jury.is_open:
        raise Jury.DoesNotExist
    return jury


def describe_result(jury: Jury) -> JuryResult:
    """Rank the headshots of a jury by its votes."""
    pictures = list(jury.pictures.select_related("variant"))
    rank_by_pk = {picture.pk: index for index, picture in enumerate(pictures)}
    votes_by_voter = _careful_votes(jury, rank_by_pk)
    votes = [vote for own_votes in votes_by_voter.values() for vote in own_votes]
    ranking = rank_pictures(len(pictures), votes)
    standings = [
        Standing(
            variant=pictures[index].variant,
            wins=sum(winner == index for winner, _loser in votes),
            votes=sum(index in vote for vote in votes),
            best_probability=ranking.best_probabilities[index],
        )
        for index in ranking.order
    ]
    is_decided = bool(votes) and ranking.is_decided
    return JuryResult(standings, len(votes_by_voter), is_decided, _say_verdict(votes, ranking))


def _careful_votes(jury: Jury, rank_by_pk: dict[int, int]) -> dict[str, list[Vote]]:
    """Return the votes by voter, without both answers to a pair that were contradictory."""
    answers: dict[str, dict[frozenset[int], set[Vote]]] = defaultdict(lambda: defaultdict(set))
    rows = JuryVote.objects.filter(jury=jury).values_list("voter", "winner_id", "loser_id")
    for voter, winner_id, loser_id in rows:
        if winner_id in rank_by_pk and loser_id in rank_by_pk:
            vote = (rank_by_pk[winner_id], rank_by_pk[loser_id])
            answers[voter][frozenset(vote)].add(vote)
    return {
        voter: [next(iter(given)) for given in by_pair.values() if len(given) == 1]
        for voter, by_pair in answers.items()
    }


def _say_verdict(votes: list[Vote], ranking: Ranking) -> str:
    if not votes:
        return _("Nobody has voted yet.")
    if ranking.is_decided:
        return _("Clearly ahead: one headshot is very likely the best of them.")
    contenders = sum(probability >= CLOSE for probability in ranking.best_probabilities)
    if contenders > 1:
        return _("Too close to call so far: ask %(count)d more people.") % {
            "count": VOTERS_PER_ROUND
        }
    return ngettext(
        "One headshot is ahead, but not clearly: ask %(count)d more person.",
        "One headshot is ahead, but not clearly: ask %(count)d more people.",
        VOTERS_PER_ROUND,
    ) % {"count": VOTERS_PER_ROUND}
