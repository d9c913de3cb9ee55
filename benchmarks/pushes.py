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
from tests.support.servers.programs import ROOT, free_port, node, running

COUNT = 2000
ROUND = 100  # pushes of one kind before the other follows, so that both see the same load


def main(count=COUNT):
    for server, measure in ((bluesky, bluesky_), (at_once, at_once_)):
        with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as told:
            world = env.everything(
                DATA_DIR=folder,
                DJANGO_SETTINGS_MODULE="branding.settings",
                OPEN_LOOPBACK="1",
                PYTHONPATH=str(ROOT),
                **told,
            )
            for command in (
                ["manage.py", "migrate", "-v0"],
                ["-c", f"from benchmarks import pushes; pushes.{measure.__name__}({count})"],
            ):
                subprocess.run([sys.executable, *command], cwd=ROOT, env=world, check=True)


@contextmanager
def bluesky(folder):
    """A Bluesky server with a directory of its own."""
    port, directory = free_port(), free_port()
    site = {"SITE": "facet.example.edu", "SITE_PORT": "1", "PLC_PORT": str(directory)}
    with node("pds.mjs", port=port, folder=folder, **site):
        yield {"SERVER": f"http://localhost:{port}", "PLC_URL": f"http://localhost:{directory}"}


@contextmanager
def at_once(folder):
    """A server that speaks Mastodon's API and does nothing else."""
    port = free_port()
    effects = str(folder / "effects")
    command = [sys.executable, "-m", "tests.faults.platform", str(port), effects, "0"]
    with running(command, port=port, folder=folder, PYTHONPATH=str(ROOT)):
        yield {"SERVER": f"http://127.0.0.1:{port}"}


def bluesky_(count):
    """Publish two headshots alternately to one Bluesky account."""
    from benchmarks import bluesky_pushes as kind  # noqa: PLC0415  sets Django up

    compare("Bluesky's own server", count, kind)


def at_once_(count):
    """Publish to many accounts, whose tokens have to be refreshed first."""
    from benchmarks import mastodon_pushes as kind  # noqa: PLC0415  sets Django up

    compare("a server that answers at once", count, kind)


def compare(name, count, kind):
    """Time both kinds in alternating rounds and print them side by side."""
    pushes = kind.Pushes(env.text("SERVER"), count)
    ours, bare = [], []
    for start in range(0, count, ROUND):
        chosen = range(start, min(start + ROUND, count))
        bare += [seconds(pushes.bare, index) for index in chosen]
        ours += [seconds(pushes.ours(index)) for index in chosen]
    assert pushes.are_published()
    report(name, ours, bare)


def seconds(call, *told):
    began = time.perf_counter()
    call(*told)
    return time.perf_counter() - began


def report(name, ours, bare):
    load, count = os.getloadavg()[0], len(ours)
    print(f"{name}: load {load:.1f} on {os.cpu_count()} cores; {count} of each")
    print(f"{'':14}{'mean':>9}{'median':>9}{'p95':>9}")
    for who, took in (("bare requests", bare), ("Facet", ours)):
        high = statistics.quantiles(took, n=20)[-1]
        numbers = (statistics.mean(took), statistics.median(took), high)
        print(f"{who:14}" + "".join(f"{1000 * one:6.1f} ms" for one in numbers))
    ratio = statistics.mean(ours) / statistics.mean(bare)
    print(f"ratio of the means: {ratio:.2f} (goal 1.5)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
