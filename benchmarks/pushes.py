"""What publishing costs beyond the bare HTTP requests: `python -m benchmarks.pushes [COUNT]`.

Both kinds encode the same picture and send it to the same local server with the same requests, in
alternating rounds. Facet also claims a row, decrypts and encrypts the tokens, backs up the previous
picture and records every step. There are two servers: Bluesky's own, and one that answers at once,
so that its response time does not hide the overhead.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from branding import env
from tests.support.servers.programs import ROOT, free_port, node_script, running_process

PUSH_COUNT = 2000
ROUND_SIZE = 100  # pushes of one kind before the other follows, so that both see the same load


def main(count=PUSH_COUNT):
    for server, measure in (
        (bluesky_server, measure_bluesky),
        (immediate_server, measure_immediate),
    ):
        with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as variables:
            environment = env.environment_with(
                DATA_DIR=folder,
                DJANGO_SETTINGS_MODULE="branding.settings",
                OPEN_LOOPBACK="1",
                PYTHONPATH=str(ROOT),
                **variables,
            )
            for command in (
                ["manage.py", "migrate", "-v0"],
                ["-c", f"from benchmarks import pushes; pushes.{measure.__name__}({count})"],
            ):
                subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True)


@contextmanager
def bluesky_server(folder):
    """A Bluesky server with a directory of its own."""
    port, directory = free_port(), free_port()
    site = {"SITE": "facet.example.edu", "SITE_PORT": "1", "PLC_PORT": str(directory)}
    with node_script("pds.mjs", port=port, folder=folder, **site):
        yield {"SERVER": f"http://localhost:{port}", "PLC_URL": f"http://localhost:{directory}"}


@contextmanager
def immediate_server(folder):
    """A server that speaks Mastodon's API and does nothing else."""
    port = free_port()
    effects = str(folder / "effects")
    command = [sys.executable, "-m", "tests.faults.platform", str(port), effects, "0"]
    with running_process(command, port=port, folder=folder, PYTHONPATH=str(ROOT)):
        yield {"SERVER": f"http://127.0.0.1:{port}"}


def measure_bluesky(count):
    """Publish two headshots alternately to one Bluesky account."""
    from benchmarks import bluesky_pushes as kind  # noqa: PLC0415  sets Django up

    compare_pushes("Bluesky's own server", count, kind)


def measure_immediate(count):
    """Publish to many accounts, whose tokens have to be refreshed first."""
    from benchmarks import mastodon_pushes as kind  # noqa: PLC0415  sets Django up

    compare_pushes("a server that answers at once", count, kind)


def compare_pushes(name, count, push_module):
    """Time both kinds in alternating rounds and print them side by side."""
    pushes = push_module.Pushes(env.read_text("SERVER"), count)
    facet_seconds, bare_seconds = [], []
    for start in range(0, count, ROUND_SIZE):
        chosen = range(start, min(start + ROUND_SIZE, count))
        bare_seconds += [measure_seconds(pushes.bare, index) for index in chosen]
        facet_seconds += [measure_seconds(pushes.prepare_publication(index)) for index in chosen]
    assert pushes.are_published()
    print_report(name, facet_seconds, bare_seconds)


def measure_seconds(call, *arguments):
    started_at = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - started_at


def print_report(name, facet_seconds, bare_seconds):
    load, count = os.getloadavg()[0], len(facet_seconds)
    print(f"{name}: load {load:.1f} on {os.cpu_count()} cores; {count} of each")
    print(f"{'':14}{'mean':>9}{'median':>9}{'p95':>9}")
    for label, durations in (("bare requests", bare_seconds), ("Facet", facet_seconds)):
        high = statistics.quantiles(durations, n=20)[-1]
        numbers = (statistics.mean(durations), statistics.median(durations), high)
        print(f"{label:14}" + "".join(f"{1000 * number:6.1f} ms" for number in numbers))
    ratio = statistics.mean(facet_seconds) / statistics.mean(bare_seconds)
    print(f"ratio of the means: {ratio:.2f} (goal 1.5)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
