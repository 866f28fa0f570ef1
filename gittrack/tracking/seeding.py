"""The variables that carry a seed to a program.

==================  ================================================================================
`GITTRACK_SEED`     for programs that ask for it: `random.seed(int(os.environ["GITTRACK_SEED"]))`
`PYTHONHASHSEED`    Python: the order of sets of text
`PL_GLOBAL_SEED`    Lightning: `seed_everything()` without an argument takes it
==================  ================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gittrack.core.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping

SEED = "GITTRACK_SEED"
NAMES = (SEED, "PYTHONHASHSEED", "PL_GLOBAL_SEED")
_LARGEST = 2**32 - 1  # of PYTHONHASHSEED, NumPy's legacy generator and Lightning


def seed_variables(seed: int | None) -> dict[str, str]:
    """What to set for a seed; nothing for None.

    Raises:
        InvalidValue: it is negative, or larger than what all of them take.
    """
    if seed is None:
        return {}
    if not 0 <= seed <= _LARGEST:
        msg = f"{seed} cannot be a seed"
        raise InvalidValue(msg, hint=f"give a whole number from 0 to {_LARGEST}")
    return dict.fromkeys(NAMES, str(seed))


def seed_of(variables: Mapping[str, str]) -> int | None:
    """The seed that recorded variables carry, None without one."""
    text = variables.get(SEED, "")
    return int(text) if text.isascii() and text.isdecimal() and int(text) <= _LARGEST else None
