"""NodeInfo, by which a server names its software: https://nodeinfo.diaspora.software/protocol."""

from dataclasses import dataclass

from integrations.outbound.client import Door


@dataclass(frozen=True)
class Software:
    """The software that a server says it runs."""

    name: str
    version: str

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the version as comparable numbers: `4.6.0-nightly+glitch` is (4, 6, 0)."""
        parts = self.version.partition("+")[0].partition("-")[0].split(".")
        return tuple(int(part) for part in parts if part.isdigit())


def software(door: Door, server: str) -> Software:
    """Ask a server which software it runs; raises PlatformError if it does not say."""
    links = door.call("GET", f"{server}/.well-known/nodeinfo").json()["links"]
    declared = door.call("GET", links[-1]["href"]).json()["software"]
    return Software(declared["name"], declared["version"])
