"""A dockerd in namespaces of its own: with it ends everything that it started or mounted."""

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from branding import env
from tests.support.processes import wait_until

START_SECONDS = 120
STOP_SECONDS = 60
CONTROL_GROUPS = Path("/sys/fs/cgroup")
# /run is empty, so that no socket or lock of this machine's own Docker is met or left behind there.
START = """
cp --dereference /etc/resolv.conf "$0/resolv.conf"
mount -t tmpfs tmpfs /run
names=$(readlink --canonicalize-missing /etc/resolv.conf)
[ -e "$names" ] || { mkdir -p "$(dirname "$names")" && cp "$0/resolv.conf" "$names"; }
ip link set lo up
exec docker-init -s -- dockerd "$@"
"""


class Docker:
    """The commands of one Docker."""

    def __init__(self, **variables: str) -> None:
        self.environment = env.environment_with(**variables)

    def run(self, *words: str, check: bool = True, **options) -> str:
        """Run a command and return what it prints; its errors are shown if it fails."""
        done = subprocess.run(
            ["docker", *words],
            env=self.environment,
            text=True,
            capture_output=True,
            check=False,
            **options,
        )
        assert done.returncode == 0 or not check, f"docker {words}: {done.stderr[-3000:]}"
        return done.stdout

    def answers(self) -> bool:
        """Whether a server is there."""
        done = subprocess.run(
            ["docker", "info"], env=self.environment, capture_output=True, check=False
        )
        return done.returncode == 0 and b"Server Version" in done.stdout


class Daemon(Docker):
    """A dockerd whose data are in a folder, in a network of its own or in this machine's."""

    def __init__(self, programs: Path, data: Path, *, own_network: bool) -> None:
        self.data = data
        # Short, because the address of a socket has at most 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="facet-docker-"))
        plugins = self.folder / "cli-plugins"
        plugins.symlink_to(programs / "usr/libexec/docker/cli-plugins")
        path = f"{programs}/usr/bin:{programs}/usr/sbin:{env.read_text('PATH')}"
        super().__init__(
            PATH=path,
            DOCKER_HOST=f"unix://{self.folder}/socket",
            DOCKER_CONFIG=str(self.folder),
            DOCKER_CONTEXT="",
        )
        self.log = (self.folder / "log.txt").open("wb")
        namespaces = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
        if own_network:
            network, options = ["--net"], []
        else:  # builds get the network of this machine, in which nothing may be changed
            network, options = [], ["--bridge=none", "--iptables=false", "--ip6tables=false"]
        # However this process ends, it does not stay behind.
        deadly = ["setpriv", "--pdeathsig", "KILL"]
        command = [*deadly, "unshare", *namespaces, *network, "sh", "-euc", START, str(self.folder)]
        self.process = subprocess.Popen(
            [*command, *self._options(), *options],
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
        )

    def wait_until_started(self) -> None:
        """Wait until commands are answered; fails with its log if it ends instead."""
        wait_until(lambda: self.process.poll() is not None or self.answers(), START_SECONDS)
        assert self.process.poll() is None, (self.folder / "log.txt").read_text()[-3000:]
        # Open, so that no later namespace gets its number.
        self.namespace = os.open(f"/proc/{self.init_pid}/ns/pid", os.O_RDONLY)

    def _options(self) -> list[str]:
        return [
            f"--host=unix://{self.folder}/socket",
            f"--data-root={self.data}",
            "--exec-root=/run/docker",
            "--pidfile=/run/docker.pid",
            f"--add-runtime=machine={shutil.which('runc')}",
            "--default-runtime=machine",
            f"--cgroup-parent=/{self.folder.name}",
        ]

    @property
    def init_pid(self) -> int:
        """The process whose end is the end of the namespaces."""
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def stop(self) -> None:
        """End it and everything in its namespaces, and delete its socket."""
        if self.process.poll() is None:
            os.kill(self.init_pid, 15)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()  # and with it the init process of the namespaces
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder)
        wait_until(self._remove_control_groups)

    def _remove_control_groups(self) -> bool:
        """Remove the empty groups; False while the kernel still ends a process of one."""
        for group in sorted(CONTROL_GROUPS.glob(f"**/{self.folder.name}/**/"), reverse=True):
            with suppress(OSError):
                group.rmdir()
        return not self._control_groups()

    def _control_groups(self) -> list[str]:
        return [str(group) for group in CONTROL_GROUPS.glob(f"**/{self.folder.name}")]

    def remains(self) -> list[str]:
        """Return what is left of it and its containers: processes, mounts, control groups."""
        namespace = os.fstat(self.namespace).st_ino
        processes = [name for name in os.listdir("/proc") if _pid_namespace(name) == namespace]
        mounts = Path("/proc/mounts").read_text().splitlines()
        left = [line for line in mounts if str(self.data) in line or str(self.folder) in line]
        return processes + left + self._control_groups()


def _pid_namespace(pid: str) -> int:
    """Return the number of the namespace that a process is in; 0 if it ended."""
    try:
        return os.stat(f"/proc/{pid}/ns/pid").st_ino
    except OSError:
        return 0


@contextmanager
def running_daemon(programs: Path, data: Path, *, own_network: bool) -> Iterator[Daemon]:
    """A Docker until the block ends."""
    daemon = Daemon(programs, data, own_network=own_network)
    try:
        daemon.wait_until_started()
        yield daemon
    finally:
        daemon.stop()


@contextmanager
def network_of(pid: int) -> Iterator[None]:
    """Put this thread, and all that it starts, into the network of a process for a while."""
    with (
        open("/proc/self/ns/net", "rb") as own,
        open(f"/proc/{pid}/ns/net", "rb") as other,
    ):
        _enter(other.fileno())
        try:
            yield
        finally:
            _enter(own.fileno())


def _enter(namespace: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(namespace, 0):
        raise OSError(ctypes.get_errno(), "this process may not change its network")
