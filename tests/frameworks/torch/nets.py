"""Modules for the tests, in a file of their own, as a class must be to be found again."""

from __future__ import annotations

import torch
from torch import nn


class Net(nn.Module):
    """Two layers, of which the tests choose the width; some of it is left out while it is trained."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.first = nn.Linear(2, width)
        self.leave_out = nn.Dropout(0.9)
        self.last = nn.Linear(width, 1)

    def forward(self, x: torch.Tensor, scale: float = 1.0) -> torch.Tensor:
        """Rows of two to rows of one."""
        return self.last(self.leave_out(torch.relu(self.first(x)))) * scale


class Pair(nn.Module):
    """Two inputs, two named outputs."""

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> dict[str, torch.Tensor]:
        """Their sum and product."""
        return {"sum": a + b, "product": a * b}


class Branching(nn.Module):
    """What no tracer can follow."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One way or the other, by the data."""
        return x + 1 if bool(x.sum() > 0) else x


class Odd(nn.Module):
    """Gives no tensor."""

    def forward(self, x: torch.Tensor) -> str:
        """A text."""
        return str(x)
