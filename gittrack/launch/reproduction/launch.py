"""What a repetition is launched with: its words, its environment, or the container of the original."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.launch.reproduction import inputs as reproduce_inputs
from gittrack.tracking import wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gittrack.launch.reproduction.values import Preparation
    from gittrack.store.runs import RunStore


def words_of(store: RunStore, preparation: Preparation) -> Sequence[str]:
    """The command as it is run: in the container of the original, where there was one."""
    box, tree = preparation.container, preparation.tree
    if box is None or tree is None:
        return preparation.command
    places = [one.place for one in preparation.inputs if one.place is not None]
    outside = [str(place) for place in places if not place.is_relative_to(tree.parent)]
    return box.words(preparation.command, store, [str(tree.parent), *outside])


def launch_of(store: RunStore, preparation: Preparation, say: Callable[[str], None]) -> wrap.Launch:
    """What the wrapper is told besides the words; the environment is made where it has to be."""
    choice, original = preparation.environment, preparation.run
    launch = wrap.Launch(
        source=original.source,
        inputs=reproduce_inputs.recorded(list(preparation.inputs)),
        variables=dict(preparation.variables),
        unset=preparation.unset,
        path=choice.path if choice is not None else (),
    )
    if preparation.container is not None:
        boxed = preparation.container.launch(store)
        return boxed._replace(source=launch.source, inputs=launch.inputs, shown=preparation.command)
    if choice is None or choice.plan is None:
        return launch
    from gittrack.launch import environments

    made = environments.prepare(choice.plan, progress=say)
    known = {one.name for one in choice.plan.missing}
    for one in made.record.get("missing", ()):
        if one["name"] not in known:
            say(f"note: {one['what']}: {one['why']}")
    return launch._replace(
        variables={**preparation.variables, **made.variables},
        unset=(*preparation.unset, *made.unset),
        path=made.path,
        environment={"requested": dict(made.record)},
    )
