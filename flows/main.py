"""The command line: what can be typed, and how it ends. Nothing heavy is imported until a command needs it."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from corpora.errors import SharedStoryError

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("flows.cli_setup:init", "Choose regions and start a workspace."),
    "collect": ("flows.cli_work:collect", "Fetch the feeds and keep what is new."),
    "import": ("flows.cli_import:import_archives", "Bring in archives: tables, WARC files, saved pages."),
    "judge": ("flows.cli_work:judge", "Read stories for the three frames (or a file of your own)."),
    "read": ("flows.cli_read:read", "Read stories in full: who says it, of whom, for what."),
    "show": ("flows.cli_read:show", "Show one story, sentence by sentence."),
    "locate": ("flows.cli_places:locate", "Say which local authorities texts are about."),
    "report": ("flows.cli_work:report", "Write the pages of one week."),
    "run": ("flows.cli_work:run", "Collect, judge and report in one go."),
    "demo": ("flows.cli_demo:demo", "Show it all on an invented county, offline."),
    "schedule": ("flows.cli_work:schedule", "Do it every Monday morning."),
    "keep": ("flows.cli_keep:keep", "Say how long full texts are kept."),
    "forget": ("flows.cli_keep:forget", "Take one story out for good."),
    "health": ("flows.cli_health:health", "See what each feed did in a week, and what is wrong."),
    "outlets": ("flows.cli_outlets:outlets", "See titles, feeds and regions; check, add, ask them."),
    "doctor": ("flows.cli_setup:doctor", "Check that everything needed is in place."),
    "corpora": ("flows.cli_corpora:corpora", "See public sets one may learn from, and fetch them."),
    "train": ("flows.cli_train:train", "Train the frame model on labelled sentences."),
}
"""Command, where it lives, and its line in the help: kept here so that `--help` imports none of them."""

EXIT_CODES = """\b
Exit codes:
  0   done
  1   a fault of the program (please report it)
  2   the command was not understood, or a setting is wrong
  3   done in part: some feeds or rows could not be read, or copies are left (they are named)
  10  unknown region            11  a file you named cannot be used
  12  something must be run first     13  the store cannot be used
  65  input set aside    74  a file could not be read or written
  75  try again later    77  refused    130  interrupted"""


class LazyGroup(click.Group):
    """A group whose commands are imported only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List commands from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="SHAREDSTORY_HOME",
    help="Folder of the workspace. Default: your data folder.",
)
@click.version_option(package_name="sharedstory")
@click.pass_context
def cli(ctx: click.Context, home: Path | None) -> None:
    """Follow what UK local news says about "us" and "them", who is blamed, and where a shared story is told.

    Begin with `sharedstory demo`, or with `sharedstory init "Leeds"` and `sharedstory run`.
    """
    from flows.settings import default_home

    ctx.obj = home or default_home()


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and end the process with a documented exit code."""
    sys.exit(run_cli(arguments))


def run_cli(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code. Failures become one or two plain lines, not a traceback."""
    try:
        result: Any = cli.main(args=arguments, prog_name="sharedstory", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except SharedStoryError as failure:
        _say("Error", failure.message, failure.what_next)
        return failure.exit_code
    except click.ClickException as failure:
        failure.show()
        return failure.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("Stopped", "Interrupted; what was finished is kept.", "Run the same command again to go on.")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as failure:
        where = f" ({failure.filename})" if failure.filename else ""
        _say("Error", f"{failure.strerror or failure}{where}.", "Nothing that was finished is lost; run it again.")
        return 74 if failure.errno is not None else 1
    except Exception as failure:
        if os.environ.get("SHAREDSTORY_TRACEBACK"):
            raise
        _say(
            "Error",
            f"The program failed in a way it should not: {type(failure).__name__}: {failure}.",
            "Nothing that was finished is lost. To help mend it, run again with SHAREDSTORY_TRACEBACK=1.",
        )
        return 1
    finally:
        if "flows.bench" in sys.modules:
            sys.modules["flows.bench"].close_benches()


def _say(kind: str, what: str, next_step: str) -> None:
    click.echo(f"{kind}: {what}", err=True)
    if next_step:
        click.echo(next_step, err=True)


if __name__ == "__main__":
    main()
