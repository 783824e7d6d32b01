"""`idp routes`, `policies`, `secrets`: what is there, and the key files of a new place."""

import click

from idp.cli.running import application, show
from idp.foundation import key_ring
from idp.settings import load_settings
from idp.web.guards import declared_by


@click.command()
@click.option("--json", "as_json", is_flag=True)
def routes(as_json: bool) -> None:
    """List every path: its methods, who may use it, and whether its POST needs a form token."""
    app = application()
    rows = []
    for rule in sorted(app.url_map.iter_rules(), key=str):
        declared = declared_by(app.view_functions[rule.endpoint])
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        who = declared.who if declared else "anyone (files)"
        csrf = bool(declared and declared.csrf and "POST" in methods)
        rows.append({"path": str(rule), "methods": methods, "who": who, "csrf": csrf})
    show(rows, as_json=as_json)


@click.group()
def policies() -> None:
    """The rules in force."""


@policies.command()
@click.option("--json", "as_json", is_flag=True)
def check(as_json: bool) -> None:
    """Read every policy file and print its SHA-256; status 1 names the file that is wrong."""
    found = application().extensions["idp"].policies.hashes
    show([{"policy": name, "sha256": text} for name, text in found.items()], as_json=as_json)


@click.group()
def secrets() -> None:
    """Key files."""


@secrets.command()
def init() -> None:
    """Make the key files that are missing; they are needed for ever, so keep a copy apart."""
    folder = load_settings().secrets
    made = key_ring.make_missing(folder)
    click.echo(f"Made {', '.join(made) or 'nothing'} in {folder}.")
