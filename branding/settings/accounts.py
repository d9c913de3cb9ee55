"""Accounts: user model, signing in, second factor (django-allauth)."""

from django.urls import reverse_lazy

from branding import env
from branding.settings.base import SECURE
from branding.settings.email import EMAIL_URL

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("web:sheets")
LOGOUT_REDIRECT_URL = reverse_lazy("web:home")
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_URL else "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
MFA_ADAPTER = "branding.accounts.two_factor.SealedFactorAdapter"
MFA_TOTP_ISSUER = "Facet"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
ACCOUNT_ADAPTER = "branding.accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900  # seconds that a sign-in counts as recent
ACCOUNT_FORMS = {
    "login": "branding.accounts.forms.LoginForm",
    "signup": "branding.accounts.forms.SignupForm",
    "add_email": "branding.accounts.forms.AddEmailForm",
    "change_password": "branding.accounts.forms.ChangePasswordForm",
    "set_password": "branding.accounts.forms.SetPasswordForm",
    "reset_password": "branding.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "branding.accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "branding.accounts.forms.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "branding.accounts.forms.FactorForm",
    "reauthenticate": "branding.accounts.forms.FactorAgainForm",
    "activate_totp": "branding.accounts.forms.ActivateTOTPForm",
    "add_webauthn": "branding.accounts.forms.AddKeyForm",
    "edit_webauthn": "branding.accounts.forms.RenameKeyForm",
}
ACCOUNT_RATE_LIMITS = {
    "oauth": "120/m/ip",  # of the token endpoint
    # Failed sign-ins; branding/accounts/adapter.py says what each is counted by.
    "login_failed": "10/m/ip,5/5m/key",
    "login_failed_account": "50/h/key",
    "login_failed_device": "20/5m/key",
    "trial": "10/h/ip",  # photos that a visitor tries without an account
}
SIGN_UP = env.read_choice("SIGN_UP", "open", ("open", "invited", "closed"))
USERSESSIONS_TRACK_ACTIVITY = True  # the time is updated by branding.accounts.session_activity
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE  # localhost without TLS
# Trials of visitors without an account that are stored at once; 0 switches them off.
TRIAL_LIMIT = env.read_number("TRIAL_LIMIT", 50, minimum=0)
