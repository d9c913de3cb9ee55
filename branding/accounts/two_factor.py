"""Encrypts the secrets of second factors in the database, as platform tokens are."""

import base64
from collections import Counter
from collections.abc import Collection, Iterator

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import transaction

from branding.accounts.wording import FACTOR_ERRORS
from integrations.models import get_vault

SEAL_PURPOSE = "second factor"
SEALED_FIELDS = ("secret", "seed")  # of authenticator apps, of recovery codes


class SealedFactorAdapter(DefaultMFAAdapter):
    """An allauth adapter that encrypts secrets which allauth would store in plain text."""

    error_messages = DefaultMFAAdapter.error_messages | FACTOR_ERRORS

    def encrypt(self, text: str) -> str:
        """Return `<key id>.<base64>`, encrypted with the first key of VAULT_KEY."""
        sealed = get_vault().seal({"text": text}, purpose=SEAL_PURPOSE)
        return f"{get_vault().key_id}.{base64.urlsafe_b64encode(sealed).decode()}"

    def decrypt(self, encrypted_text: str) -> str:
        """Return the plain text. Raises Unreadable if the key is not in VAULT_KEY any more."""
        key_id, _, sealed = encrypted_text.partition(".")
        opened = get_vault().unseal(
            base64.urlsafe_b64decode(sealed), key_id=key_id, purpose=SEAL_PURPOSE
        )
        return str(opened["text"])


def reseal_factors() -> int:
    """Encrypt second factors again with the first key of VAULT_KEY; return how many changed."""
    adapter, resealed_count = SealedFactorAdapter(), 0
    for factor_id in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().get(pk=factor_id)
            old_values = {name: factor.data[name] for name in SEALED_FIELDS if name in factor.data}
            if all(text.startswith(f"{get_vault().key_id}.") for text in old_values.values()):
                continue
            new_values = {
                name: adapter.encrypt(adapter.decrypt(text)) for name, text in old_values.items()
            }
            factor.data |= new_values
            factor.save(update_fields=["data"])
            resealed_count += 1
    return resealed_count


def count_factors_by_key() -> Counter[str]:
    """Return how many second factors are encrypted with each key, by the id of the key."""
    return Counter(key_id for _, key_ids in _keys_of_factors() for key_id in key_ids)


def forget_factors_of_keys(lost_key_ids: Collection[str]) -> int:
    """Delete the second factors that are encrypted with lost keys; return how many."""
    lost_factors = [pk for pk, key_ids in _keys_of_factors() if key_ids & set(lost_key_ids)]
    return Authenticator.objects.filter(pk__in=lost_factors).delete()[0]


def _keys_of_factors() -> Iterator[tuple[int, set[str]]]:
    """Yield each second factor with the ids of the keys that it is encrypted with."""
    for pk, data in Authenticator.objects.values_list("pk", "data"):
        yield pk, {data[name].partition(".")[0] for name in SEALED_FIELDS if name in data}
