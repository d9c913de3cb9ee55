"""The forms of the advice: for whom a person wants to be seen."""

from itertools import groupby
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from branding.advice.calendar_events import MAX_FILE_BYTES, WORDS
from branding.advice.library import load_library
from branding.advice.models import AdviceSettings, ScheduleProposal
from branding.web.forms import set_choices
from headshots.wording import word

NOT_SAID = ("", _("not said"))


def role_choices() -> list[tuple[str, Any]]:
    """Return the roles by industry, both in the order of their names."""
    roles = sorted(load_library().roles.values(), key=lambda role: (role.industry, role.title))
    grouped = groupby(roles, key=lambda role: role.industry)
    return [
        ("", _("Choose")),
        *(
            (capfirst(word(industry)), [(role.slug, capfirst(word(role.title))) for role in group])
            for industry, group in grouped
        ),
    ]


class CalendarForm(forms.Form):
    """A calendar, as an address or a file, and the words by which its events are told."""

    address = forms.CharField(
        label=_("Address of your calendar"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(
            attrs={
                "placeholder": "https://calendar.example/private.ics",
                "autocapitalize": "none",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
        help_text=_("It is read once and not kept."),
    )
    file = forms.FileField(label=_("Or a file (.ics)"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, words in WORDS.items():
            label = capfirst(ScheduleProposal.Kind(kind).label)
            self.fields[kind] = forms.CharField(
                label=label, initial=words, required=False, max_length=300
            )

    def clean(self) -> dict[str, Any]:
        """Require an address or a file, and one that is not too large."""
        values = super().clean() or {}
        upload = values.get("file")
        if not values.get("address") and not upload:
            raise forms.ValidationError(_("Give an address or a file."))
        if upload and upload.size > MAX_FILE_BYTES:
            raise forms.ValidationError(_("This calendar is too large."))
        return values

    def words(self) -> dict[str, list[str]]:
        """Return the words of each kind of event, in lower case."""
        texts = {kind: self.cleaned_data[kind].lower() for kind in WORDS}
        return {
            kind: [word.strip() for word in text.split(",") if word.strip()]
            for kind, text in texts.items()
        }


class AdviceForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Role, audiences and country of a person, and what their photos show."""

    class Meta:
        model = AdviceSettings
        fields = ("role", "audiences", "country", "dress", "taken_by")

    role = forms.ChoiceField(label=_("What do you do?"))
    audiences = forms.MultipleChoiceField(
        label=_("Who looks at your picture?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    country = forms.ChoiceField(
        label=_("In which country are they?"),
        required=False,
        help_text=_("Some customs differ, such as a photo on a CV."),
    )
    dress = forms.ChoiceField(label=_("What do you wear in your photos?"), required=False)
    taken_by = forms.ChoiceField(label=_("Who took them?"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        library = load_library()
        audiences = library.audiences.values()
        customs = library.conventions.values()
        countries = sorted((word(custom.name), custom.code) for custom in customs)
        set_choices(self, "role", role_choices())
        names = [(audience.slug, capfirst(word(audience.title))) for audience in audiences]
        set_choices(self, "audiences", names)
        set_choices(self, "country", [NOT_SAID, *((code, name) for name, code in countries)])
        set_choices(self, "dress", list(AdviceSettings.Dress.choices))
        set_choices(self, "taken_by", list(AdviceSettings.TakenBy.choices))
