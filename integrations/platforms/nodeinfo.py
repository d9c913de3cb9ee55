"""NodeInfo: which software answers at a server; https://nodeinfo.diaspora.software/protocol."""

from dataclasses import dataclass

from integrations.outbound.client import Door


@dataclass(frozen=True)
class Software:
    """What a server says it runs."""

    name: str
    version: str

    @property
    def numbers(self) -> tuple[int, ...]:
        """The version to compare by: `4.6.0-nightly+glitch` is (4, 6, 0)."""
        told = self.version.partition("+")[0].partition("-")[0].split(".")
        return tuple(int(part) for part in told if part.isdigit())


def software(door: Door, server: str) -> Software:
    """What a server says it runs; one of the five kinds if it says nothing."""
    links = door.call("GET", f"{server}/.well-known/nodeinfo").json()["links"]
    told = door.call("GET", links[-1]["href"]).json()["software"]
    return Software(told["name"], told["version"])
