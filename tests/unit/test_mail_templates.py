"""Every mail has both parts, each on the common frame, and loads nothing from anywhere."""

import re
from pathlib import Path

import pytest

import idp

FOLDER = Path(idp.__file__).parent / "templates" / "mail"
NAMES = sorted({file.stem for file in FOLDER.iterdir()} - {"base"})


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_has_text_and_html_on_the_common_frame(name: str) -> None:
    for ending in ("txt", "html"):
        source = (FOLDER / f"{name}.{ending}").read_text(encoding="utf-8")
        assert source.lstrip().startswith(f'{{% extends "mail/base.{ending}" %}}')
        assert "{% block subject %}" in source
        assert "{% block body %}" in source


@pytest.mark.parametrize("name", NAMES)
def test_RC_01_a_mail_writes_no_address_of_its_own(name: str) -> None:
    for ending in ("txt", "html"):
        source = (FOLDER / f"{name}.{ending}").read_text(encoding="utf-8")
        assert not re.search(r"https?://|src=|url_for|\| *safe", source)
