"""`idp keys`: the keys that sign tokens."""

import click

from idp.cli.running import open_context, show, succeed_or_fail
from idp.foundation.results import Refused
from idp.foundation.signing_keys import lifecycle, rules, store


@click.group()
def keys() -> None:
    """Signing keys."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_keys(as_json: bool) -> None:
    """List every signing key; never the private half."""
    names = ("kid", "alg", "state", "created_at", "activated_at", "retired_at")
    with open_context("operator") as ctx:
        rows = [{name: getattr(row, name) for name in names} for row in store.every(ctx.db)]
        show(rows, as_json=as_json)


@keys.command()
@click.option("--alg", "algorithms", multiple=True, type=click.Choice(rules.ALGORITHMS))
@click.option("--json", "as_json", is_flag=True)
def rotate(algorithms: tuple[str, ...], as_json: bool) -> None:
    """Publish new keys now; they sign when every application has had time to read them.

    Without --alg every algorithm gets one. The former keys stay published until what they signed is
    over. Nothing needs to be restarted.
    """
    with open_context("operator") as ctx:
        made = []
        for alg in algorithms or rules.ALGORITHMS:
            row = lifecycle.rotate(ctx, alg)
            succeed_or_fail(row)
            if not isinstance(row, Refused):
                begins = lifecycle.signs_from(ctx, row)
                made.append({"kid": row.kid, "alg": alg, "signs_from": begins})
    show(made, as_json=as_json)


@keys.command()
@click.argument("kid")
def withdraw(kid: str) -> None:
    """Trust a key no more, at once: for a private half that somebody else may have.

    Every token it signed stops verifying; people sign in again where an application asks them to.
    """
    with open_context("operator") as ctx:
        succeed_or_fail(lifecycle.withdraw(ctx, kid))
    click.echo(f"Withdrew {kid}.")
