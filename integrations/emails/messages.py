"""E-mails as plain text and as HTML; every e-mail of Facet is built here."""

from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language

LINK_SCHEMES = ("https://", "http://")


def build_email(
    subject: str, text: str, to: list[str], *, headers: dict[str, str] | None = None
) -> EmailMultiAlternatives:
    """Return an e-mail whose HTML says the same as its plain text.

    Paragraphs of the text are separated by empty lines. One that is nothing but an address becomes
    a link; addresses within a sentence do not, because names that people type stand there.
    """
    email = EmailMultiAlternatives(subject, text.strip() + "\n", to=to, headers=headers)
    context = {
        "subject": subject,
        "paragraphs": _split_paragraphs(text),
        "language": get_language(),
    }
    email.attach_alternative(render_to_string("emails/email.html", context), "text/html")
    return email


def _split_paragraphs(text: str) -> list[dict[str, Any]]:
    blocks = [block.strip() for block in text.replace("\r\n", "\n").split("\n\n")]
    return [
        {"text": block, "is_link": block.startswith(LINK_SCHEMES) and len(block.split()) == 1}
        for block in blocks
        if block
    ]
