"""What `push` and `pull` say."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from gittrack.cli import errors, output, transfers
from gittrack.terminal.escape import line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gittrack.store.sync.share import Outcome

_SHOWN = 20
_INBOX = "Inboxed: somebody else was pushing. The next push of anybody moves these runs into the branch."


def report(outcome: Outcome, *, as_json: bool) -> None:
    """Say what became of each run, or print the outcome."""
    if as_json:
        output.emit_json(outcome.to_record())
    else:
        where = line(outcome.remote if outcome.remote == outcome.url else f"{outcome.remote} ({outcome.url})")
        _runs(outcome.sent)
        _runs(outcome.received, "received ")
        _models(outcome.models)
        _topics(outcome, where)
        _summary(outcome, where)
    for problem in outcome.problems:
        errors.tell(problem, kind="warning: ")


def _runs(runs: Mapping[str, str], prefix: str = "") -> None:
    for run_id, what in list(runs.items())[:_SHOWN]:
        click.echo(f"{prefix + what:16} {line(run_id)}")
    if len(runs) > _SHOWN:
        click.echo(f"{'':16} and {len(runs) - _SHOWN:,} more")


def _models(models: Mapping[str, str]) -> None:
    for name, what in sorted(models.items()):
        click.echo(f"{what:16} model {line(name)}")


_TOPICS = {
    "sent": "is on {where}.",
    "received": "has the runs of {where}.",
    "merged": "is merged and gone from {where}: removed here, its runs are in the runs branch.",
    "there": "is on {where} only: `gittrack branch --switch {name}` takes it.",
}


def _topics(outcome: Outcome, where: str) -> None:
    for name, what in sorted(outcome.topics.items()):
        shown = line(name)
        click.echo(f"topic {shown} {_TOPICS[what].format(where=where, name=shown)}", err=True)


def _summary(outcome: Outcome, where: str) -> None:
    if outcome.up_to_date:
        click.echo(f"{where} and this clone have the same runs.", err=True)
        return
    parts = []
    if outcome.sent:
        parts.append(f"sent {_counts(outcome.sent)} to {where}")
    if outcome.received:
        parts.append(f"received {_counts(outcome.received)} from {where}")
    if not parts and "sent" in outcome.models.values():
        parts.append(f"sent changes of models to {where}")
    if outcome.snapshots:
        word = "snapshot" if outcome.snapshots == 1 else "snapshots"
        parts.append(f"published {outcome.snapshots:,} {word} of uncommitted code")
    click.echo(f"{'; '.join(parts) or f'{where} is up to date'}.", err=True)
    if "inboxed" in outcome.sent.values():
        click.echo(_INBOX, err=True)
    for sentence in transfers.told(outcome.artifacts):
        click.echo(sentence, err=True)


def _counts(runs: Mapping[str, str]) -> str:
    kinds = Counter(runs.values())
    words = ", ".join(f"{kinds[kind]:,} {kind}" for kind in ("new", "updated", "inboxed") if kinds[kind])
    return f"{len(runs):,} {'run' if len(runs) == 1 else 'runs'} ({words})"
