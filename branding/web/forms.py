"""The forms of the pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from branding.api.models import Scope
from branding.api.redirects import BadRedirect, validate_redirect_uris
from branding.kits.models import Kit
from branding.webhooks.models import EventType
from headshots.adjustment import ADJUSTMENT_RANGES, KEEP_BACKDROP, Adjustment
from headshots.engine.diffusion.prompts import MAX_WORDS_LENGTH
from headshots.engine.errors import BadRecipe
from headshots.engine.operations import scenes
from headshots.engine.recipes import Recipe
from integrations.platforms.base import (
    ApiToken,
    AppPassword,
    AtprotoOAuth,
    Platform,
    UserNamedServer,
)

PLAIN_BACKDROPS = (
    ("own", _("your photo's background, out of focus")),
    ("paper", _("studio paper")),
    ("plain", _("plain")),
)


def scene_choices() -> list[tuple[str, Any]]:
    """Return every scene in every light, by name."""
    return [
        (f"{scene.slug}/{mood}", f"{scene.name}, {mood}")
        for scene in scenes.scene_library().values()
        for mood in scenes.MOODS
    ]


def set_choices(form: forms.BaseForm, name: str, choices: list[Any]) -> None:
    """Set the choices of a field that are known only when the form is made."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _slider_field(label: Any, setting: str, step: float) -> forms.FloatField:
    minimum, maximum = ADJUSTMENT_RANGES[setting]
    widget = forms.NumberInput(attrs={"type": "range", "step": step})
    return forms.FloatField(label=label, min_value=minimum, max_value=maximum, widget=widget)


class AdjustForm(forms.Form):
    """The sliders under a headshot."""

    smile = _slider_field(_("Smile"), "smile", 0.05)
    contemplative = _slider_field(_("Thoughtful"), "contemplative", 0.05)
    retouch = _slider_field(_("Retouch"), "retouch", 0.05)
    light_azimuth = _slider_field(_("Light from the side"), "light_azimuth", 5)
    light_strength = _slider_field(_("Strength of the light"), "light_strength", 0.05)
    kelvin = _slider_field(_("Warm to cool"), "kelvin", 100)
    head = _slider_field(_("Closer"), "head", 0.01)
    backdrop = forms.ChoiceField(label=_("Backdrop"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        backdrop_choices = [
            (KEEP_BACKDROP, _("as it is")),
            (_("Plain"), PLAIN_BACKDROPS),
            (_("Rooms"), scene_choices()),
        ]
        set_choices(self, "backdrop", backdrop_choices)

    def get_adjustment(self) -> Adjustment:
        """Return the validated values."""
        return Adjustment(**self.cleaned_data)


class DiffusionForm(forms.Form):
    """A background, clothes or both, described in words."""

    place = forms.CharField(
        label=_("Place, in your words"), max_length=MAX_WORDS_LENGTH, required=False
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

    scene = forms.ChoiceField(label=_("Room"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "scene", [("", _("none")), *scene_choices()])


class TokenForm(forms.Form):
    """A new API token: name, scopes, lifetime."""

    name = forms.CharField(label=_("What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.ChoiceField(
        label=_("How long it holds"),
        initial=90,
        choices=((30, _("30 days")), (90, _("90 days")), (365, _("a year")), (0, _("for good"))),
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
            raise forms.ValidationError([problem.message, problem.advice]) from problem


class ApplicationForm(RedirectsForm):
    """A new OAuth application: name, redirect URIs, confidential or public."""

    SERVER, DEVICE = "server", "device"
    name = forms.CharField(label=_("Its name"), max_length=80)
    website = forms.URLField(label=_("Its website"), max_length=300, assume_scheme="https")
    kind = forms.ChoiceField(
        label=_("Where it runs"),
        initial=SERVER,
        widget=forms.RadioSelect,
        choices=(
            (SERVER, _("on a server, which keeps a secret (confidential)")),
            (DEVICE, _("on people's devices, which cannot (public)")),
        ),
    )
    field_order = ("name", "website", "redirects", "kind")


class WebhookForm(forms.Form):
    """A new webhook: its URL and its events."""

    url = forms.URLField(label=_("Address"), max_length=500, assume_scheme="https")
    events = forms.MultipleChoiceField(
        label=_("Tell it when"),
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
                label=auth_field.label,
                max_length=4000,
                help_text=auth_field.help,
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

    email = forms.EmailField(label=_("Your e-mail address"))

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_email(self) -> str:
        """Require exactly the e-mail address of the account."""
        email = self.cleaned_data["email"]
        if email.casefold() != self.expected.casefold():
            raise forms.ValidationError(_("This is not the address of this account."))
        return email
