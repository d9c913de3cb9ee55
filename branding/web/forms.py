"""The forms of the pages."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from branding.api.models import Scope
from branding.api.redirects import BadRedirect, validate_redirect_uris
from branding.kits.models import Kit
from branding.webhooks.models import EventType
from headshots.adjustment import ADJUSTMENT_RANGES, KEEP_BACKDROP, OWN_CLOTHES, Adjustment
from headshots.engine.diffusion.prompts import MAX_WORDS_LENGTH
from headshots.engine.errors import BadRecipe
from headshots.engine.operations import garments, scenes
from headshots.engine.recipes import FRAMING_RANGES, Recipe
from headshots.wording import word
from integrations.platforms.base import (
    ApiToken,
    AppPassword,
    AtprotoOAuth,
    Platform,
    UserNamedServer,
)

PLAIN_BACKDROPS = (
    ("own", _("Your own, blurred")),
    ("paper", _("Studio paper")),
    ("plain", pgettext_lazy("background", "Plain")),
)


def scene_choices() -> list[tuple[str, Any]]:
    """Return every scene in every light, by name."""
    return [
        (f"{scene.slug}/{mood}", f"{word(scene.name)}, {word(mood)}")
        for scene in scenes.scene_library().values()
        for mood in scenes.MOODS
    ]


def set_choices(form: forms.BaseForm, name: str, choices: list[Any]) -> None:
    """Set the choices of a field that are known only when the form is made."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def background_choices() -> list[dict[str, Any]]:
    """Return the backgrounds of the editor: value, name, and the scene and light if there are."""
    plain = [(KEEP_BACKDROP, pgettext_lazy("background", "Keep")), *PLAIN_BACKDROPS]
    rows: list[dict[str, Any]] = [{"value": value, "label": label} for value, label in plain]
    for value, label in scene_choices():
        scene, _slash, mood = value.partition("/")
        rows.append({"value": value, "label": label, "scene": scene, "mood": mood})
    return rows


def _slider_field(label: Any, setting: str, step: float) -> forms.FloatField:
    minimum, maximum = {**FRAMING_RANGES, **ADJUSTMENT_RANGES}[setting]
    widget = forms.NumberInput(attrs={"type": "range", "step": step})
    return forms.FloatField(label=label, min_value=minimum, max_value=maximum, widget=widget)


CLOTH_LABELS = {
    "navy": _("Navy"),
    "charcoal": _("Charcoal"),
    "black": _("Black"),
    "camel": _("Camel"),
}


def garment_choices() -> list[tuple[str, Any]]:
    """Return the person's own clothes and every garment of the wardrobe."""
    worn = [(slug, word(name)) for slug, name in garments.wardrobe().items()]
    return [(OWN_CLOTHES, _("Your own")), *worn]


def cloth_choices() -> list[tuple[str, Any, str]]:
    """Return the colours of cloth: value, name, and the colour as '#RRGGBB'."""
    return [(name, CLOTH_LABELS[name], code) for name, code in garments.CLOTH_COLORS.items()]


class AdjustForm(forms.Form):
    """The controls of the editor."""

    smile = _slider_field(_("Smile"), "smile", 0.05)
    contemplative = _slider_field(_("Calm eyes"), "contemplative", 0.05)
    retouch = _slider_field(_("Retouch"), "retouch", 0.05)
    light_azimuth = _slider_field(_("Direction"), "light_azimuth", 5)
    light_strength = _slider_field(_("Strength"), "light_strength", 0.05)
    kelvin = _slider_field(_("Temperature"), "kelvin", 100)
    head = _slider_field(_("Zoom"), "head", 0.01)
    eyes = _slider_field(_("Position"), "eyes", 0.01)
    backdrop = forms.ChoiceField(label=_("Background"), required=False)
    garment = forms.ChoiceField(label=_("Clothes"), required=False)
    cloth = forms.CharField(label=_("Colour"), max_length=20, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "garment", garment_choices())
        backdrop_choices = [
            (KEEP_BACKDROP, pgettext_lazy("background", "Keep")),
            (pgettext_lazy("background", "Plain"), PLAIN_BACKDROPS),
            (_("Places"), scene_choices()),
        ]
        set_choices(self, "backdrop", backdrop_choices)

    @staticmethod
    def values_of(recipe: Recipe) -> dict[str, Any]:
        """Return the values that the controls have for a recipe."""
        dress = recipe.step_params("dress")
        return {
            **vars(Adjustment.from_recipe(recipe)),
            "eyes": recipe.framing_wish.eyes,
            "garment": dress.garment,
            "cloth": dress.color,
        }

    def apply_to(self, recipe: Recipe) -> Recipe:
        """Return the recipe with the validated values."""
        values = dict(self.cleaned_data)
        eyes, garment, cloth = (values.pop(name) for name in ("eyes", "garment", "cloth"))
        values["wear"] = f"{garment}:{cloth}" if garment else OWN_CLOTHES
        adjusted = replace(Adjustment.from_recipe(recipe), **values)
        return adjusted.apply_to(recipe).with_framing(eyes=eyes)


class DiffusionForm(forms.Form):
    """A background, clothes or both, described in words."""

    place = forms.CharField(
        label=_("Background, in your words"), max_length=MAX_WORDS_LENGTH, required=False
    )
    outfit = forms.CharField(
        label=_("Clothes, in your words"), max_length=MAX_WORDS_LENGTH, required=False
    )

    def apply_to_recipe(self, recipe: Recipe) -> Recipe:
        """Return the recipe with these words. Raises BadRecipe if they are missing or refused."""
        descriptions = self.cleaned_data if self.is_valid() else {}
        if not any(descriptions.values()):
            problems = [str(messages[0]) for messages in self.errors.values()]
            raise BadRecipe(
                problems[0] if problems else "There are no words to paint from.",
                advice="Describe a place, or clothes, or both.",
            )
        return recipe.with_diffusion(**descriptions)


# A model's float field gives its widget no limits of its own.
SMILE_SLIDER = forms.NumberInput(attrs={"type": "range", "step": 0.05, "min": -1, "max": 1})


class KitForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
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
            "smile_low": SMILE_SLIDER,
            "smile_high": SMILE_SLIDER,
        }

    scene = forms.ChoiceField(label=_("Place"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "scene", [("", _("none")), *scene_choices()])


class TokenForm(forms.Form):
    """A new API token: name, scopes, lifetime."""

    name = forms.CharField(label=_("Name"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("Permissions"),
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.ChoiceField(
        label=_("Expires"),
        initial=90,
        choices=(
            (30, _("in 30 days")),
            (90, _("in 90 days")),
            (365, _("in 1 year")),
            (0, _("never")),
        ),
    )


class RedirectsForm(forms.Form):
    """The redirect URIs of an application."""

    redirects = forms.CharField(
        label=_("Redirect addresses"),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "none"}),
        help_text=_(
            "One a line, exactly as the application sends it: https, or http on 127.0.0.1, or a"
            " scheme of its own like org.example.app:/back."
        ),
    )

    def clean_redirects(self) -> list[str]:
        """Return the validated redirect URIs."""
        try:
            return validate_redirect_uris(self.cleaned_data["redirects"].split())
        except BadRedirect as problem:
            raise forms.ValidationError([word(problem.message), word(problem.advice)]) from problem


class ApplicationForm(RedirectsForm):
    """A new OAuth application: name, redirect URIs, confidential or public."""

    SERVER, DEVICE = "server", "device"
    name = forms.CharField(label=_("Name"), max_length=80)
    website = forms.URLField(label=_("Website"), max_length=300, assume_scheme="https")
    kind = forms.ChoiceField(
        label=_("Where it runs"),
        initial=SERVER,
        widget=forms.RadioSelect,
        choices=(
            (SERVER, _("On a server (confidential)")),
            (DEVICE, _("On people's devices (public)")),
        ),
    )
    field_order = ("name", "website", "redirects", "kind")


class WebhookForm(forms.Form):
    """A new webhook: its URL and its events."""

    url = forms.URLField(label=_("Address"), max_length=500, assume_scheme="https")
    events = forms.MultipleChoiceField(
        label=_("Events"),
        widget=forms.CheckboxSelectMultiple,
        choices=[event for event in EventType.choices if event[0] != EventType.TEST],
        initial=[event for event in EventType.values if event != EventType.TEST],
    )


class ConnectForm(forms.Form):
    """One way to connect a platform: its server, and the credentials that are pasted."""

    def __init__(self, *args: Any, platform: Platform, way: int, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"way-{way}-%s"
        super().__init__(*args, **kwargs)
        self.way, self.auth = way, platform.auth[way]
        self.is_pasted = isinstance(self.auth, ApiToken)
        if isinstance(platform.server, UserNamedServer) and not isinstance(self.auth, AppPassword):
            self.fields["server"] = self._server_field(platform.server)
        for auth_field in self.auth.fields if isinstance(self.auth, ApiToken) else ():
            widget = forms.PasswordInput if auth_field.secret else forms.TextInput
            self.fields[auth_field.name] = forms.CharField(
                label=word(auth_field.label),
                max_length=4000,
                help_text=word(auth_field.help),
                widget=widget(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )

    def _server_field(self, server: UserNamedServer) -> forms.CharField:
        asks_for_handle = isinstance(self.auth, AtprotoOAuth)
        help_text = (
            _("Leave it empty for %(server)s.") % {"server": server.default}
            if server.default
            else ""
        )
        attributes = {
            "placeholder": server.example,
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        return forms.CharField(
            label=_("Your handle") if asks_for_handle else _("Your server"),
            max_length=255,
            required=not server.default,
            widget=forms.TextInput(attrs=attributes),
            help_text=help_text,
        )


class AccountDeletionForm(forms.Form):
    """Confirms the deletion of an account by its e-mail address."""

    email = forms.EmailField(label=_("Your email address"))

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_email(self) -> str:
        """Require exactly the e-mail address of the account."""
        email = self.cleaned_data["email"]
        if email.casefold() != self.expected.casefold():
            raise forms.ValidationError(_("This is not the address of this account."))
        return email
