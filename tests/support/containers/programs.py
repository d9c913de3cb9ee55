"""Docker's programs from Debian's packages, unpacked and not installed, and what they need here."""

import os
import shutil
import subprocess
from pathlib import Path

from branding import env
from tests.support.servers.programs import ROOT

FOLDER = Path(env.read_text("CONTAINERS_DIR", str(ROOT / "var" / "containers")))
PROGRAMS = FOLDER / "programs"
RELEASE = "trixie"  # its Docker runs on Debian 12 too, but for its runc: that is the machine's own
DOCKER_PACKAGES = (
    "containerd",
    "docker-buildx",
    "docker-cli",
    "docker-compose",
    "docker.io",
    "tini",
)
# Program, and the package that has it.
MACHINE_PROGRAMS = {
    "apt-get": "apt",
    "ip": "iproute2",
    "iptables": "iptables",
    "mmdebstrap": "mmdebstrap",
    "runc": "runc",
    "unshare": "util-linux",
}
FREE_BYTES = 10_000_000_000
# Everything that dockerd does in its namespaces, tried there.
TRIAL = """
mount -t tmpfs tmpfs /run || exit 1
ip link set lo up || exit 1
ip link add bridge0 type bridge || exit 1
iptables --table nat --append POSTROUTING --jump MASQUERADE || exit 1
groups=/sys/fs/cgroup
[ ! -d $groups/memory ] || groups=$groups/memory
mkdir $groups/facet-trial && rmdir $groups/facet-trial
"""
APT_CONFIGURATION = """
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
APT::Sandbox::User "root";
"""


def find_obstacle() -> str:
    """Return a sentence that says why Docker cannot run in namespaces here, or ''."""
    if os.geteuid():
        return "Only root may start Docker."
    missing = [
        package for program, package in MACHINE_PROGRAMS.items() if not shutil.which(program)
    ]
    if missing:
        return f"Packages are missing: apt-get install {' '.join(missing)}."
    FOLDER.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(FOLDER).free < FREE_BYTES:
        return f"{FOLDER} has less than {FREE_BYTES / 1e9:.0f} GB of free disk space."
    command = ["unshare", "--mount", "--pid", "--net", "--fork", "--mount-proc", "sh", "-c", TRIAL]
    trial = subprocess.run(command, capture_output=True, text=True, check=False)
    if trial.returncode:
        return f"Namespaces or control groups are not allowed here: {trial.stderr.strip()}"
    return ""


def debian_mirror() -> str:
    """Return the address from which this machine's own packages come."""
    targets = _run("apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)")
    for line in targets.splitlines():
        address, _, origin = line.partition(" ")
        if origin == "Debian Debian":
            return address
    raise AssertionError("apt has no mirror of Debian")


def unpack_docker() -> Path:
    """Return the folder of Docker's programs, which is filled the first time."""
    complete = PROGRAMS / "complete"
    if not complete.exists():
        for package in _download_packages(FOLDER / "apt"):
            _run("dpkg", "--extract", str(package), str(PROGRAMS))
        complete.touch()
    return PROGRAMS


def _download_packages(folder: Path) -> list[Path]:
    """Download Docker's packages with an apt that knows one release and installs nothing."""
    for name in ("state/lists/partial", "cache/archives/partial", "packages"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
    source = f"deb [signed-by={keys}] {debian_mirror()} {RELEASE} main\n"
    (folder / "sources.list").write_text(source)
    (folder / "apt.conf").write_text(APT_CONFIGURATION.format(folder=folder))
    environment = env.environment_with(APT_CONFIG=str(folder / "apt.conf"))
    for words in (["update", "-qq"], ["download", "-qq", *DOCKER_PACKAGES]):
        subprocess.run(["apt-get", *words], cwd=folder / "packages", env=environment, check=True)
    return sorted((folder / "packages").glob("*.deb"))


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout
