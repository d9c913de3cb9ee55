"""Accounts: user model, signing in, second factor (django-allauth)."""

from django.urls import reverse_lazy

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
ACCOUNT_RATE_LIMITS = {"oauth": "120/m/ip"}  # of the token endpoint
USERSESSIONS_TRACK_ACTIVITY = True  # the time is updated by branding.accounts.session_activity
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE  # localhost without TLS
