"""Letters about a run of a schedule: whether it may send what it is about to, or why it did not."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage, send_mail
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from headshots import pictures
from headshots.models import Variant
from integrations import recurrence
from integrations.agenda import token_of
from integrations.models import Run
from integrations.selectors import Profile

SHOWN = 3  # headshots that a letter carries; its page shows all of them


def ask(run: Run, sendings: Sequence[tuple[Profile, Variant]], *, decide_by: datetime) -> None:
    """What a run would send where, and the address to say yes or no; nothing is sent before."""
    local = decide_by.astimezone(recurrence.zone(run.schedule.zone))
    told = {
        "until": date_format(local, "DATETIME_FORMAT") + f" ({run.schedule.zone})",
        "profiles": "\n".join(f"- {profile.name}" for profile, _variant in sendings),
        "link": f"{settings.SITE_URL}/schedules/answer/{token_of(run)}/",
    }
    text = _(
        "Facet would like to send the headshot in this letter to:\n\n%(profiles)s\n\n"
        "Say yes or no until %(until)s; without a yes nothing is sent:\n\n%(link)s\n"
    )
    letter = EmailMessage(
        _("Shall this headshot be sent?"), text % told, to=[run.schedule.owner.email]
    )
    shown = list(dict.fromkeys(variant for _profile, variant in sendings))[:SHOWN]
    for number, variant in enumerate(shown, start=1):
        letter.attach(f"headshot-{number}.jpg", pictures.read(variant.picture, "400"), "image/jpeg")
    letter.send()


def tell_failed(run: Run, *, words: str, advice: str) -> None:
    """A run could not send anything; the runs after it go on."""
    name = run.schedule.name or _("A schedule")
    text = f"{words} {advice}\n\n{settings.SITE_URL}/schedules/\n"
    subject = _("%(name)s could not send your headshot") % {"name": name}
    send_mail(subject, text, None, [run.schedule.owner.email])
