"""Every adapter, over real HTTP, against what its platform documents.

A folder in tests/fixtures/recordings is a platform's test: it lists the calls of each verb and
their responses (`slack` is the simplest). Then each of these calls fails in every possible way.
"""

import email.utils
import logging
import time
from dataclasses import replace
from types import SimpleNamespace

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
from integrations.platforms.base import Readback, Rendition, UploadReceipt, UploadStatus
from integrations.platforms.client import GONE_STATUSES
from tests.support.platforms.platform_account import FOLDERS, PICTURE, RecordedAccount
from tests.support.platforms.recordings import TOKEN, Failure, is_read_only, load_recording

KINDS = {
    kind.__name__: kind
    for kind in (ManualActionRequired, Rejected, RateLimited, Unauthorized, Unavailable, Uncertain)
}
# What a status means to a call that writes, and to one that reads.
WRITE = {
    400: Rejected,
    401: Unauthorized,
    403: Rejected,
    **dict.fromkeys(GONE_STATUSES, ManualActionRequired),
    413: Rejected,
    422: Rejected,
    429: RateLimited,
    500: Uncertain,
    502: Uncertain,
    503: Unavailable,
    504: Uncertain,
}
READ = WRITE | dict.fromkeys(GONE_STATUSES, Rejected) | dict.fromkeys((500, 502, 504), Unavailable)
SHAPES = [b"[]", b"{}", b"null", b"7", b'"x"', b'{"data": null}', b"[null]"]
SLOW = Limits(connect=1, read=0.25, total=1)


@pytest.fixture(params=FOLDERS)
def account(request, trusted):
    return RecordedAccount(request.param, trusted)


def run_as_documented(account: RecordedAccount, verb):
    """Return the result of a verb whose calls all arrived as documented."""
    result = account.run(verb)
    assert not account.replay.wrong
    assert account.replay.arrived == len(account.calls(verb))
    return result


def test_every_platform_is_recorded():
    assert {platform.slug for platform in registry.all_platforms()} <= set(FOLDERS)


def test_account_is_known_by_every_way_in(account: RecordedAccount):
    for way in range(len(account.platform.auth)):
        identity = run_as_documented(
            RecordedAccount(account.folder, account.replay, way=way), "identify"
        )
        assert {"id": identity.id, "name": identity.name, "url": identity.url} == account.recorded[
            "account"
        ]
        assert identity.facts == account.recorded.get("facts", {})


def test_named_server_is_resolved_to_its_true_address(account: RecordedAccount):
    if account.calls("meet"):
        server, _ = run_as_documented(account, "meet")
        assert server == account.recorded.get("met", account.server)


def test_current_picture_is_read(account: RecordedAccount):
    wanted = account.recorded["picture"]
    live = run_as_documented(account, "current")
    assert (live.key, live.url) == (wanted["key"], wanted.get("url", ""))
    assert live.data == (PICTURE if wanted.get("image") else b"")
    assert live.alt_text == wanted.get("alt_text", "")
    assert live.original_url == wanted.get("original_url", "")


def test_no_picture_is_none(account: RecordedAccount):
    if account.calls("unset"):
        assert run_as_documented(account, "unset") is None


def test_picture_is_published_as_documented(account: RecordedAccount):
    receipt = run_as_documented(account, "publish")
    assert receipt == account.receipt


def test_platform_that_fetches_the_picture_needs_an_address(account: RecordedAccount):
    if "{url}" in str(account.recorded["calls"]):
        account.rendition = replace(account.rendition, url="")
        with pytest.raises(ManualActionRequired):
            account.run("publish")
        assert not account.replay.connected


def test_check_tells_the_recorded_picture_from_others(account: RecordedAccount):
    assert run_as_documented(account, "check") == account.recorded["checked"]
    if account.platform.readback != Readback.PIXELS and account.receipt.key:
        live = account.recorded["picture"]["key"]
        for key, outcome in ((live, UploadStatus.PUBLISHED), ("another", UploadStatus.ABSENT)):
            account.receipt = UploadReceipt(key)
            assert run_as_documented(account, "check") == outcome


def test_picture_from_before_is_put_back(account: RecordedAccount):
    assert run_as_documented(account, "withdraw") is None


@pytest.mark.parametrize("is_kept", [True, False])
def test_discourse_selects_the_upload_that_it_still_has(is_kept):
    """A template leads to scaled files only; the upload itself is selected by its id."""
    calls = []

    class Forum:
        facts = {"user": "alice", "id": 7}

        def unexpected_response_error(self):
            return Rejected("Another answer.")

        def send_request(self, _method, _path, json, absent_status=0):
            calls.append(json)
            is_missing = absent_status and not is_kept
            return SimpleNamespace(status=422 if is_missing else 200, json=dict)

        def post_for_json(self, _path, files, **_form):
            calls.append(files["file"][1])
            return {"id": 99}

        def get_json(self, _path):
            return {"user": {"id": 7, "avatar_template": "/user_avatar/f/alice/{size}/99_2.png"}}

        def absolute_url(self, path):
            return f"https://f{path}"

    adapter = registry.get_adapter("discourse")
    template = "/user_avatar/forum.example.org/alice/{size}/12_2.png"
    earlier = Rendition(b"scaled", "png", earlier_key=template)
    adapter.restore_previous_picture(Forum(), adapter.platform.slot, earlier)
    selected = {"upload_id": 12, "type": "uploaded"}
    uploaded = [b"scaled", {"upload_id": 99, "type": "uploaded"}]
    assert calls == ([selected] if is_kept else [selected, *uploaded])


def test_picture_is_removed_or_the_person_is_asked_to(account: RecordedAccount):
    if account.recorded["verbs"]["remove"] == "ManualActionRequired":
        with pytest.raises(ManualActionRequired):
            account.run("remove")
        assert not account.replay.connected
    else:
        assert run_as_documented(account, "remove") is None


def wanted_kind(call, status, *, doubt):
    """Return the error that a status means at a call; None if it is no error there."""
    recorded = call.get("kinds", {}).get(str(status))
    if recorded == "absent":
        return None
    if doubt and is_read_only(call):
        return Uncertain
    return KINDS[recorded] if recorded else (READ if is_read_only(call) else WRITE)[status]


def failures(call, *, doubt, secrets):
    """Yield every way a call can fail, with the error it is."""
    lost = Uncertain if doubt or not is_read_only(call) else Unavailable
    repeated = " ".join(secrets)  # as some platforms do
    echo = f'{{"error": "no, {repeated}"}}'.encode()
    for status in WRITE:
        yield Failure(str(status), status, echo), wanted_kind(call, status, doubt=doubt)
    yield Failure("refused"), Uncertain if doubt and is_read_only(call) else Unavailable
    yield Failure("hangs up", closes_connection=True), lost
    if "answer" in call or call.get("image"):
        yield Failure("empty", 200, b""), lost
    if "answer" in call:
        yield Failure("broken", 200, b'{"half":'), lost
        yield Failure("a page", 200, b"<!doctype html><title>Sign in"), lost


def error_of(account: RecordedAccount, verb, index, failure):
    """Return the error of a verb whose call number `index` fails; None if it raises none."""
    try:
        account.run(verb, failing=index, failure=failure)
    except PlatformError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the test reports which error it was
        return error
    return None


def readable_text(error):
    """Return everything that can be read of an error and its causes."""
    texts = []
    while error is not None:
        texts += [repr(error), str(error), repr(getattr(error, "__dict__", ""))]
        error = error.__cause__ or error.__context__
    return " ".join(texts)


def each_call(account: RecordedAccount):
    """Yield each call of each verb, and whether the verb has written something before it."""
    for verb in account.verbs():
        calls = account.calls(verb)
        for index, call in enumerate(calls):
            wrote = any(not is_read_only(earlier) for earlier in calls[:index])
            yield verb, index, call, wrote


@pytest.mark.slow
def test_every_failure_of_every_call_is_of_its_kind(account: RecordedAccount, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = []
    for verb, index, call, doubt in each_call(account):
        secrets = [TOKEN, *(account.recorded.get("secrets", []) if index else [])]
        for failure, kind in failures(call, doubt=doubt, secrets=secrets):
            error = error_of(account, verb, index, failure)
            wrong += account.replay.wrong
            if type(error) is not (kind or type(None)):
                wrong.append(f"{verb}, {call['ask']}, {failure.name}: {error!r}, not {kind}")
            if "canary-" in readable_text(error):
                wrong.append(f"{verb}, {call['ask']}, {failure.name} tells: {readable_text(error)}")
    assert not wrong, "\n".join(wrong)
    assert "canary-" not in caplog.text


@pytest.mark.slow
def test_unexpected_answer_is_never_a_stray_error(account: RecordedAccount):
    wrong = []
    for verb, index, call, doubt in each_call(account):
        for body in SHAPES if "answer" in call else ():
            error = error_of(account, verb, index, Failure("shape", 200, body))
            lost = Uncertain if doubt or not is_read_only(call) else Unavailable
            if error is not None and type(error) not in (lost, Rejected):
                wrong.append(f"{verb}, {call['ask']}, {body!r}: {error!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_platform_that_is_too_busy_says_when_to_come_back(account: RecordedAccount):
    soon, date = {"Retry-After": "7"}, email.utils.formatdate(time.time() + 3600, usegmt=True)
    for verb, index, _, doubt in each_call(account):
        if doubt:
            continue
        error = error_of(account, verb, index, Failure("busy", 429, b"", soon))
        assert error.retry_after == 7
        error = error_of(account, verb, index, Failure("busy", 429, b"", {"Retry-After": date}))
        assert 3500 < error.retry_after <= 3600


@pytest.mark.slow
def test_silence_after_a_write_is_uncertain(trusted, account):
    slow = RecordedAccount(account.folder, trusted, limits=SLOW)
    for verb, index, call, _ in each_call(slow):
        if verb in ("publish", "remove") and not is_read_only(call):
            assert (
                type(error_of(slow, verb, index, Failure("silent", sends_nothing=True)))
                is Uncertain
            )


ODDITIES = [
    pytest.param(folder, number, id=f"{folder}-{odd['at']}-{odd.get('says', odd['kind'])}")
    for folder in FOLDERS
    for number, odd in enumerate(load_recording(folder).get("odd", []))
]


@pytest.mark.parametrize(("folder", "number"), ODDITIES)
def test_documented_oddity_is_of_its_kind(trusted, folder, number):
    account = RecordedAccount(folder, trusted)
    odd = account.recorded["odd"][number]
    failure = Failure("odd", odd.get("status", 200), odd["answer"].encode())
    request = account.recorded["calls"][odd["at"]]["ask"]
    candidates = [
        (wrote, verb, index)
        for verb, index, call, wrote in each_call(account)
        if call["ask"] == request
    ]
    _, verb, index = min(
        candidates, key=lambda candidate: candidate[0]
    )  # not as a read after a write
    error = error_of(account, verb, index, failure)
    assert type(error) is KINDS[odd["kind"]]
    assert odd.get("says", "") in error.message
