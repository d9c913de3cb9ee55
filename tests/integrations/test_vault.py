"""Encrypted data stays secret, and keys can be replaced."""

import base64
import io
import json

import jwt
import pytest
from django.core.management import call_command

from integrations.models import Registration
from integrations.vault import SigningKey, Unreadable, Vault, hash_s256

# The same in every process that collects these tests: they name some of them.
OLD, NEW = (base64.urlsafe_b64encode(bytes([seed]) * 32).decode() for seed in (1, 2))
CANARY = "canary-5f3a9c1e7b"


def test_secret_comes_back_with_its_key_and_purpose():
    vault = Vault(OLD)
    sealed = vault.seal({"access": CANARY}, purpose="a")
    assert CANARY.encode() not in sealed
    assert vault.unseal(sealed, key_id=vault.key_id, purpose="a") == {"access": CANARY}
    assert vault.seal({"access": CANARY}, purpose="a") != sealed


def test_moved_changed_or_foreign_row_is_not_opened():
    vault = Vault(OLD)
    sealed = vault.seal({}, purpose="a")
    for wrong in (
        {"sealed": sealed, "purpose": "b", "key_id": vault.key_id},
        {"sealed": sealed[:-1] + bytes([sealed[-1] ^ 1]), "purpose": "a", "key_id": vault.key_id},
        {"sealed": sealed, "purpose": "a", "key_id": Vault(NEW).key_id},
    ):
        with pytest.raises(Unreadable):
            vault.unseal(**wrong)


@pytest.mark.parametrize("keys", ["", "c2hvcnQ=", f"{OLD},c2hvcnQ="])
def test_key_that_is_none_is_refused(keys):
    with pytest.raises(ValueError):
        Vault(keys)


def test_vault_and_key_do_not_show_themselves():
    key = SigningKey.generate()
    assert key.private_number not in repr(key) and OLD not in repr(Vault(OLD))


@pytest.mark.django_db
def test_every_row_moves_to_the_new_key(settings, monkeypatch):
    settings.VAULT_KEY = OLD
    row = Registration(platform="mastodon", server="https://a.example", client_id="x")
    row.seal({"secret": CANARY})
    row.save()
    settings.VAULT_KEY = f"{NEW},{OLD}"
    monkeypatch.setenv("VAULT_KEY", settings.VAULT_KEY)
    output = io.StringIO()
    call_command("rotate_keys", stdout=output)
    assert output.getvalue().startswith("1 sealed again")
    settings.VAULT_KEY = NEW
    assert Registration.objects.get(pk=row.pk).unseal() == {"secret": CANARY}
    call_command("rotate_keys", stdout=output)
    assert "0 sealed again" in output.getvalue()


def test_signature_is_one_that_others_accept():
    key = SigningKey.generate()
    token = key.sign_jwt({"typ": "dpop+jwt", "jwk": key.public_jwk}, {"htm": "POST"})
    theirs = jwt.PyJWK.from_json(json.dumps({**key.public_jwk, "alg": "ES256"}))
    assert jwt.decode(token, theirs, algorithms=["ES256"]) == {"htm": "POST"}
    assert SigningKey(key.private_number).thumbprint == key.thumbprint


def test_challenge_is_the_one_of_the_specification():
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert hash_s256(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
