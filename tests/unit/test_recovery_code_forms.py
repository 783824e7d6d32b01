"""How recovery codes are written and read."""

import re

import pytest

from idp.foundation.context import Context
from idp.people.credentials import recovery_codes


@pytest.mark.parametrize(
    "typed",
    [
        "ABCD-1230-EFGH-01XZ",
        "abcd1230efgh01xz",
        " abcd 123o efgh oixz ",
        "ABCD–123O–EFGH–0LXZ",
        "abcd_1230_efgh_0ixz",
    ],
)
def test_a_code_survives_handwriting(typed: str) -> None:
    assert recovery_codes.canonical(typed) == "ABCD1230EFGH01XZ"


def test_a_set_has_ten_codes_of_eighty_bits_in_groups_of_four(ctx: Context) -> None:
    codes = recovery_codes.make(ctx)
    assert len(set(codes)) == 10
    for code in codes:
        assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code)
        assert recovery_codes.shown(recovery_codes.canonical(code)) == code
