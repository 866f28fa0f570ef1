"""`gittrack watch`."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import click

from gittrack.cli import options, output

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gittrack.core.records import Run
    from gittrack.query.watching import Watched
    from gittrack.store.runs import RunStore

_LEAST = 0.1


@options.verb("watch")
@options.run_argument("runs", nargs=-1, required=False, metavar="[RUN]…")
@click.option(
    "--interval",
    type=click.FloatRange(_LEAST),
    default=2.0,
    metavar="SECONDS",
    show_default=True,
    help="Between two looks.",
)
@click.option("--once", is_flag=True, help="Look once.")
@click.option("--remote", is_flag=True, help="Runs elsewhere too: see `gittrack run --publish-every`.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, a line for each run that has gone on.")
def command(
    ctx: click.Context, runs: tuple[str, ...], *, interval: float, once: bool, remote: bool, as_json: bool
) -> None:
    """Follow running runs: metrics, progress, time left, resources.

    Without RUN all that run on this machine; ^C leaves. Into a pipe a line for each run that has gone on,
    until none runs any more.
    """
    store = options.store(ctx)
    ids, look = _look(ctx, runs, remote=remote)
    eyes = output.is_terminal() and not as_json
    watch = _Watch(store, look, ids, _live if eyes and not once else _printer(store, as_json=as_json))
    if once:
        watch.once(blocks=eyes)
    else:
        with contextlib.suppress(KeyboardInterrupt):
            watch.go_on(interval, forever=eyes and ids is None)


def _look(
    ctx: click.Context, words: tuple[str, ...], *, remote: bool
) -> tuple[list[str] | None, Callable[[], list[Watched]]]:
    """The ids of the runs asked for, None for all, and what looks at them."""
    from gittrack.core.errors import RunNotFound
    from gittrack.query.watching import RemoteWatcher, Watcher

    ids, unknown = [], []
    for word in words:
        try:
            ids.append(options.resolve(ctx, word).id)
        except RunNotFound:
            if not remote:
                raise
            unknown.append(word)
    store = options.store(ctx)
    here = Watcher(store, ids if words else None)
    if not remote:
        return (ids if words else None), here.look
    elsewhere = RemoteWatcher(store)

    def look() -> list[Watched]:
        found = [one for one in elsewhere.look() if not words or _is_any(one.run, unknown)]
        return [*here.look(), *found]

    return (ids if words else None), look


def _is_any(run: Run, words: Sequence[str]) -> bool:
    return any(word in run.id or word == run.name for word in words)


class _Watch:
    """Looks again and again, and notices which runs have ended."""

    def __init__(
        self,
        store: RunStore,
        look: Callable[[], list[Watched]],
        ids: Sequence[str] | None,
        show: Callable[[RunStore], Any],
    ) -> None:
        self.store = store
        self.look = look
        self.waiting = dict.fromkeys(ids or ())
        self.show = show
        self.ended = 0

    def once(self, *, blocks: bool) -> None:
        """Show everything as it stands."""
        found = self.look()
        if blocks:
            _emit_blocks(self.store, found)
        else:
            with self.show(self.store) as show:
                show(found, self._ended(found))
        if not found and not self.ended:
            click.echo("no run is running here", err=True)

    def go_on(self, interval: float, *, forever: bool) -> None:
        """Show everything again and again; unless `forever`, until none of the runs goes on."""
        began = False
        with self.show(self.store) as show:
            while True:
                found = self.look()
                show(found, self._ended(found))
                if not found and not forever:
                    break
                began = True
                time.sleep(interval)
        if not began and not self.ended:
            click.echo("no run is running here", err=True)

    def _ended(self, found: Sequence[Watched]) -> list[Run]:
        """The runs that were there at the last look, or were asked for, and are not any more."""
        from gittrack.core.errors import RunNotFound

        if any(not one.alive and one.place is None for one in found):
            self.store.recover()
        now = {one.run.id for one in found}
        gone = [run_id for run_id in self.waiting if run_id not in now]
        self.waiting = dict.fromkeys(now)
        self.ended += len(gone)
        over = []
        for run_id in gone:
            with contextlib.suppress(RunNotFound):  # it runs elsewhere, and was not fetched yet
                over.append(self.store.get(run_id))
        return over


@contextlib.contextmanager
def _live(store: RunStore) -> Any:  # noqa: ANN401  a context manager
    """Redraws the same lines of the terminal; what has ended stays above."""
    from gittrack.core.times import now_ms
    from gittrack.terminal import watch_page
    from gittrack.terminal.escape import line
    from gittrack.terminal.live import screen

    unicode = output.unicode_works()  # asked before Rich puts something of its own in place of the stream
    with screen(output.console()) as (draw, say):

        def show(found: Sequence[Watched], ended: Sequence[Run]) -> None:
            now = now_ms()
            for run in ended:
                say(line(watch_page.ended(run, now)))
            draw(
                watch_page.page(
                    found,
                    now=now,
                    rules=store.config.get("metrics"),
                    height=output.height() - 1,
                    unicode=unicode,
                ),
                output.width(),
                "no run is running here, ^C leaves",
            )

        yield show


def _printer(store: RunStore, *, as_json: bool) -> Callable[[RunStore], Any]:
    @contextlib.contextmanager
    def lines(_store: RunStore) -> Any:  # noqa: ANN401  a context manager
        shown: dict[str, object] = {}

        def show(found: Sequence[Watched], ended: Sequence[Run]) -> None:
            for one in found:
                state = (one.run, one.alive)
                if shown.get(one.run.id) != state:
                    shown[one.run.id] = state
                    _print(store, one, as_json=as_json)
            for run in ended:
                shown.pop(run.id, None)
                _print_ended(run, as_json=as_json)

        yield show

    return lines


def _print(store: RunStore, one: Watched, *, as_json: bool) -> None:
    from gittrack.core.times import now_ms
    from gittrack.terminal.escape import line
    from gittrack.terminal.watch_page import said

    if as_json:
        output.emit_json_line(one.as_json())
    else:
        click.echo(line(said(one, now_ms(), store.config.get("metrics"))))


def _print_ended(run: Run, *, as_json: bool) -> None:
    from gittrack.core.public import record
    from gittrack.core.times import now_ms
    from gittrack.terminal.escape import line
    from gittrack.terminal.watch_page import ended

    if as_json:
        output.emit_json_line(
            record(run) | {"alive": False, "progress": None, "updated": None, "place": None}
        )
    else:
        click.echo(line(ended(run, now_ms())))


def _emit_blocks(store: RunStore, found: Sequence[Watched]) -> None:
    from gittrack.core.times import now_ms
    from gittrack.terminal.watch_page import page

    output.emit_page(
        page(found, now=now_ms(), rules=store.config.get("metrics"), unicode=output.unicode_works())
    )
