"""Prometheus metrics: counters summed over all processes, and gauges of queues and processes."""

import json
from collections import defaultdict
from collections.abc import Iterator
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
from headshots.selectors import count_backlog

KNOWN_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

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


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count one request and its duration in seconds."""
    method_label = method if method in KNOWN_METHODS else "other"  # clients must not create series
    REQUESTS.labels(route, method_label, str(status)).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)


def metrics_view(request: HttpRequest) -> HttpResponse:
    """Serve the metrics to requests with METRICS_TOKEN; 404 otherwise, or if it is unset."""
    bearer_token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    expected_token = settings.METRICS_TOKEN
    if not expected_token or not constant_time_compare(bearer_token, expected_token):
        return HttpResponseNotFound()
    return HttpResponse(generate_latest(StoredMetrics()), content_type=CONTENT_TYPE_LATEST)


class StoredMetrics:
    """A prometheus_client collector of the values that are stored in the database."""

    def collect(self) -> Iterator[Metric]:
        """Yield every metric family with the sums over all processes, then the current gauges."""
        samples = defaultdict(list)
        for row in Tally.objects.all():
            samples[row.family].append((row.sample, json.loads(row.labels), row.value))
        for family in REGISTRY.collect():
            family.samples = []
            for sample in sorted(samples[family.name], key=_exposition_order):
                family.add_sample(*sample)
            yield family
        yield from _current_gauges()


def _exposition_order(sample: tuple[str, dict[str, str], float]) -> tuple[object, ...]:
    """Return a sort key: by labels, and histogram buckets by their upper bound."""
    name, labels, _ = sample
    other_labels = sorted((key, value) for key, value in labels.items() if key != "le")
    return (other_labels, name, float(labels.get("le", 0)))


def _current_gauges() -> Iterator[Metric]:
    waiting = GaugeMetricFamily("facet_waiting", "Work no worker holds.", labels=["work"])
    oldest = GaugeMetricFamily("facet_queue_age_seconds", "Age of the oldest.", labels=["work"])
    for work_kind, (item_count, oldest_at) in count_backlog().items():
        waiting.add_metric([work_kind], item_count)
        oldest.add_metric(
            [work_kind], (timezone.now() - oldest_at).total_seconds() if oldest_at else 0
        )
    processes = GaugeMetricFamily("facet_processes", "Processes seen lately.", labels=["role"])
    live_processes = Sign.objects.recent()
    for role, item_count in (
        live_processes.values_list("role").annotate(Count("role")).order_by("role")
    ):
        processes.add_metric([role], item_count)
    yield from (waiting, oldest, processes)
