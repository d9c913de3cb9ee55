"""Uses of a picture outside platforms: vCard, e-mail signature, Libravatar DNS record."""

import base64
import re
from typing import Final
from urllib.parse import urlsplit

from django.utils.html import format_html

FOLD: Final = 74  # characters a line; RFC 2426 recommends at most 75, the fold adds one space
SIDE: Final = 64  # CSS pixels; the image is requested at twice this size for dense screens


def vcard(name: str, email: str, picture: bytes) -> str:
    """Return a vCard 3.0 (RFC 2426) that embeds the JPEG `picture`, unless it is empty."""
    text = re.sub(r"([\\;,])", r"\\\1", " ".join(name.split()))
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:{text};;;;", f"FN:{text}", f"EMAIL:{email}"]
    if picture:
        photo = f"PHOTO;ENCODING=b;TYPE=JPEG:{base64.b64encode(picture).decode()}"
        lines += [
            photo[at : at + FOLD] if at == 0 else f" {photo[at : at + FOLD]}"
            for at in range(0, len(photo), FOLD)
        ]
    return "\r\n".join([*lines, "END:VCARD", ""])


def signature(url: str, name: str, email: str) -> str:
    """Return an HTML e-mail signature; a table, because mail programs support little other layout.

    `url` is the address of the picture, which accepts a size in pixels as `?s=`.
    """
    return format_html(
        '<table cellpadding="0" cellspacing="0"><tr>'
        '<td style="padding-right:12px"><img src="{url}?s={double}" width="{side}" height="{side}"'
        ' alt="{name}" style="border-radius:50%"></td>'
        '<td style="font-family:sans-serif;font-size:14px"><strong>{name}</strong><br>'
        '<a href="mailto:{email}">{email}</a></td></tr></table>',
        url=url,
        side=SIDE,
        double=2 * SIDE,
        name=name,
        email=email,
    )


def srv_record(email: str, site: str) -> str:
    """Return the SRV record (RFC 2782) with which the domain of `email` points to this server.

    Libravatar clients look it up: https://wiki.libravatar.org/api/#federated-servers
    """
    parts = urlsplit(site)
    secure = parts.scheme == "https"
    service, usual = ("_avatars-sec", 443) if secure else ("_avatars", 80)
    domain = email.rpartition("@")[2].lower()
    port = parts.port or usual
    return f"{service}._tcp.{domain}. 3600 IN SRV 0 5 {port} {parts.hostname}."
