"""Uses of a picture outside platforms: vCard, e-mail signature, Libravatar DNS record."""

import base64
import re
from typing import Final
from urllib.parse import urlsplit

from django.utils.html import format_html

# Characters a line; RFC 2426 recommends at most 75, the fold adds one space.
VCARD_LINE_LENGTH: Final = 74
# CSS pixels; the image is requested at twice this size for dense screens.
SIGNATURE_PICTURE_SIZE: Final = 64


def build_vcard(name: str, email: str, picture: bytes) -> str:
    """Return a vCard 3.0 (RFC 2426) that embeds the JPEG `picture`, unless it is empty."""
    escaped_name = re.sub(r"([\\;,])", r"\\\1", " ".join(name.split()))
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"N:{escaped_name};;;;",
        f"FN:{escaped_name}",
        f"EMAIL:{email}",
    ]
    if picture:
        photo = f"PHOTO;ENCODING=b;TYPE=JPEG:{base64.b64encode(picture).decode()}"
        lines += [
            photo[offset : offset + VCARD_LINE_LENGTH]
            if offset == 0
            else f" {photo[offset : offset + VCARD_LINE_LENGTH]}"
            for offset in range(0, len(photo), VCARD_LINE_LENGTH)
        ]
    return "\r\n".join([*lines, "END:VCARD", ""])


def build_html_signature(url: str, name: str, email: str) -> str:
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
        side=SIGNATURE_PICTURE_SIZE,
        double=2 * SIGNATURE_PICTURE_SIZE,
        name=name,
        email=email,
    )


def build_srv_record(email: str, site: str) -> str:
    """Return the SRV record (RFC 2782) with which the domain of `email` points to this server.

    Libravatar clients look it up: https://wiki.libravatar.org/api/#federated-servers
    """
    site_parts = urlsplit(site)
    is_secure = site_parts.scheme == "https"
    service, default_port = ("_avatars-sec", 443) if is_secure else ("_avatars", 80)
    domain = email.rpartition("@")[2].lower()
    port = site_parts.port or default_port
    return f"{service}._tcp.{domain}. 3600 IN SRV 0 5 {port} {site_parts.hostname}."
