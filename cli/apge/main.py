"""The commands, each in a file of its own. A file imports what is slow only when its command runs, so that each starts quickly."""

import sys

import typer

from apge import demo, doctor, load, push, rebuild, reconcile, scorecard, status, tokens, up, watch
from apge.trouble import Trouble

commands = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="APGE Monitor: a gender-equality action plan, live and with proof.",
)
for command in (
    up.up,
    load.load,
    demo.demo,
    push.push,
    scorecard.scorecard,
    status.status,
    watch.watch,
    rebuild.rebuild,
    reconcile.reconcile,
    tokens.token,
    doctor.doctor,
):
    commands.command()(command)


def app() -> None:
    """Runs the command that was named. What goes wrong is one sentence on standard error, and exit code 1."""
    try:
        commands()
    except Trouble as trouble:
        sys.stderr.write(f"apge: {trouble}\n")
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()  # who read our output has enough of it
