"""Encrypts the secrets of second factors in the database, as platform tokens are."""

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from integrations.models import vault

PURPOSE = "second factor"
SECRETS = ("secret", "seed")  # of authenticator apps, of recovery codes


class SealedFactors(DefaultMFAAdapter):
    """An allauth adapter that encrypts secrets which allauth would store in plain text."""

    def encrypt(self, text: str) -> str:
        """Return `<key id>.<base64>`, encrypted with the first key of VAULT_KEY."""
        sealed = vault().seal({"text": text}, purpose=PURPOSE)
        return f"{vault().key_id}.{base64.urlsafe_b64encode(sealed).decode()}"

    def decrypt(self, encrypted_text: str) -> str:
        """Return the plain text. Raises Unreadable if the key is not in VAULT_KEY any more."""
        key_id, _, sealed = encrypted_text.partition(".")
        opened = vault().open(base64.urlsafe_b64decode(sealed), key_id=key_id, purpose=PURPOSE)
        return str(opened["text"])


def rotate() -> int:
    """Encrypt second factors again with the first key of VAULT_KEY; return how many changed."""
    adapter, changed = SealedFactors(), 0
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().get(pk=pk)
            old = {name: factor.data[name] for name in SECRETS if name in factor.data}
            if all(text.startswith(f"{vault().key_id}.") for text in old.values()):
                continue
            new = {name: adapter.encrypt(adapter.decrypt(text)) for name, text in old.items()}
            factor.data |= new
            factor.save(update_fields=["data"])
            changed += 1
    return changed
