"""The page in a real browser: nothing on its console, readable, sortable, printable."""

from __future__ import annotations

import base64
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from gittrack.query.review.curves import Curves, bands_of
from gittrack.report.build import document
from gittrack.report.document import Document, Picture, Pictures, Section
from gittrack.report.html import html_of
from tests.support.diff_screens import example, page_of
from tests.support.hostile import HOSTILE, curves_full_of, review_full_of
from tests.support.reviews import large_review
from tests.support.runs import series

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Dialog, Page, Request

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_AT_LEAST = 4.5  # contrast of text, WCAG 2.1 AA
_CONTRAST = """
() => {
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * x + .7152 * y + .0722 * z;
  };
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const paper = (node) => {
    for (; node; node = node.parentElement) {
      const found = parse(getComputedStyle(node).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  let worst = 21;
  for (const node of document.querySelectorAll("h1,h2,p,a,li,th,td,code,summary,.dim,.good,.bad,.warn")) {
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(paper(node))].sort((x, y) => y - x);
    worst = Math.min(worst, (a + .05) / (b + .05));
  }
  return worst;
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium of this machine; in CI there is one."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        reason = "there is no Chromium (.ci/parts installs one)"
        (pytest.fail if os.environ.get("GITTRACK_TEST_REQUIRE") == "all" else pytest.skip)(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window without a network; what is said on its console fails the test."""
    context = browser.new_context(offline=True)
    opened = context.new_page()
    said: list[str] = []

    def dialog(shown: Dialog) -> None:
        said.append(shown.message)
        shown.dismiss()

    def request(asked: Request) -> None:
        if not asked.url.startswith("file:"):
            said.append(asked.url)

    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("dialog", dialog)
    opened.on("request", request)
    yield opened
    context.close()
    assert said == []


@pytest.fixture
def report(tmp_path: Path) -> str:
    """The address of a page with thirty metrics, two curves and forty runs."""
    review, _ = large_review(30)
    bands = bands_of([("old", [series("x", 1.0, 2.0)]), ("new", [series("x", 2.0, 3.0, 4.0)] * 2)])
    curves = [Curves(name, bands) for name in ("loss", "acc")]
    return written(tmp_path, html_of(document(review, curves)))


def written(folder: Path, text: str) -> str:
    """The address of a page in a file."""
    (folder / "report.html").write_text(text, encoding="utf-8")
    return (folder / "report.html").as_uri()


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_sticks_out(page: Page, report: str, width: int) -> None:
    """On a phone and on a desk: what is wide scrolls by itself, the page does not."""
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(report)
    page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(page: Page, report: str, scheme: str) -> None:
    """All text can be read, in light and dark."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two
    page.goto(report)
    page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    assert page.evaluate(_CONTRAST) >= _AT_LEAST
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != "rgb(255, 255, 255)"
    assert dark is (scheme == "dark")


def test_sorting(page: Page, report: str) -> None:
    """A click, or Enter, on a title sorts by that column, numbers by their size; once more turns it."""
    page.goto(report)
    first = "document.querySelector('#metrics tbody tr').cells[3].dataset.key"
    head = page.locator("#metrics thead th").nth(3)
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    lowest = float(page.evaluate(first))
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert float(page.evaluate(first)) > lowest


def test_links_open_what_they_lead_to(page: Page, report: str) -> None:
    """A folded section opens when its link is followed, by the keyboard too."""
    page.goto(report)
    page.get_by_role("link", name="Runs").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#runs details').open")
    page.goto(report + "#curves")
    page.wait_for_function("document.querySelector('#curves details').open")


def test_values_under_the_pointer(page: Page, report: str) -> None:
    """Are shown where it is."""
    page.goto(report + "#curves")
    page.wait_for_function("document.querySelector('#curves details').open")
    tip = page.locator("#curves .at .tip").first
    assert tip.evaluate("node => getComputedStyle(node).visibility") == "hidden"
    page.locator("#curves .at rect").first.hover()
    assert tip.evaluate("node => getComputedStyle(node).visibility") == "visible"


def test_what_a_screen_reader_finds(page: Page, report: str) -> None:
    """One heading of the first level, landmarks, named regions and charts."""
    page.goto(report + "#curves")
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("navigation").count() == 1
    assert page.get_by_role("img", name="loss").count() == 1
    assert page.get_by_role("region", name="Metrics of the baseline and of the new runs").count() >= 1


def test_printing(page: Page, report: str) -> None:
    """What is folded is printed."""
    page.goto(report)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("[...document.querySelectorAll('details')].every(box => box.open)")
    assert page.pdf().startswith(b"%PDF")


def test_without_script(browser: Browser, report: str) -> None:
    """Everything is there."""
    context = browser.new_context(offline=True, java_script_enabled=False)
    plain = context.new_page()
    plain.goto(report)
    assert plain.get_by_role("heading", level=1).count() == 1
    assert plain.locator("table").count() > 3
    context.close()


def test_hostile_text_does_nothing(page: Page, tmp_path: Path) -> None:
    """All of it in one page: no script runs, no dialog opens, nothing is asked of a network."""
    texts = iter(HOSTILE * 1000)
    take = texts.__next__
    built = document(review_full_of(take), [curve for _ in range(8) for curve in curves_full_of(take)])
    page.goto(written(tmp_path, html_of(built)))
    page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    allowed = (
        "script:not(body > script), iframe, object, embed, img, form, input, link, base, a:not([href^='#'])"
    )
    assert page.locator(allowed).count() == 0
    assert page.locator("script").count() == 1


@pytest.fixture(scope="module")
def differing(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page of a diff, with images."""
    folder = tmp_path_factory.mktemp("diff")
    return written(folder, page_of(*example(folder / "repo")))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_diff_can_be_read(page: Page, differing: str, scheme: str) -> None:
    """Its text has contrast, its images are drawn side by side, and nothing sticks out."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two
    page.goto(differing)
    assert page.evaluate(_CONTRAST.replace('"h1,', '".patch span,h1,')) >= _AT_LEAST
    drawn = page.evaluate("[...document.images].map(one => one.complete && one.naturalWidth > 0)")
    assert drawn == [True] * 4
    left, right = (page.locator(".sides img").nth(place).bounding_box() for place in range(2))
    assert left is not None
    assert right is not None
    assert left["y"] == right["y"]
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_an_svg_of_a_run_is_inert(page: Page, tmp_path: Path) -> None:
    """It is drawn; its script does not run and what it asks for is not asked for."""
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="alert(1)">'
        '<script>alert(1)</script><image href="https://evil.example/x.png" width="9" height="9"/>'
        "<style>@import 'https://evil.example/x.css';</style><rect width='9' height='9'/></svg>"
    )
    source = f"data:image/svg+xml;base64,{base64.b64encode(text.encode()).decode()}"
    shown = Section("images", "Images", (Pictures("x.svg", (Picture("a", source, ""),)),))
    page.goto(written(tmp_path, html_of(Document("diff", "", "x", (), (shown,)))))
    assert page.evaluate("document.images[0].naturalWidth") == 9
