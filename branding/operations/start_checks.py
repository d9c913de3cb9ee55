"""What a program makes sure of before it starts: that the database and the keys are its own."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection

from branding.accounts import two_factor
from branding.operations.versions import applied_migrations, unknown_migrations
from branding.secrets import has_secret
from integrations.connections import key_rotation
from integrations.models import Connection, get_vault

LOOPBACK_HOSTS = {"127.0.0.1", "::1", "localhost"}


class StartError(SystemExit):
    """This program must not work with this database; the sentence says why and what to do."""


def require_usable_installation() -> None:
    """Raise StartError if a newer version wrote the database, or if its vault key is not here.

    A lost key is never replaced by a new one as long as something is sealed with it.
    """
    if newer := unknown_migrations(applied_migrations()):
        raise StartError(
            f"Facet cannot start: a newer version wrote this database ({'.'.join(newer[-1])})."
            " Install that version, or restore a backup that this one made."
        )
    used_keys = _count_secrets_by_key()
    has_key = has_secret("VAULT_KEY", settings.DATA_DIR / "secrets")
    try:
        present_keys = get_vault().key_ids if has_key else frozenset()
    except ValueError as error:
        raise StartError(f"Facet cannot start: VAULT_KEY cannot be used. {error}") from None
    if lost_keys := used_keys.keys() - present_keys:
        count = sum(used_keys[key_id] for key_id in lost_keys)
        raise StartError(
            f"Facet cannot start: {count} secrets (connected accounts, second factors, saved"
            f" pictures) are encrypted with a key that is not here ({', '.join(lost_keys)})."
            " Put it back into VAULT_KEY or DATA_DIR/secrets/vault_key. If it is lost for ever,"
            " `rotate_keys --forget-unreadable` deletes them, and people connect again."
        )


def _count_secrets_by_key() -> dict[str, int]:
    """Return how many secrets need each key; none before the first migration."""
    tables = set(connection.introspection.table_names())
    if Connection._meta.db_table not in tables:
        return {}
    return dict(key_rotation.count_rows_by_key() + two_factor.count_factors_by_key())


@register(Tags.security)
def check_vault_key(**_: object) -> list[CheckMessage]:
    """Report a vault key that is no key; none is made for that."""
    if has_secret("VAULT_KEY", settings.DATA_DIR / "secrets"):
        try:
            get_vault()
        except ValueError as error:
            return [Error(f"VAULT_KEY cannot be used. {error}", id="facet.E001")]
    return []


@register(Tags.security, deploy=True)
def check_deployment(**_: object) -> list[CheckMessage]:
    """Report what must not reach the public, and a proxy that cannot be believed."""
    warnings: list[CheckMessage] = []
    if settings.OPEN_LOOPBACK:
        text = "OPEN_LOOPBACK lets people make this server call programs on its own machine."
        warnings.append(Warning(text, hint="Unset OPEN_LOOPBACK.", id="facet.W001"))
    is_reached_over_network = settings.HOST not in LOOPBACK_HOSTS
    believes_only_itself = set(settings.TRUSTED_PROXIES) <= {"127.0.0.1", "::1"}
    if settings.SECURE and is_reached_over_network and believes_only_itself:
        text = (
            f"SITE_URL is https, and HOST={settings.HOST} accepts connections of a proxy elsewhere,"
            " but its headers are not believed: every page would redirect to itself."
        )
        hint = "Set TRUSTED_PROXIES to the address or network of the proxy."
        warnings.append(Warning(text, hint=hint, id="facet.W002"))
    if settings.SECURE and not settings.EMAIL_URL:
        text = "Without EMAIL_URL, e-mails stay in files, and nobody can reset a password."
        warnings.append(Warning(text, hint="Set EMAIL_URL.", id="facet.W003"))
    return warnings
