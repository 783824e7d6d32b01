"""Parameters are read once, from the bytes that were sent."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.errors import ProtocolError
from idp.oidc.parameters import Malformed, Parameters, parse


def read(raw: bytes) -> Parameters:
    return parse(raw, longest=16384, most=64)


@pytest.mark.parametrize(
    ("raw", "values", "repeated"),
    [
        (b"", {}, set()),
        (b"a=1&b=2", {"a": "1", "b": "2"}, set()),
        (b"a=&b", {}, set()),
        (b"a=1&a=2", {"a": "1"}, {"a"}),
        (b"a=&a=2", {"a": "2"}, {"a"}),
        (b"a=x+y%20z%2B", {"a": "x y z+"}, set()),
        (b"%61=1&a=2", {"a": "1"}, {"a"}),
        (b"a=1=2;b=3", {"a": "1=2;b=3"}, set()),
        (b"&&a=1&&", {"a": "1"}, set()),
        (b"a=%C3%BC", {"a": "ü"}, set()),
    ],
)
def test_each_name_has_one_value(raw: bytes, values: dict[str, str], repeated: set[str]) -> None:
    found = read(raw)
    assert found.values == values
    assert found.repeated == repeated


@pytest.mark.parametrize("raw", [b"a=%", b"a=%2", b"a=%zz", b"%=1", b"a=\xff", b"a=%ff", b"a=%C3"])
def test_what_can_be_read_in_two_ways_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw)


def test_sizes_are_bounded() -> None:
    assert len(read(b"&".join(b"a%d=1" % number for number in range(64))).values) == 64
    with pytest.raises(Malformed):
        read(b"&".join(b"a%d=1" % number for number in range(65)))
    with pytest.raises(Malformed):
        read(b"a=" + b"x" * 16383)


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=20))
def test_what_is_encoded_comes_back(values: dict[str, str]) -> None:
    clean = {
        name.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode()
        for name, value in values.items()
    }
    assert read(urlencode(clean).encode()).values == clean


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        found = read(raw)
    except Malformed:
        return
    assert all(value for value in found.values.values())


@pytest.mark.parametrize("text", ["", 'a "quoted" word', "back\\slash", "ü", "two\nlines"])
def test_error_texts_keep_to_the_characters_of_the_standard(text: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        ProtocolError("invalid_request", text)
