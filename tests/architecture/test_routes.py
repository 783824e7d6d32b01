"""Every page says who may open it."""

import pytest
from flask import Flask

from idp.web.guards import Who, declared_by, page

# Flask's own view of files that anybody may have.
_STATIC = "static"


def test_every_view_declares_who_may_open_it(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != _STATIC]
    assert rules, "no route found"
    undeclared = [
        str(rule) for rule in rules if declared_by(app.view_functions[rule.endpoint]) is None
    ]
    assert not undeclared, undeclared


def test_forms_of_people_are_protected_from_other_sites(app: Flask) -> None:
    unprotected = [
        str(rule)
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or set())
        and (declared := declared_by(app.view_functions[rule.endpoint])) is not None
        and declared.who in {"anyone", "signed_in"}
        and not declared.csrf
        and not declared.parses_itself
    ]
    assert not unprotected, unprotected


@pytest.mark.parametrize("who", ["anyone", "client", "bearer", "operator", "development"])
def test_only_a_signed_in_page_may_say_that_it_counts_no_activity(who: Who) -> None:
    with pytest.raises(ValueError, match="counts no activity anyway"):
        page(who, counts_as_activity=False)
    page("signed_in", counts_as_activity=False)


@pytest.mark.parametrize("path", ["/nowhere", "/sign-in/nowhere"])
def test_an_unknown_address_is_a_page_that_helps(app: Flask, path: str) -> None:
    answer = app.test_client().get(path)
    assert answer.status_code == 404
    assert "<h1" in answer.text
