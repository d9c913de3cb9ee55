"""The contract of every adapter, on the real HTTP path, against what its platform documents.

A folder in tests/fixtures/recordings is a platform's test: which calls each verb makes and what is answered
(`slack` is the plainest). Then each of these calls fails in every way there is.
"""

import email.utils
import logging
import time
from dataclasses import replace

import pytest

from integrations.errors import (
    ManualActionRequired,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Uncertain,
)
from integrations.outbound.client import Limits
from integrations.platforms import registry
from integrations.platforms.base import Outcome, Readback, Receipt
from integrations.platforms.client import GONE
from tests.support.platform_account import FOLDERS, PICTURE, Account
from tests.support.recordings import TOKEN, Failure, reads, recording

KINDS = {
    kind.__name__: kind
    for kind in (ManualActionRequired, Rejected, RateLimited, Unauthorized, Unavailable, Uncertain)
}
# What a status means to a call that writes, and to one that reads.
WRITE = {
    400: Rejected,
    401: Unauthorized,
    403: Rejected,
    **dict.fromkeys(GONE, ManualActionRequired),
    413: Rejected,
    422: Rejected,
    429: RateLimited,
    500: Uncertain,
    502: Uncertain,
    503: Unavailable,
    504: Uncertain,
}
READ = WRITE | dict.fromkeys(GONE, Rejected) | dict.fromkeys((500, 502, 504), Unavailable)
SHAPES = [b"[]", b"{}", b"null", b"7", b'"x"', b'{"data": null}', b"[null]"]
SLOW = Limits(connect=1, read=0.25, total=1)


@pytest.fixture(params=FOLDERS)
def account(request, trusted):
    return Account(request.param, trusted)


def done(account, verb):
    """What a verb gives, once every call came as documented."""
    got = account.run(verb)
    assert not account.replay.wrong
    assert account.replay.arrived == len(account.calls(verb))
    return got


def test_every_platform_is_recorded():
    assert {one.slug for one in registry.platforms()} <= set(FOLDERS)


def test_account_is_known_by_every_way_in(account):
    for way in range(len(account.platform.auth)):
        who = done(Account(account.folder, account.replay, way=way), "identify")
        assert {"id": who.id, "name": who.name, "url": who.url} == account.told["account"]
        assert who.facts == account.told.get("facts", {})


def test_server_is_met_where_it_lives(account):
    if account.calls("meet"):
        server, _ = done(account, "meet")
        assert server == account.told.get("met", account.server)


def test_picture_that_hangs_there_is_found(account):
    wanted = account.told["picture"]
    live = done(account, "current")
    assert (live.key, live.url) == (wanted["key"], wanted.get("url", ""))
    assert live.data == (PICTURE if wanted.get("image") else b"")
    assert live.alt_text == wanted.get("alt_text", "")


def test_no_picture_is_none(account):
    if account.calls("unset"):
        assert done(account, "unset") is None


def test_picture_is_published_as_documented(account):
    receipt = done(account, "publish")
    assert receipt == account.receipt


def test_platform_that_fetches_the_picture_needs_an_address(account):
    if "{url}" in str(account.told["calls"]):
        account.rendition = replace(account.rendition, url="")
        with pytest.raises(ManualActionRequired):
            account.run("publish")
        assert not account.replay.connected


def test_check_tells_the_recorded_picture_from_others(account):
    assert done(account, "check") == account.told["checked"]
    if account.platform.readback != Readback.PIXELS and account.receipt.key:
        live = account.told["picture"]["key"]
        for key, outcome in ((live, Outcome.PUBLISHED), ("another", Outcome.ABSENT)):
            account.receipt = Receipt(key)
            assert done(account, "check") == outcome


def test_picture_from_before_is_put_back(account):
    assert done(account, "withdraw") is None


def test_picture_is_removed_or_the_person_is_asked_to(account):
    if account.told["verbs"]["remove"] == "HandOff":
        with pytest.raises(ManualActionRequired):
            account.run("remove")
        assert not account.replay.connected
    else:
        assert done(account, "remove") is None


def wanted_kind(call, status, *, doubt):
    """What a status means at a call; None if it is an answer there."""
    told = call.get("kinds", {}).get(str(status))
    if told == "absent":
        return None
    if doubt and reads(call):
        return Uncertain
    return KINDS[told] if told else (READ if reads(call) else WRITE)[status]


def failures(call, *, doubt, secrets):
    """Every way a call can fail, and the kind it is of."""
    lost = Uncertain if doubt or not reads(call) else Unavailable
    repeated = " ".join(secrets)  # as some platforms do
    echo = f'{{"error": "no, {repeated}"}}'.encode()
    for status in WRITE:
        yield Failure(str(status), status, echo), wanted_kind(call, status, doubt=doubt)
    yield Failure("refused"), Uncertain if doubt and reads(call) else Unavailable
    yield Failure("hangs up", late=True), lost
    if "answer" in call or call.get("image"):
        yield Failure("empty", 200, b""), lost
    if "answer" in call:
        yield Failure("broken", 200, b'{"half":'), lost
        yield Failure("a page", 200, b"<!doctype html><title>Sign in"), lost


def meets(account, verb, index, failure):
    """The error of a verb one call of which fails, and everything that it says."""
    try:
        account.run(verb, failing=index, failure=failure)
    except PlatformError as error:
        return error
    except Exception as error:  # noqa: BLE001 - which one it was is what the test says
        return error
    return None


def said(error):
    """Everything that anybody could read of an error, its causes included."""
    texts = []
    while error is not None:
        texts += [repr(error), str(error), repr(getattr(error, "__dict__", ""))]
        error = error.__cause__ or error.__context__
    return " ".join(texts)


def each_call(account):
    """Each documented call of each verb, and whether the verb has written something before it."""
    for verb in account.verbs():
        calls = account.calls(verb)
        for index, call in enumerate(calls):
            wrote = any(not reads(one) for one in calls[:index])
            yield verb, index, call, wrote


@pytest.mark.slow
def test_every_failure_of_every_call_is_of_its_kind(account, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = []
    for verb, index, call, doubt in each_call(account):
        secrets = [TOKEN, *(account.told.get("secrets", []) if index else [])]
        for failure, kind in failures(call, doubt=doubt, secrets=secrets):
            error = meets(account, verb, index, failure)
            wrong += account.replay.wrong
            if type(error) is not (kind or type(None)):
                wrong.append(f"{verb}, {call['ask']}, {failure.name}: {error!r}, not {kind}")
            if "canary-" in said(error):
                wrong.append(f"{verb}, {call['ask']}, {failure.name} tells: {said(error)}")
    assert not wrong, "\n".join(wrong)
    assert "canary-" not in caplog.text


@pytest.mark.slow
def test_unexpected_answer_is_never_a_stray_error(account):
    wrong = []
    for verb, index, call, doubt in each_call(account):
        for body in SHAPES if "answer" in call else ():
            error = meets(account, verb, index, Failure("shape", 200, body))
            lost = Uncertain if doubt or not reads(call) else Unavailable
            if error is not None and type(error) not in (lost, Rejected):
                wrong.append(f"{verb}, {call['ask']}, {body!r}: {error!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_platform_that_is_too_busy_says_when_to_come_back(account):
    soon, date = {"Retry-After": "7"}, email.utils.formatdate(time.time() + 3600, usegmt=True)
    for verb, index, _, doubt in each_call(account):
        if doubt:
            continue
        error = meets(account, verb, index, Failure("busy", 429, b"", soon))
        assert error.retry_after == 7
        error = meets(account, verb, index, Failure("busy", 429, b"", {"Retry-After": date}))
        assert 3500 < error.retry_after <= 3600


@pytest.mark.slow
def test_silence_after_a_write_is_uncertain(trusted, account):
    slow = Account(account.folder, trusted, limits=SLOW)
    for verb, index, call, _ in each_call(slow):
        if verb in ("publish", "remove") and not reads(call):
            assert type(meets(slow, verb, index, Failure("silent", silent=True))) is Uncertain


ODDITIES = [
    pytest.param(folder, number, id=f"{folder}-{odd['at']}-{odd.get('says', odd['kind'])}")
    for folder in FOLDERS
    for number, odd in enumerate(recording(folder).get("odd", []))
]


@pytest.mark.parametrize(("folder", "number"), ODDITIES)
def test_documented_oddity_is_of_its_kind(trusted, folder, number):
    account = Account(folder, trusted)
    odd = account.told["odd"][number]
    failure = Failure("odd", odd.get("status", 200), odd["answer"].encode())
    asked = account.told["calls"][odd["at"]]["ask"]
    places = [
        (wrote, verb, index)
        for verb, index, call, wrote in each_call(account)
        if call["ask"] == asked
    ]
    _, verb, index = min(places, key=lambda place: place[0])  # not as a read after a write
    error = meets(account, verb, index, failure)
    assert type(error) is KINDS[odd["kind"]]
    assert odd.get("says", "") in error.message
