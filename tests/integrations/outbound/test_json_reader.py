"""JSON of strangers: what is nested too deeply is refused before it is parsed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.outbound.json_reader import MAX_DEPTH, is_nested_deeper, parse_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.text('[]{}"\\a', max_size=6),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.text('[]{}"\\a', max_size=3), children, max_size=3)
    ),
    max_leaves=20,
)


def depth_of(value):
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(VALUES)
def test_depth_is_that_of_the_parsed_value(value):
    data, depth = json.dumps(value).encode(), depth_of(value)
    assert not is_nested_deeper(data, depth)
    assert depth == 0 or is_nested_deeper(data, depth - 1)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"\\"":'])
@pytest.mark.parametrize("count", [MAX_DEPTH + 1, 100_000])
def test_deep_json_is_refused(opening, count):
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_json(opening * count)


def test_deepest_json_is_read():
    assert depth_of(parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)) == MAX_DEPTH
