"""What policies and lists name is what the code uses: nothing decides nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from idp.flows.disavowal import words
from idp.foundation.audit.events import Event
from idp.foundation.policies import load
from idp.people.credentials.rules import MAX_TYPED_CODE_POINTS
from idp.web.forms import AtMost, password_field
from tools.places import ROOT

# Words of the policy are data, and its own `active` picks among the profiles.
_NOT_ASKED_BY_NAME = {"en", "es", "profile", "profiles"}


def _sources(without: str) -> str:
    files = (path for path in (ROOT / "idp").rglob("*.py") if without not in path.as_posix())
    templates = (ROOT / "idp").rglob("*.html")
    return "\n".join(path.read_text(encoding="utf-8") for path in (*files, *templates))


def _numbers(model: BaseModel) -> Iterator[str]:
    for name, value in model:
        yield name
        for inner in value.values() if isinstance(value, dict) else [value]:
            if isinstance(inner, BaseModel):
                yield from _numbers(inner)


def test_each_value_of_a_policy_is_asked_for() -> None:
    policies, text = load(Path(ROOT / "policies")), _sources("policy_models")
    models = [getattr(policies, name) for name in policies.__slots__ if name != "hashes"]
    names = {name for model in models for name in _numbers(model)} - _NOT_ASKED_BY_NAME
    unused = [name for name in sorted(names) if not re.search(rf"\.{name}\b", text)]
    assert not unused, unused


def test_each_audit_event_is_recorded() -> None:
    text = _sources("audit/events.py")
    unused = {one.name for one in Event if not re.search(rf"\bEvent\.{one.name}\b", text)}
    assert not unused, unused


def test_a_password_field_takes_what_the_rules_take() -> None:
    field = password_field("Password", autocomplete="new-password")
    checks = vars(field)["kwargs"]["validators"]  # WTForms gives the field to a form later
    lengths = [vars(check)["_length"] for check in checks if isinstance(check, AtMost)]
    assert lengths == [MAX_TYPED_CODE_POINTS]


def _mailed_with_disavowal() -> set[str]:
    """Return the templates of notices that carry the link "this wasn't me"."""
    folder = ROOT / "idp" / "templates" / "mail"
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.txt")}
    return {name for name, text in texts.items() if "macros/disavow.txt" in text}


def test_each_notice_with_a_link_says_on_its_page_what_it_told_of() -> None:
    assert set(words.NOTICES) == _mailed_with_disavowal()
