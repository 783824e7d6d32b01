"""The `idp` commands: what operators and set-up do without a browser.

Secrets come from standard input or files, never from the command line, where other users of the
machine could read them.
"""

import click

from idp.cli.accounts import accounts, organizations
from idp.cli.audit import audit
from idp.cli.clients import clients
from idp.cli.conformance import conformance
from idp.cli.database import database
from idp.cli.demonstration import demo
from idp.cli.inspection import policies, routes, secrets
from idp.cli.keys import keys
from idp.cli.passwords import passwords
from idp.cli.queue import queue
from idp.cli.work import purge, worker


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Run the identity provider's commands; settings come from config/ and IDP_*."""


for command in (
    accounts, audit, clients, conformance, database, demo, keys, organizations, passwords,
    policies, purge, queue, routes, secrets, worker,
):  # fmt: skip
    main.add_command(command)
