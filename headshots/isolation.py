"""Keep the trouble of one person from others: rows that fail, connections that are held.

`run_isolated` is the one place in which every exception is caught. It becomes the failure of one
item: logged with its traceback, counted in the metric `facet_item_failures_total`, and left behind.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any, Final, TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from prometheus_client import Counter

from headshots.errors import FacetError
from headshots.metrics import REGISTRY

Item = TypeVar("Item")
Result = TypeVar("Result")
Row = TypeVar("Row", bound=Model)

log = logging.getLogger(__name__)

FAILURE_COUNTER: Final = Counter(
    "facet_item_failures",
    "Items of background work that failed by themselves, by the work.",
    ["work"],
    registry=REGISTRY,
)


def give_back_connection() -> None:
    """Give this thread's connection to PostgreSQL back to its pool, unless a transaction needs it.

    To be called before a thread waits for something slow. A process has few connections, and who
    waits must not keep everybody else from the database. The next query takes one again.
    """
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        connection.close()


def run_isolated(
    name: str,
    work: Callable[..., Result],
    *args: Any,
    on_failure: Callable[[Exception], None] | None = None,
    uses_database: bool = True,
) -> Result | None:
    """Return `work(*args)`; None if it raises, after the error was reported under `name`.

    Inside a transaction, a savepoint keeps the rest of the transaction usable, unless the work does
    not use the database. `on_failure` is called with the error, isolated like the work itself.
    """
    try:
        with _savepoint() if uses_database else nullcontext():
            return work(*args)
    except Exception as error:  # noqa: BLE001 - see the head of this module
        report_failure(name, error, args)
        if on_failure:
            run_isolated(name, on_failure, error)
        return None


def run_for_each(
    name: str,
    items: Iterable[Item],
    work: Callable[[Item], Result],
    *,
    on_failure: Callable[[Item], object] | None = None,
    uses_database: bool = True,
) -> list[Result]:
    """Return the results of `work` for each item, without the items that failed.

    `on_failure` gets an item that failed, so that it can be put off: otherwise it stays the first
    in its queue.
    """
    results: list[Result] = []

    def append_result(item: Item) -> None:
        results.append(work(item))

    for item in items:

        def put_off(_error: Exception, item: Item = item) -> None:
            if on_failure:
                on_failure(item)

        run_isolated(name, append_result, item, on_failure=put_off, uses_database=uses_database)
    return results


def load_rows(name: str, queryset: QuerySet[Row]) -> list[Row]:
    """Return the rows of a queryset, without those whose columns cannot be read."""
    rows = run_isolated(name, lambda: list(queryset), uses_database=False)  # no further question
    if rows is not None:
        return rows
    primary_keys = list(queryset.values_list("pk", flat=True))
    return run_for_each(name, primary_keys, lambda pk: queryset.model._default_manager.get(pk=pk))


def report_failure(name: str, error: Exception, args: tuple[Any, ...] = ()) -> None:
    """Log and count the failure of one item; its rows are named by their keys only."""
    FAILURE_COUNTER.labels(name).inc()
    keys = [str(getattr(item, "pk", "")) or type(item).__name__ for item in args]
    if isinstance(error, FacetError):
        log.warning("%s of %s failed: %s", name, ", ".join(keys), error.code)
    else:
        log.error("%s of %s failed", name, ", ".join(keys), exc_info=error)


def _savepoint() -> Any:
    return transaction.atomic() if connection.in_atomic_block else nullcontext()
