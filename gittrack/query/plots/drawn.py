"""A drawing for programs and notebooks: SVG, PNG, a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gittrack.core.errors import UsageError
from gittrack.core.files import write_atomic

if TYPE_CHECKING:
    import os

    from gittrack.query.drawing.shapes import Sheet


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart.

    Attributes:
        sheet: what it is made of.
    """

    sheet: Sheet

    def svg(self) -> str:
        """It as one `<svg>` element; light or dark as the reader has it."""
        from gittrack.query.drawing.svg import svg

        return svg(self.sheet)

    def png(self, *, scale: int = 2, dark: bool = False) -> bytes:
        """It as PNG.

        Args:
            scale: pixels of the picture for each of the sheet, 1 to 4.
            dark: on dark ground.

        Raises:
            MissingPillow: the extra `png` is not installed.
        """
        from gittrack.query.drawing.png import png

        return png(self.sheet, scale=scale, dark=dark)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file, SVG or PNG by its suffix.

        Raises:
            UsageError: another suffix.
            MissingPillow: the extra `png` is not installed.
            OSError: it cannot be written.
        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix not in {".svg", ".png"}:
            msg = f"a chart cannot be written as {target.name!r}"
            raise UsageError(msg, hint="name a file that ends in .svg or .png")
        write_atomic(target, self.svg().encode() if suffix == ".svg" else self.png())

    def _repr_svg_(self) -> str:
        """What a notebook shows."""
        return self.svg()
