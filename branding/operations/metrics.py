"""Figures for Prometheus: sums of what all processes counted, and what is waiting right now."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily

from branding.operations.models import Sign, Tally
from headshots.metrics import REGISTRY
from headshots.selectors import backlog

LATE: Final = timedelta(seconds=30)  # a process that has said nothing for this long is gone
METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

REQUESTS: Final = Counter(
    "facet_requests", "Requests answered.", ["route", "method", "status"], registry=REGISTRY
)
REQUEST_SECONDS: Final = Histogram(
    "facet_request_seconds",
    "Seconds until an answer begins.",
    ["route"],
    buckets=(0.03, 0.1, 0.3, 1, 3, 10),
    registry=REGISTRY,
)


def count(route: str, method: str, status: int, seconds: float) -> None:
    """One request was answered."""
    known = method if method in METHODS else "other"  # whoever asks must not make up series
    REQUESTS.labels(route, known, str(status)).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)


def show(request: HttpRequest) -> HttpResponse:
    """Everything as text, for whoever has the token; without a token in the settings, nothing."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    if not token or not constant_time_compare(given, token):
        return HttpResponseNotFound()
    return HttpResponse(generate_latest(Sums()), content_type=CONTENT_TYPE_LATEST)


class Sums:
    """What stands in the database, in the form in which prometheus_client writes it down."""

    def collect(self) -> Iterator[Metric]:
        """Every family, each with the samples of all processes together."""
        samples = defaultdict(list)
        for row in Tally.objects.all():
            samples[row.family].append((row.sample, json.loads(row.labels), row.value))
        for family in REGISTRY.collect():
            family.samples = []
            for sample in sorted(samples[family.name], key=_as_written):
                family.add_sample(*sample)
            yield family
        yield from _now()


def _as_written(sample: tuple[str, dict[str, str], float]) -> tuple[object, ...]:
    """Buckets by size, everything else by name."""
    name, labels, _ = sample
    others = sorted((key, value) for key, value in labels.items() if key != "le")
    return (others, name, float(labels.get("le", 0)))


def _now() -> Iterator[Metric]:
    waiting = GaugeMetricFamily("facet_waiting", "Work no worker holds.", labels=["work"])
    oldest = GaugeMetricFamily("facet_queue_age_seconds", "Age of the oldest.", labels=["work"])
    for work, (many, since) in backlog().items():
        waiting.add_metric([work], many)
        oldest.add_metric([work], (timezone.now() - since).total_seconds() if since else 0)
    running = GaugeMetricFamily("facet_processes", "Processes seen lately.", labels=["role"])
    lately = Sign.objects.filter(seen_at__gt=timezone.now() - LATE)
    for role, many in lately.values_list("role").annotate(Count("role")).order_by("role"):
        running.add_metric([role], many)
    yield from (waiting, oldest, running)
