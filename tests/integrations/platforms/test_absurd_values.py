"""Each value in each documented answer is replaced by absurd ones: a result or a PlatformError."""

import json
import logging
import zlib

import pytest

from integrations.errors import PlatformError
from integrations.platforms.base import AccountIdentity, ProfilePicture, UploadReceipt
from tests.support.platforms.platform_account import FOLDERS, RecordedAccount
from tests.support.platforms.recordings import Failure

ABSURD = [
    *(b"1e400", b"NaN", b"9" * 400, b"9" * 5000, b"-1", b"1.5", b"null", b"true"),
    *(b"[]", b"{}", b'""', b"[null]", b'{"a": [1]}', b"[" * 100_000, b'"' + b"x" * 10_000 + b'"'),
    *(b'"\\ud800"', b'"\\u0000"', b'"\xff"', b'"http://[bad"', b'"//"', b'"javascript:x"'),
]
MARK = "the value to be replaced"


def variants_of(answer):
    """Yield the JSON of an answer with one value replaced by the mark, for every value."""
    yield json.dumps(MARK)
    document = json.loads(answer)

    def walk(value, replace):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in list(items):
            value[key] = MARK
            yield json.dumps(replace())
            value[key] = item
            if isinstance(item, (dict, list)):
                yield from walk(item, replace)

    if isinstance(document, (dict, list)):
        yield from walk(document, lambda: document)


def absurd_answers(account):
    """Yield verb, index of the call and body for every value of every documented answer."""
    for verb in account.verbs():
        for index, call in enumerate(account.calls(verb)):
            if call.get("answer", "").startswith(("{", "[")):
                for text in variants_of(call["answer"]):
                    for value in ABSURD:
                        yield verb, index, text.encode().replace(json.dumps(MARK).encode(), value)


def check_result(result):
    """What comes out can be stored as it is."""
    texts = []
    if isinstance(result, AccountIdentity):
        texts = [result.id, result.name, result.url, json.dumps(result.facts)]
        json.dumps(result.facts, allow_nan=False)
        assert 0 < len(result.id) <= 255
    elif isinstance(result, ProfilePicture):
        texts = [result.key, result.url, result.alt_text]
    elif isinstance(result, UploadReceipt):
        texts = [result.key, json.dumps(result.facts)]
    for text in texts:
        assert "\x00" not in text
        text.encode()


def run_absurd(account, share=1):
    logging.disable(logging.WARNING)
    wrong = []
    for number, (verb, index, body) in enumerate(absurd_answers(account)):
        if zlib.crc32(b"%d" % number) % share:
            continue
        try:
            check_result(account.run(verb, failing=index, failure=Failure("absurd", 200, body)))
        except PlatformError:
            pass
        except Exception as error:  # noqa: BLE001 - the test reports which error it was
            wrong.append(f"{verb} {index}: {error!r} for {body[:200]!r}")
    logging.disable(logging.NOTSET)
    assert not wrong, "\n".join(wrong[:10])


@pytest.mark.parametrize("folder", FOLDERS)
def test_some_absurd_values_are_understood_or_errors(folder, trusted):
    run_absurd(RecordedAccount(folder, trusted), share=200)


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_absurd_value_is_understood_or_an_error(folder, trusted):
    run_absurd(RecordedAccount(folder, trusted), share=5)
