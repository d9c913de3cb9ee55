"""Access to the process environment. All code reads variables through these functions.

A variable that is empty counts as not set. A value that cannot be used ends the program with one
sentence, which names the variable and never repeats what may contain a password.
"""

import os
import re
from collections.abc import Collection
from ipaddress import ip_network
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

TRUE_WORDS: Final = {"1", "true", "yes", "on"}
FALSE_WORDS: Final = {"0", "false", "no", "off"}
WEB_SCHEMES: Final = {"http", "https"}
PRIVATE_MODE: Final = 0o700


class SettingError(SystemExit):
    """A variable has a value that cannot be used. Python ends, printing this sentence alone."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(f"Facet cannot start: {name} {sentence}")


def read_text(name: str, default: str = "") -> str:
    """Return a variable as text, without blanks around it."""
    return os.environ.get(name, "").strip() or default


def read_number(name: str, default: int, *, minimum: int = 1, maximum: int = 2**31) -> int:
    """Return a variable as an integer within limits."""
    text = read_text(name, str(default))
    if not re.fullmatch(r"-?[0-9]{1,10}", text) or not minimum <= int(text) <= maximum:
        limits = f"at least {minimum}" if maximum == 2**31 else f"from {minimum} to {maximum}"
        raise SettingError(name, f"must be a whole number, {limits}, not '{text}'.")
    return int(text)


def read_choice(name: str, default: str, choices: Collection[str]) -> str:
    """Return a variable that is one of some words, in their spelling."""
    text = read_text(name, default)
    for choice in choices:
        if text.lower() == choice.lower():
            return choice
    raise SettingError(name, f"must be one of {', '.join(choices)}, not '{text}'.")


def read_flag(name: str, *, default: bool = False) -> bool:
    """Return a variable as a boolean: 1, true, yes and on, in any case, are true."""
    text = read_text(name).lower()
    if text and text not in TRUE_WORDS | FALSE_WORDS:
        raise SettingError(name, f"must be 1 or 0, not '{text}'.")
    return text in TRUE_WORDS if text else default


def read_list(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list without empty entries."""
    return [entry.strip() for entry in read_text(name, default).split(",") if entry.strip()]


def read_rate(name: str, default: str) -> str:
    """Return a variable as a rate, such as 600/min, in the notation of Django REST framework."""
    text = read_text(name, default)
    if not re.fullmatch(r"[1-9][0-9]*/(s|sec|m|min|h|hour|d|day)", text):
        raise SettingError(name, f"must look like 600/min, not '{text}'.")
    return text


def read_networks(name: str, default: str) -> list[str]:
    """Return a variable as IP addresses or networks; a wildcard is refused."""
    entries = read_list(name, default)
    for entry in entries:
        if entry == "*" or entry.endswith("/0"):
            sentence = f"must not be '{entry}': any visitor could then claim any address."
            raise SettingError(name, sentence)
        try:
            ip_network(entry)
        except ValueError:
            sentence = f"must be IP addresses or networks, like 172.18.0.0/16, not '{entry}'."
            raise SettingError(name, sentence) from None
    return entries


def read_address(name: str, default: str = "") -> str:
    """Return a variable as an http(s) URL, or '' if it is not set."""
    return read_url(name, default, schemes=WEB_SCHEMES, example="http://host:4318")


def read_origin(name: str, default: str) -> str:
    """Return a variable as scheme, host and port of a site, without a slash at its end."""
    text = read_address(name, default).rstrip("/")
    url_parts = urlsplit(text)
    if url_parts.path or url_parts.query or url_parts.username:
        sentence = "must be a scheme and a host, like https://facet.example.org, without a path."
        raise SettingError(name, sentence)
    return text


def read_url(
    name: str, default: str = "", *, schemes: Collection[str], example: str, needs_host: bool = True
) -> str:
    """Return a variable as a URL of one of the schemes, or '' if it is not set.

    A `#`, `?` or `/` in a password would end the host there and then: such a URL is refused.
    """
    text = read_text(name, default)
    url_parts = split_url(text)
    is_usable = (
        url_parts is not None
        and url_parts.scheme in schemes
        and not url_parts.fragment
        and "@" not in url_parts.path + url_parts.query
        and (bool(url_parts.hostname) or not needs_host)
    )
    if text and not is_usable:
        hint = "; write # ? / @ : and % in a password as %23 %3F %2F %40 %3A and %25"
        raise SettingError(name, f"must look like {example}{hint if '@' in example else ''}.")
    return text


def split_url(text: str) -> SplitResult | None:
    """Return the parts of a URL, or None if it is not one or its port is not a number."""
    try:
        url_parts = urlsplit(text)
        _ = url_parts.port
    except ValueError:
        return None
    return url_parts


def read_private_folder(name: str, default: Path) -> tuple[Path, bool]:
    """Return a variable as a folder that only its owner can read, and whether that was mended.

    The folder is created if necessary. A folder of somebody else stays as it is.
    """
    folder = Path(read_text(name, str(default))).resolve()
    try:
        folder.mkdir(mode=PRIVATE_MODE, parents=True, exist_ok=True)
        status = folder.stat()
        is_open_to_others = status.st_uid == os.geteuid() and bool(status.st_mode & 0o077)
        if is_open_to_others:
            folder.chmod(PRIVATE_MODE)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        raise SettingError(name, f"names a folder that cannot be used: {reason}.") from None
    return folder, is_open_to_others


def set_variable(name: str, value: str) -> None:
    """Set a variable of this process, for a library that reads its options there."""
    os.environ[name] = value


def set_default(name: str, value: str) -> None:
    """Set a variable of this process unless it is set, even to nothing."""
    os.environ.setdefault(name, value)


def default_data_folder(code_folder: Path) -> Path:
    """Return where data are stored if DATA_DIR is not set: never beside installed code.

    In a checkout it is `var`, otherwise `facet` in the folder for data of the user
    (https://specifications.freedesktop.org/basedir-spec/latest/).
    """
    if (code_folder / "pyproject.toml").exists():
        return code_folder / "var"
    try:
        user_data = Path(read_text("XDG_DATA_HOME")) if read_text("XDG_DATA_HOME") else None
        return (user_data or Path.home() / ".local" / "share") / "facet"
    except RuntimeError:
        raise SettingError("DATA_DIR", "must be set, since this user has no home.") from None


def variables_ending_with(*suffixes: str) -> dict[str, str]:
    """Return all non-empty variables whose names end so, such as `_CLIENT_ID`."""
    return {name: value for name, value in os.environ.items() if name.endswith(suffixes) and value}


def environment_with(**changed: str) -> dict[str, str]:
    """Return a copy of the environment with some values changed, for a child process."""
    return {**os.environ, **changed}
