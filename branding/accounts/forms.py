"""The forms of allauth with our words; settings name them in ACCOUNT_FORMS and MFA_FORMS."""

# allauth has no types.
# mypy: disable-error-code="misc"

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as factor_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms

from branding.accounts.wording import NEW_PASSWORD, WordedForm


class LoginForm(WordedForm, account_forms.LoginForm):
    """Sign in with an address and a password."""


class SignupForm(WordedForm, account_forms.SignupForm):
    """Make an account."""


class AddEmailForm(WordedForm, account_forms.AddEmailForm):
    """Add an address."""


class ChangePasswordForm(WordedForm, account_forms.ChangePasswordForm):
    """Replace the password."""

    own_labels = NEW_PASSWORD


class SetPasswordForm(WordedForm, account_forms.SetPasswordForm):
    """Set the first password."""


class ResetPasswordForm(WordedForm, account_forms.ResetPasswordForm):
    """Ask for a link that sets a new password."""


class ResetPasswordKeyForm(WordedForm, account_forms.ResetPasswordKeyForm):
    """Set a new password with that link."""

    own_labels = NEW_PASSWORD


class ReauthenticateForm(WordedForm, account_forms.ReauthenticateForm):
    """Type the password again."""


class FactorForm(WordedForm, factor_forms.AuthenticateForm):
    """Enter a code as the second step."""


class FactorAgainForm(WordedForm, factor_forms.ReauthenticateForm):
    """Enter a code again."""


class ActivateTOTPForm(WordedForm, totp_forms.ActivateTOTPForm):
    """Switch an authenticator app on."""


class AddKeyForm(WordedForm, webauthn_forms.AddWebAuthnForm):
    """Add a security key or a passkey."""


class RenameKeyForm(WordedForm, webauthn_forms.EditWebAuthnForm):
    """Rename a security key or a passkey."""
