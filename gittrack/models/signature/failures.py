"""What is wrong with data that a model is given."""

from __future__ import annotations

from gittrack.core.errors import InvalidValue


class DoesNotFit(InvalidValue):
    """The data is not what the signature of the model asks for; the message names the column."""
