"""What a server process does before the first person comes."""

import runpy
from pathlib import Path

import pytest

from idp.people.credentials import hashing
from tools.places import ROOT


def test_LG_08_a_process_that_serves_pages_has_made_the_dummys_hash(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IDP_ENVIRONMENT", "test")
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path))
    hashing._made.cache_clear()
    application = runpy.run_path(str(ROOT / "wsgi.py"))["application"]
    assert hashing._made.cache_info().currsize == 1
    parts = application.extensions["idp"]
    hashing.hashes(parts.policies.password.hash, parts.pepper)
    assert hashing._made.cache_info().misses == 1
