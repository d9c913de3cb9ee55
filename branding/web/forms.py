"""The forms of the pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from branding.kits.models import Kit
from headshots.adjustment import KEEP, Adjustment
from headshots.engine import recipes, scenes

PLAIN_PLACES = (
    ("own", _("your photo's background, out of focus")),
    ("paper", _("studio paper")),
    ("plain", _("plain")),
)


def places() -> list[tuple[str, Any]]:
    """Every room in every mood, by name."""
    return [
        (f"{scene.slug}/{mood}", f"{scene.name}, {mood}")
        for scene in scenes.library().values()
        for mood in scenes.MOODS
    ]


def _slider(label: Any, low: float, high: float, step: float) -> forms.FloatField:
    widget = forms.NumberInput(attrs={"type": "range", "step": step})
    return forms.FloatField(label=label, min_value=low, max_value=high, widget=widget)


class AdjustForm(forms.Form):
    """The sliders under a headshot."""

    smile = _slider(_("Smile"), -1, 1, 0.05)
    contemplative = _slider(_("Thoughtful"), 0, 1, 0.05)
    retouch = _slider(_("Retouch"), 0, 1, 0.05)
    light_azimuth = _slider(_("Light from the side"), -90, 90, 5)
    light_strength = _slider(_("Strength of the light"), 0, 1, 0.05)
    kelvin = _slider(_("Warm to cool"), 3000, 9000, 100)
    head = _slider(_("Closer"), *recipes.FRAME_RANGES["head"], 0.01)
    backdrop = forms.ChoiceField(label=_("Backdrop"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["backdrop"].choices = [
            (KEEP, _("as it is")),
            (_("Plain"), PLAIN_PLACES),
            (_("Rooms"), places()),
        ]

    def adjustment(self) -> Adjustment:
        """The values, checked."""
        return Adjustment(**self.cleaned_data)


# A model's float field gives its widget no limits of its own.
SMILE = forms.NumberInput(attrs={"type": "range", "step": 0.05, "min": -1, "max": 1})


class KitForm(forms.ModelForm):
    """The brand kit."""

    class Meta:
        model = Kit
        fields = (
            "name",
            "accent",
            "backdrop",
            "scene",
            "light",
            "smile_low",
            "smile_high",
            "industry",
            "audience",
        )
        widgets = {
            "scene": forms.Select,
            "smile_low": SMILE,
            "smile_high": SMILE,
        }

    scene = forms.ChoiceField(label=_("Room"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scene"].choices = [("", _("none")), *places()]

    def clean(self) -> dict[str, Any]:
        """A room is needed where one room is wanted for all."""
        values = super().clean() or {}
        if values.get("backdrop") == Kit.Backdrop.SCENE and not values.get("scene"):
            self.add_error("scene", _("Choose the room you want to be in everywhere."))
        return values


class GoodbyeForm(forms.Form):
    """Deleting an account is confirmed by typing its address."""

    email = forms.EmailField(label=_("Your e-mail address"))

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_email(self) -> str:
        """Exactly the account's own address."""
        email = self.cleaned_data["email"]
        if email.casefold() != self.expected.casefold():
            raise forms.ValidationError(_("This is not the address of this account."))
        return email
