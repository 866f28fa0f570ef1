"""The style and the script of an HTML report: the page allows these by their digest and no others."""

from __future__ import annotations

from pathlib import Path

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
SCRIPT = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
