"""The style sheet."""

from __future__ import annotations

CSS = """
Screen { layout: vertical; }
#top { height: 1; text-style: bold; padding: 0 1; }
#foot { height: 1; padding: 0 1; color: $text-muted; }
#filter { display: none; height: auto; }
#filter.shown { display: block; }
#filter Input { border: none; height: 1; padding: 0 1; background: $boost; }
#filter-note { height: auto; padding: 0 1; color: $text-muted; }
#filter-note.wrong { color: $text-error; }
#main { height: 1fr; layout: vertical; }
#table { height: 1fr; width: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }
#pane { display: none; height: 1fr; width: 1fr; }
#pane.shown { display: block; }
#tabs { height: 1; padding: 0 1; background: $boost; }
#lines { height: 1fr; padding: 0 1; scrollbar-size: 1 1; }
#main.beside { layout: horizontal; }
#main.beside #pane { border-left: solid $panel-lighten-2; }
#main.zoomed #table { display: none; }
.table--titles { text-style: bold; color: $text-muted; }
.table--cursor { background: $primary-muted; color: $text; text-style: bold; }
.table--cursor-idle { background: $boost; }
.lines--cursor { background: $primary-muted; color: $text; text-style: bold; }
ModalScreen { align: center middle; background: $background 60%; }
.window {
    width: 72; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
    background: $surface; border: round $primary; overflow-y: auto;
}
.window.tall { height: 80%; max-height: 30; }
.window.wide { width: 100; }
.window Input { border: none; height: 1; padding: 0 1; background: $boost; margin-bottom: 1; }
.window OptionList, .window TextArea { height: 1fr; border: none; padding: 0; }
.window .title { text-style: bold; margin-bottom: 1; }
.window .body { margin-bottom: 1; }
.window .hint { color: $text-muted; }
App.plain .table--cursor, App.plain .lines--cursor { text-style: bold reverse; }
"""
