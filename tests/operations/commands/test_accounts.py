"""Whose a verb is: the only account, or the one that is named."""

import pytest

from tests.support.people import person

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_account_need_not_be_named(manage, account):
    assert [connection["id"] for connection in manage("connect", "--json").document] == [
        str(account.pk)
    ]


def test_account_is_named_by_its_address(manage, account):
    person("bob")
    listed = manage("connect", "--json", "--account", "ALICE@example.com").document
    assert [connection["id"] for connection in listed] == [str(account.pk)]
    assert manage("connect", "--json", "--account", "bob@example.com").document == []


@pytest.mark.usefixtures("account")
def test_one_of_several_is_never_guessed(manage):
    person("bob")
    assert manage("connect", "--json").refusal["code"] == "ambiguous"
    ended = manage("publish", "--all")
    assert ended.code == 2 and ended.out == "" and "--account EMAIL" in ended.err


@pytest.mark.parametrize("whose", [(), ("--account", "carol@example.com")])
def test_nobody_is_said(manage, whose):
    assert manage("connect", "--json", *whose).refusal["code"] == "no_account"
