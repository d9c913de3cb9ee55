"""NodeInfo, by which a server names its software: https://nodeinfo.diaspora.software/protocol."""

from dataclasses import dataclass

from integrations.outbound.client import OutboundClient


@dataclass(frozen=True)
class ServerSoftware:
    """The software that a server says it runs."""

    name: str
    version: str

    @property
    def version_numbers(self) -> tuple[int, ...]:
        """Return the version as comparable numbers: `4.6.0-nightly+glitch` is (4, 6, 0)."""
        parts = self.version.partition("+")[0].partition("-")[0].split(".")
        return tuple(int(part) for part in parts if part.isdigit())


def detect_software(outbound: OutboundClient, server: str) -> ServerSoftware:
    """Return which software a server runs. Raises PlatformError if it does not say."""
    links = outbound.send_request("GET", f"{server}/.well-known/nodeinfo").json()["links"]
    declared = outbound.send_request("GET", links[-1]["href"]).json()["software"]
    return ServerSoftware(declared["name"], declared["version"])
