"""Questions that are offered, and the sentence in which each one's result is told."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# By the question, with how many of those who compared the headshot preferred it.
FINDINGS: Final[Mapping[Promise, Promise]] = {
    gettext_lazy("Who would you hire as a tax adviser?"): gettext_lazy(
        "%(supporters)d of %(voters)d would rather hire %(headshot)s as a tax adviser."
    ),
    gettext_lazy("Who would you talk to at a party?"): gettext_lazy(
        "%(supporters)d of %(voters)d would rather talk to %(headshot)s at a party."
    ),
    gettext_lazy("Who looks most trustworthy?"): gettext_lazy(
        "%(supporters)d of %(voters)d found %(headshot)s more trustworthy."
    ),
}


def describe_finding(question: str, headshot: str, *, supporters: int, voters: int) -> str:
    """Say how many of the people who compared a headshot preferred it; empty if nobody did."""
    if not voters:
        return ""
    texts = {str(offered): finding for offered, finding in FINDINGS.items()}
    text = texts.get(question) or _("%(supporters)d of %(voters)d preferred %(headshot)s.")
    return str(text) % {"supporters": supporters, "voters": voters, "headshot": headshot}
