"""Check that the records of the advice fit together, and that nothing forbidden can be shown."""

from branding.advice.forbidden import find_forbidden
from branding.advice.records import InvalidAdviceData, Library


def require_consistency(library: Library) -> None:
    """Raise InvalidAdviceData unless names are declared, contradictions mutual, texts permitted."""
    _require_known_names(library)
    _require_mutual_contradictions(library)
    _require_permitted_texts(library)


def _require_known_names(library: Library) -> None:
    """Raise InvalidAdviceData if something refers to a name that no file declares."""
    statements = (*library.claims.values(), *library.judgements)
    effects = [effect for statement in statements for effect in statement.effects]
    weights = [
        *(role.weights for role in library.roles.values()),
        *(audience.weights for audience in library.audiences.values()),
        *(kind.weights for kind in library.place_kinds.values()),
    ]
    bases = {weight.claim for entry in weights for weight in entry.values()} - {None}
    contexts = [statement.contexts for statement in statements]
    groups = {feature.group for feature in library.features.values()}
    industries = {role.industry for role in library.roles.values()}
    named_and_known = (
        ({effect.feature for effect in effects}, library.features.keys()),
        ({effect.goal for effect in effects}, library.goals.keys()),
        ({goal for entry in weights for goal in entry}, library.goals.keys()),
        (bases, library.claims.keys()),
        (
            {number for entry in statements for number in entry.contradicted_by},
            library.claims.keys(),
        ),
        ({group for entry in statements for group in entry.no_effect}, groups),
        ({name for context in contexts for name in context.roles}, library.roles.keys()),
        ({name for context in contexts for name in context.industries}, industries),
        ({name for context in contexts for name in context.audiences}, library.audiences.keys()),
        (
            {name for kind in library.place_kinds.values() for name in kind.audiences},
            library.audiences.keys(),
        ),
        ({name for context in contexts for name in context.countries}, library.conventions.keys()),
    )
    unknown = [name for named, known in named_and_known for name in named if name not in known]
    if unknown:
        raise InvalidAdviceData(f"These names are declared nowhere: {unknown}.")


def _require_mutual_contradictions(library: Library) -> None:
    """Raise InvalidAdviceData unless two claims that contradict each other both say so."""
    for claim in library.claims.values():
        for number in claim.contradicted_by:
            if claim.number not in library.claims[number].contradicted_by:
                raise InvalidAdviceData(f"Claim {number} does not name {claim.number}.")


def _require_permitted_texts(library: Library) -> None:
    """Raise InvalidAdviceData if something that counts is about what must not be advised on."""
    texts = [statement.text for statement in library.ranking_statements]
    for feature in library.features.values():
        texts += [feature.name, feature.text, feature.better_text, feature.slider_text]
    texts += [goal.title + goal.text for goal in library.goals.values()]
    texts += [claim.text for claim in library.claims.values() if claim.no_effect]
    texts += [trend.text for trend in library.trends]
    for text in texts:
        if forbidden_word := find_forbidden(text):
            raise InvalidAdviceData(f"'{forbidden_word}' must not be advised on: {text}")
