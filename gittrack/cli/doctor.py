"""`gittrack doctor`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import click

from gittrack.cli import options, output
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gittrack.store.doctor.checkup import Finding

_COLOURS = {"ok": "green", "info": "cyan", "warning": "yellow", "error": "red"}


@options.verb("doctor")
@click.option("--repair", "repairing", is_flag=True, help="Repair what is safe.")
@options.json_option
def command(ctx: click.Context, *, repairing: bool, as_json: bool) -> int:
    """Check the store and repair what is safe.

    Exit status 1 when there is an error, or something to repair is left.
    """
    from gittrack.store.doctor import checkup

    store = options.store(ctx, recover=False)
    findings = checkup.diagnose(store)
    done: list[str] = []
    if repairing and any(finding.repairable for finding in findings):
        done = checkup.repair(store, findings)
        findings = checkup.diagnose(store)
    if as_json:
        records = [dataclasses.asdict(one) | {"repairable": one.repairable} for one in findings]
        output.emit_json({"findings": records, "repaired": done})
    else:
        _show(findings, done)
    return int(any(finding.level == "error" or finding.repairable for finding in findings))


def _show(findings: Sequence[Finding], done: Sequence[str]) -> None:
    for sentence in done:
        _say("repaired", "green", sentence)
    for finding in findings:
        _say(finding.level, _COLOURS[finding.level], finding.what)
        if finding.hint:
            click.echo(f"{'':8} {line(finding.hint)}")
    left = sum(finding.repairable for finding in findings)
    if left:
        click.echo(f"`gittrack doctor --repair` repairs {left} of these.", err=True)


def _say(word: str, colour: str, text: str) -> None:
    click.echo(f"{click.style(f'{word:8}', fg=colour)} {line(text)}", color=output.colours())
