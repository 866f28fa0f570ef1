"""Text of other people, made harmless before it is shown: see :mod:`gittrack.core.harmless`."""

from gittrack.core.harmless import block, clip, columns, json_text, line, markdown

__all__ = ["block", "clip", "columns", "json_text", "line", "markdown"]
