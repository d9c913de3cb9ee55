"""Prometheus metrics: counters summed over all processes, and gauges of queues and processes."""

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

LATE: Final = timedelta(seconds=30)  # without a heartbeat for this long, a process counts as gone
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
    """Count one request and its duration in seconds."""
    known = method if method in METHODS else "other"  # clients must not create series
    REQUESTS.labels(route, known, str(status)).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)


def show(request: HttpRequest) -> HttpResponse:
    """Serve the metrics to requests with METRICS_TOKEN; 404 otherwise, or if it is unset."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    if not token or not constant_time_compare(given, token):
        return HttpResponseNotFound()
    return HttpResponse(generate_latest(Sums()), content_type=CONTENT_TYPE_LATEST)


class Sums:
    """A prometheus_client collector of the values that are stored in the database."""

    def collect(self) -> Iterator[Metric]:
        """Yield every metric family with the sums over all processes, then the current gauges."""
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
    """Return a sort key: by labels, and histogram buckets by their upper bound."""
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
