"""`gittrack merge`."""

from __future__ import annotations

import click

from gittrack.cli import errors, options, output
from gittrack.terminal.escape import line


@options.verb("merge")
@click.argument("topic")
@click.option("-d", "--delete", is_flag=True, help="Delete the topic from this clone afterwards.")
@options.json_option
def command(ctx: click.Context, topic: str, *, delete: bool, as_json: bool) -> None:
    """Bring the runs of a topic into the runs branch, without a host.

    Nothing can conflict: each run is a directory of its own. `gittrack push` shares the result.
    """
    from gittrack.store import topics

    merged = topics.merge(options.store(ctx), topic, remove=delete)
    if as_json:
        output.emit_json(merged.to_record())
    else:
        output.emit_lines(f"{what:8} {line(run)}" for run, what in sorted(merged.runs.items()))
        count = len(merged.runs)
        gone = "; it is deleted here" if merged.deleted else ""
        what = f"{count:,} {'run' if count == 1 else 'runs'} of {line(topic)} came to gittrack/runs"
        click.echo(f"{what}{gone}." if count else f"gittrack/runs has all of {line(topic)}{gone}.", err=True)
    for problem in merged.problems:
        errors.tell(problem, kind="warning: ")
