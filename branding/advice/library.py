"""Read the data files of the advice, and refuse what breaks their schema or must not be advised."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from branding.advice.consistency import require_consistency
from branding.advice.records import (
    GRADES,
    JUDGEMENT,
    Audience,
    Contexts,
    Convention,
    Effect,
    Feature,
    Goal,
    InvalidAdviceData,
    Library,
    PlaceKind,
    Role,
    Statement,
    Trend,
    Use,
    Weight,
    Weights,
)

FOLDER: Final = Path(__file__).parent
LARGEST_CHANGE: Final = 3
LARGEST_WEIGHT: Final = 5
BETTER_BY: Final = ("look", "photo")
CV_CUSTOMS: Final = ("expected", "usual", "optional", "discouraged", "not known")
REPLICATED: Final = ("yes", "no", "not known")

Table = dict[str, Any]
Record = TypeVar("Record")

CLAIM_KEYS: Final = {
    *("number", "shows", "text", "n", "year", "studied_in", "grade", "replicated", "source", "use"),
}
OPTIONAL_CLAIM_KEYS: Final = {
    *("figure", "year_means", "checked", "why_never", "effects", "contexts", "contradicted_by"),
    "no_effect",
}


@cache
def load_library() -> Library:
    """Return everything that the files declare; raises InvalidAdviceData, as `parse_library`."""
    names = (
        *("claims", "judgements", "features", "goals", "roles", "audiences", "platforms"),
        *("conventions", "trends"),
    )
    files = {name: (FOLDER / f"{name}.toml").read_text(encoding="utf-8") for name in names}
    return parse_library({name: tomllib.loads(text) for name, text in files.items()})


def parse_library(files: Mapping[str, Table]) -> Library:
    """Parse the tables of every file by its name without suffix.

    Raises InvalidAdviceData for missing or unknown keys, a name that no other file declares, a
    claim without source, year or grade, a contradiction that only one side names, and a text that
    could be shown and is about what must not be advised on.
    """
    claims = _parse_each(files["claims"]["claim"], _parse_claim)
    conventions = _parse_each(files["conventions"]["country"], _parse_convention)
    library = Library(
        claims=_index(claims, lambda claim: claim.number, "claim"),
        judgements=_parse_each(files["judgements"]["judgement"], _parse_judgement),
        features=_parse_named(files["features"], _parse_feature),
        goals=_parse_named(files["goals"], lambda slug, table: Goal(slug, **_texts(table, "goal"))),
        roles=_parse_named(files["roles"], _parse_role),
        audiences=_parse_named(files["audiences"], _parse_audience),
        place_kinds=_parse_named(files["platforms"], _parse_place_kind),
        conventions=_index(conventions, lambda custom: custom.code, "country"),
        trends=_parse_each(files["trends"]["trend"], lambda table: Trend(**table)),
    )
    require_consistency(library)
    return library


def _parse_each(tables: Iterable[Table], parse: Callable[[Table], Record]) -> tuple[Record, ...]:
    """Parse a list of tables; an error names the table."""
    records = []
    for table in tables:
        try:
            records.append(parse(table))
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidAdviceData(f"{table}: {error}") from error
    return tuple(records)


def _parse_named(
    tables: Mapping[str, Table], parse: Callable[[str, Table], Record]
) -> dict[str, Record]:
    """Parse tables that have names, in their order; an error names the table."""
    records = {}
    for name, table in tables.items():
        try:
            records[name] = parse(name, table)
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidAdviceData(f"{name}: {error}") from error
    return records


def _index(
    records: Iterable[Record], key_of: Callable[[Record], Any], kind: str
) -> dict[Any, Record]:
    """Return records by key; raises InvalidAdviceData if two have the same."""
    indexed: dict[Any, Record] = {}
    for record in records:
        if key_of(record) in indexed:
            raise InvalidAdviceData(f"There are two of {kind} {key_of(record)}.")
        indexed[key_of(record)] = record
    return indexed


def _require_keys(
    table: Table, required: AbstractSet[str], optional: AbstractSet[str] = frozenset()
) -> None:
    missing, unknown = required - set(table), set(table) - required - optional
    if missing or unknown:
        raise InvalidAdviceData(f"missing: {sorted(missing)}, unknown: {sorted(unknown)}")


def _require_choice(value: str, choices: Iterable[str]) -> str:
    if value not in choices:
        raise InvalidAdviceData(f"'{value}' is none of {', '.join(choices)}")
    return value


def _texts(table: Table, kind: str) -> dict[str, str]:
    _require_keys(table, {"title", "text"})
    if not all(table.values()):
        raise InvalidAdviceData(f"a {kind} has an empty text")
    return table


def _parse_claim(table: Table) -> Statement:
    """Parse a claim; its figure is dropped unless somebody has read it in the source."""
    _require_keys(table, CLAIM_KEYS, OPTIONAL_CLAIM_KEYS)
    _require_choice(table["grade"], GRADES[:-1])
    _require_choice(table["replicated"], REPLICATED)
    use = Use(table["use"])
    if not (table["source"].strip() and isinstance(table["year"], int) and table["n"].strip()):
        raise InvalidAdviceData("a claim needs a source, a year and the size of its sample")
    if bool(table.get("effects")) != (use is Use.RANKING):
        raise InvalidAdviceData("effects belong to claims of the use 'ranking', and to all of them")
    if bool(table.get("why_never")) != (use is Use.NEVER):
        raise InvalidAdviceData(
            "why_never belongs to claims of the use 'never', and to all of them"
        )
    checked: date | None = table.get("checked")
    return Statement(
        **{
            **table,
            "use": use,
            "figure": table.get("figure", "") if checked else "",
            "effects": _parse_effects(table.get("effects", [])),
            "contexts": _parse_contexts(table.get("contexts", {})),
            "contradicted_by": tuple(table.get("contradicted_by", ())),
            "no_effect": tuple(table.get("no_effect", ())),
        }
    )


def _parse_judgement(table: Table) -> Statement:
    _require_keys(table, {"text", "effects"}, {"contexts"})
    return Statement(
        text=table["text"],
        effects=_parse_effects(table["effects"]),
        contexts=_parse_contexts(table.get("contexts", {})),
    )


def _parse_effects(tables: Iterable[Table]) -> tuple[Effect, ...]:
    effects = tuple(Effect(**table) for table in tables)
    if any(not 0 < abs(effect.change) <= LARGEST_CHANGE for effect in effects):
        raise InvalidAdviceData("a change is -3 to 3, and not 0")
    return effects


def _parse_contexts(table: Table) -> Contexts:
    return Contexts(**{name: frozenset(values) for name, values in table.items()})


def _parse_feature(name: str, table: Table) -> Feature:
    _require_keys(table, {"text"}, {"better", "scenes", "slider"})
    better = table.get("better", {"by": "", "text": ""})
    slider = table.get("slider", {"from": "", "text": ""})
    if better["by"]:
        _require_choice(better["by"], BETTER_BY)
    return Feature(
        name,
        table["text"],
        better_by=better["by"],
        better_text=better["text"],
        slider_from=slider["from"],
        slider_text=slider["text"],
        scenes=frozenset(table.get("scenes", ())),
    )


def _parse_weights(table: Mapping[str, list[Any]]) -> Weights:
    """Parse weights, `goal = [value, basis]`; the basis is a claim's number or "judgement"."""
    weights = {}
    for goal, (value, basis) in table.items():
        is_claim = isinstance(basis, int)
        if not 0 < value <= LARGEST_WEIGHT or not (is_claim or basis == JUDGEMENT):
            raise InvalidAdviceData(f"the weight of {goal} is {[value, basis]}")
        weights[goal] = Weight(value, basis if is_claim else None)
    return weights


def _parse_role(slug: str, table: Table) -> Role:
    _require_keys(table, {"title", "industry", "weights"})
    return Role(slug, table["title"], table["industry"], _parse_weights(table["weights"]))


def _parse_audience(slug: str, table: Table) -> Audience:
    _require_keys(table, {"title", "weights"})
    return Audience(slug, table["title"], _parse_weights(table["weights"]))


def _parse_place_kind(slug: str, table: Table) -> PlaceKind:
    _require_keys(table, {"title", "places", "weights"}, {"audiences"})
    weights = _parse_weights(table["weights"])
    audiences = frozenset(table.get("audiences", ()))
    return PlaceKind(slug, table["title"], frozenset(table["places"]), weights, audiences)


def _parse_convention(table: Table) -> Convention:
    convention = Convention(**table)
    _require_choice(convention.cv_photo, CV_CUSTOMS)
    is_known = convention.cv_photo != "not known"
    if is_known != bool(convention.source and convention.year and convention.grade):
        raise InvalidAdviceData("a custom needs source, year and grade; one not known has none")
    return convention
