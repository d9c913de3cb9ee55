"""Queries about juries: those of an owner, the one behind a link, and what was found out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import tanh
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from branding.juries.models import Jury, JuryVote
from branding.juries.questions import describe_finding
from branding.juries.ranking import Ranking, Vote, rank_pictures
from headshots.models import Render, Variant

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from headshots.models import User

RECENT = 20  # juries that count as evidence about their owner
# Below so many voters nothing is decided, however much they agree: about half of what people like
# in a face is theirs alone (J. Hönekopp, "Once More: Is Beauty in the Eye of the Beholder?",
# Journal of Experimental Psychology: Human Perception and Performance 32, 2006).
MIN_VOTERS = 5
VOTERS_PER_ROUND = 4  # further voters to ask while nothing is decided
CLOSE = 0.25  # probability of being the best from which a picture is too close to call


@dataclass(frozen=True)
class Standing:
    """One headshot in the result of a jury.

    `supporters` are the people who preferred it more often than not, of the `voters` who compared
    it with another one; `words` are the same in a sentence. `strength` is that of the ranking.
    """

    variant: Variant
    wins: int
    votes: int
    best_probability: float
    strength: float
    supporters: int
    voters: int
    words: str

    @property
    def percent(self) -> int:
        """Per cent of its votes that it won."""
        return round(100 * self.wins / self.votes) if self.votes else 0


@dataclass(frozen=True)
class JuryResult:
    """What the votes say: the headshots, best first, how many people voted, and a sentence."""

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
        _describe_standing(jury, pictures[index].variant, index, ranking, votes_by_voter)
        for index in ranking.order
    ]
    is_decided = len(votes_by_voter) >= MIN_VOTERS and ranking.is_decided
    verdict = _say_verdict(votes, ranking, is_decided=is_decided)
    return JuryResult(standings, len(votes_by_voter), is_decided, verdict)


def _describe_standing(
    jury: Jury,
    variant: Variant,
    index: int,
    ranking: Ranking,
    votes_by_voter: Mapping[str, Sequence[Vote]],
) -> Standing:
    """Return the standing of the picture with this index."""
    balances = [
        [1 if winner == index else -1 for winner, loser in votes if index in (winner, loser)]
        for votes in votes_by_voter.values()
    ]
    balances = [balance for balance in balances if balance]
    supporters = sum(sum(balance) > 0 for balance in balances)
    return Standing(
        variant=variant,
        wins=sum(balance.count(1) for balance in balances),
        votes=sum(map(len, balances)),
        best_probability=ranking.best_probabilities[index],
        strength=ranking.strengths[index],
        supporters=supporters,
        voters=len(balances),
        words=describe_finding(
            jury.question, variant.label, supporters=supporters, voters=len(balances)
        ),
    )


def compare_audiences(jury: Jury, result: JuryResult) -> str:
    """Say how people who know the owner differ from strangers about the same headshots.

    The other result is that of the newest jury of the sheet with another audience and the same
    headshots; empty without one, or while one of them has no votes.
    """
    variant_ids = {standing.variant.pk for standing in result.standings}
    for other in Jury.objects.filter(render=jury.render_id).exclude(audience=jury.audience):
        if set(other.pictures.values_list("variant_id", flat=True)) == variant_ids:
            other_result = describe_result(other)
            return _say_difference(jury, result, other_result)
    return ""


def _say_difference(jury: Jury, result: JuryResult, other_result: JuryResult) -> str:
    if not (result.voter_count and other_result.voter_count):
        return ""
    ours, theirs = result.standings[0].variant.label, other_result.standings[0].variant.label
    if ours == theirs:
        return _("People who know you and strangers agree: both put %(headshot)s first.") % {
            "headshot": ours
        }
    is_friends = jury.audience == Jury.Audience.FRIENDS
    friends, strangers = (ours, theirs) if is_friends else (theirs, ours)
    return _(
        "People who know you put %(friends)s first, strangers %(strangers)s. Strangers see you as"
        " those do who have yet to meet you."
    ) % {"friends": friends, "strangers": strangers}


def winners_of(render: Render) -> dict[UUID, str]:
    """Return what is said of the headshots of a sheet that a jury put clearly first, by their id.

    Of several juries about a headshot, the newest counts.
    """
    words: dict[UUID, str] = {}
    for jury in Jury.objects.filter(render=render).order_by("created_at"):
        result = describe_result(jury)
        if result.is_decided:
            words[result.standings[0].variant.pk] = result.standings[0].words
    return words


@dataclass(frozen=True)
class Finding:
    """What a jury says about one headshot, for advice.

    `value` is by how much it is preferred to an average one of the jury, from -1 to 1: the chance
    that it wins a vote, less the chance that it loses. Without many votes it is near 0.
    """

    words: str
    value: float


def evidence_of(owner: User) -> dict[str, Finding]:
    """Return what the owner's juries say about headshots, by the id of the headshot.

    Of several about a headshot, the newest counts, and strangers before people who know the owner:
    strangers choose better (White et al. 2017, 10.1186/s41235-017-0058-3).
    """
    juries = sorted(juries_of(owner)[:RECENT], key=lambda jury: jury.created_at)
    by_audience = sorted(juries, key=lambda jury: jury.audience == Jury.Audience.STRANGERS)
    return {
        str(standing.variant.pk): Finding(standing.words, tanh(standing.strength / 2))
        for jury in by_audience
        for standing in describe_result(jury).standings
        if standing.voters
    }


def _careful_votes(jury: Jury, rank_by_pk: dict[int, int]) -> dict[str, list[Vote]]:
    """Return the votes by voter, without both answers to the first pair if they differ.

    The same answer to it counts once.
    """
    answers: dict[str, list[Vote]] = defaultdict(list)
    rows = JuryVote.objects.filter(jury=jury).values_list("voter", "winner_id", "loser_id")
    for voter, winner_id, loser_id in rows:
        if winner_id in rank_by_pk and loser_id in rank_by_pk:
            answers[voter].append((rank_by_pk[winner_id], rank_by_pk[loser_id]))
    return {voter: drop_control(votes) for voter, votes in answers.items()}


def votes_before(jury: Jury, voter: str) -> list[Vote]:
    """Return the votes of others before the first one of this voter, so that their pairs stay."""
    others = JuryVote.objects.filter(jury=jury).exclude(voter=voter)
    first_pk = jury.votes.filter(voter=voter).values_list("pk", flat=True).first()
    if first_pk is not None:
        others = others.filter(pk__lt=first_pk)
    pks = jury.pictures.values_list("pk", flat=True)
    rank_by_pk = {pk: index for index, pk in enumerate(pks)}
    rows = others.values_list("winner_id", "loser_id")
    return [
        (rank_by_pk[winner], rank_by_pk[loser])
        for winner, loser in rows
        if winner in rank_by_pk and loser in rank_by_pk
    ]


def drop_control(votes: list[Vote]) -> list[Vote]:
    """Return the votes of one person in their order, without the control (see pairs.list_pairs)."""
    first, last = votes[0], votes[-1]
    if len(votes) < 2 or set(first) != set(last):
        return votes
    return votes[:-1] if first == last else votes[1:-1]


def _say_verdict(votes: list[Vote], ranking: Ranking, *, is_decided: bool) -> str:
    if not votes:
        return _("Nobody has voted yet.")
    if is_decided:
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
