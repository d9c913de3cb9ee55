"""How a Synapse is set up for tests, and a person on it; JSON is YAML, too.

https://element-hq.github.io/synapse/latest/usage/configuration/config_documentation.html
"""

import base64
import secrets
from pathlib import Path

from integrations.auth.flow import bearer_auth
from integrations.outbound.client import OutboundClient
from integrations.platforms.client import PlatformClient

SERVER_NAME = "matrix.example.org"  # what people's addresses end with


def synapse_configuration(port: int, folder: Path) -> dict:
    """Everything in one folder, nothing spoken to, nobody asked."""
    seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    generous_limit = {"per_second": 1000, "burst_count": 1000}
    return {
        "server_name": SERVER_NAME,
        "public_baseurl": f"http://127.0.0.1:{port}/",
        "listeners": [
            {
                "type": "http",
                "port": port,
                "bind_addresses": ["127.0.0.1"],
                "resources": [{"names": ["client", "media"]}],
            }
        ],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"),
        "signing_key": f"ed25519 a_test {seed}",
        "macaroon_secret_key": secrets.token_hex(),
        "form_secret": secrets.token_hex(),
        "trusted_key_servers": [],
        "report_stats": False,
        "enable_registration": True,
        "enable_registration_without_verification": True,
        "rc_registration": generous_limit,
        "rc_login": {"address": generous_limit, "account": generous_limit},
    }


class MatrixPerson:
    """An account with one session, as Element would have made it."""

    def __init__(self, server: str, name: str) -> None:
        outbound = OutboundClient(None, allow_loopback=True)
        registration = {
            "username": name,
            "password": "a long pass phrase",
            "auth": {"type": "m.login.dummy"},
        }
        account = outbound.send_request(
            "POST", f"{server}/_matrix/client/v3/register", json=registration
        ).json()
        self.address, self.token = account["user_id"], account["access_token"]
        self.client = PlatformClient(outbound, server, sign=bearer_auth(self.token))

    def fetch_picture_url(self) -> str:
        """The address of what hangs in the profile, as anyone sees it; '' for none."""
        url = f"/_matrix/client/v3/profile/{self.address}/avatar_url"
        return self.client.get_json(url).get("avatar_url", "")

    def sign_out(self) -> None:
        """End the session whose token was pasted."""
        self.client.post_for_json("/_matrix/client/v3/logout", json={})
