"""What a push costs over a bare loop: `python -m tests.benchmarks.pushes [COUNT]`.

Both send the same picture, made anew each time, to the same server on this machine, by the same
four calls: renew the token, look what hangs there, send, look again. Ours also claims a row, opens
and seals the tokens, keeps what hung there, and writes down every step.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from branding import env
from tests.servers.running import ROOT, free_port

COUNT = 2000
ROUND = 100  # pushes of one kind before the other has its turn, so that both meet the same load


def main(count=COUNT):
    with tempfile.TemporaryDirectory() as folder:
        world = env.everything(
            DATA_DIR=folder, DJANGO_SETTINGS_MODULE="branding.settings", OPEN_LOOPBACK="1"
        )
        port = free_port()
        platform = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.platform", str(port),
             str(Path(folder) / "effects"), "0"], cwd=ROOT, env=world,
        )  # fmt: skip
        try:
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=world,
                           check=True)  # fmt: skip
            subprocess.run(
                [sys.executable, "-c", f"from tests.benchmarks import pushes; "
                 f"pushes.compare('http://127.0.0.1:{port}', {count})"],
                cwd=ROOT, env=world, check=True,
            )  # fmt: skip
        finally:
            platform.kill()


def compare(server, count):
    """Both kinds in turn; what each took, side by side."""
    from tests.faults import asking  # noqa: PLC0415  sets Django up, in this process only

    variant = asking.prepare(server, count)
    asking.hurry()
    profiles = [one for one in asking.profiles_of(variant.owner) if one.connection]
    rows = asking.publications.publish(variant, profiles)
    ours, bare = [], []
    for start in range(0, count, ROUND):
        chosen = range(start, min(start + ROUND, count))
        bare += [seconds(bare_push, server, f"bare-{index}", variant) for index in chosen]
        ours += [seconds(our_push, rows[index]) for index in chosen]
    assert all(asking.is_published(row.pk) for row in rows)
    report(ours, bare)


def our_push(row):
    from integrations.services import deliveries  # noqa: PLC0415

    deliveries.send(row.pk)


def bare_push(server, account, variant):
    """The same calls with `requests`, and nothing else."""
    import requests  # noqa: PLC0415, TID251

    from integrations import registry, renditions  # noqa: PLC0415

    made = renditions.for_slot(variant, registry.adapter("mastodon").platform.slot)
    told = {"grant_type": "refresh_token", "refresh_token": account}
    token = requests.post(f"{server}/oauth/token", data=told, timeout=20).json()["access_token"]
    head = {"Authorization": f"Bearer {token}"}
    look = f"{server}/api/v1/accounts/verify_credentials"
    requests.get(look, headers=head, timeout=20).raise_for_status()
    sent = requests.patch(
        f"{server}/api/v1/accounts/update_credentials",
        headers=head, files={"avatar": made.file}, timeout=20,
    )  # fmt: skip
    live = requests.get(look, headers=head, timeout=20).json()["avatar"]
    assert live == sent.json()["avatar"]


def seconds(call, *told):
    began = time.perf_counter()
    call(*told)
    return time.perf_counter() - began


def report(ours, bare):
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {len(ours)} pushes of each")
    print(f"{'':14}{'mean':>9}{'median':>9}{'p95':>9}")
    for name, took in (("bare requests", bare), ("Facet", ours)):
        high = statistics.quantiles(took, n=20)[-1]
        numbers = (statistics.mean(took), statistics.median(took), high)
        print(f"{name:14}" + "".join(f"{1000 * one:6.1f} ms" for one in numbers))
    print(f"ratio of the means: {statistics.mean(ours) / statistics.mean(bare):.2f} (goal 1.5)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
