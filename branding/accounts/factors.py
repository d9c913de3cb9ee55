"""Second factors lie sealed in the database, as the tokens of platforms do."""

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from integrations.models import vault

PURPOSE = "second factor"
SECRETS = ("secret", "seed")  # of an authenticator app, of recovery codes


class SealedFactors(DefaultMFAAdapter):
    """allauth's hooks for what it would otherwise keep in the clear."""

    def encrypt(self, text: str) -> str:
        """The text sealed, with the id of its key before it."""
        sealed = vault().seal({"text": text}, purpose=PURPOSE)
        return f"{vault().key_id}.{base64.urlsafe_b64encode(sealed).decode()}"

    def decrypt(self, encrypted_text: str) -> str:
        """The text; Unreadable if its key is gone."""
        key_id, _, sealed = encrypted_text.partition(".")
        opened = vault().open(base64.urlsafe_b64decode(sealed), key_id=key_id, purpose=PURPOSE)
        return str(opened["text"])


def rotate() -> int:
    """Seal every second factor with the first key of VAULT_KEY; returns how many there were."""
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
