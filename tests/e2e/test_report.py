# SPDX-License-Identifier: Apache-2.0
"""The HTML report as a reader meets it: every figure against Plotly's own schema, and the pages opened from disk in headless Chromium.

The pages are written by the unit tests of the figures (WritePages, $TRADEWIND_REPORT_DIR) from the analyses in tests/fixtures.
"""
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

go = pytest.importorskip("plotly.graph_objects")
playwright = pytest.importorskip("playwright.sync_api")

REPO = Path(__file__).resolve().parents[2]
WRITER = Path(os.environ.get("TRADEWIND_BIN") or REPO / "build/release/bin/tradewind").absolute().parent / "test_figures"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FIGURES = """selection_funnel regime_weights strategy_comparison equity_and_drawdown monthly_returns rolling_sharpe regime_heatmap correlation_matrix
parameter_surface""".split()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    subprocess.run([WRITER, "--gtest_filter=WritePages.*"], env={**os.environ, "TRADEWIND_REPORT_DIR": str(folder)}, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def browser():
    assert CHROMIUM, "chromium is not installed: run script/bootstrap"
    with playwright.sync_playwright() as api:
        chromium = api.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Visit:
    """A page opened from disk, with everything it said and asked for."""

    def __init__(self, browser, path, **context):
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **context)
        self.page = self.context.new_page()
        self.complaints, self.requests, self.loaded = [], [], []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append("dialog"), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))  # those the policy stops, too
        self.page.on("requestfinished", lambda request: self.loaded.append(request.url))
        self.page.goto(path.as_uri())
        if context.get("java_script_enabled", True):
            self.page.wait_for_selector("html[data-drawn]", timeout=60_000)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def drawn(self):
        return self.page.evaluate("[...document.querySelectorAll('.drawing')].filter(d => d.querySelector('svg.main-svg')).map(d => d.id)")


@pytest.mark.parametrize("name", [*FIGURES, "expected_and_realized", "dashboard_comparison", "dashboard_regimes", "dashboard_correlation"])
def test_every_figure_obeys_plotlys_schema(pages, name):
    text = (pages / "figures" / f"{name}.json").read_text()
    figure = go.Figure(json.loads(text))  # raises on a property or value that Plotly does not know
    assert len(figure.data) > 0
    assert not re.search(r'"type":"\w*gl\w*"', text)


def test_the_schema_check_can_fail(pages):
    figure = json.loads((pages / "figures" / "rolling_sharpe.json").read_text())
    figure["data"][0]["line"]["widht"] = 3
    with pytest.raises(ValueError):
        go.Figure(figure)


@pytest.mark.parametrize("name, figures", [("report.html", 9), ("session.html", 4), ("nothing.html", 3), ("several.html", 12)])
def test_page_draws_every_figure_in_silence_and_asks_for_nothing(pages, browser, name, figures):
    with Visit(browser, pages / name) as visit:
        assert visit.page.evaluate("document.documentElement.dataset.drawn") == str(figures)
        assert len(visit.drawn()) == figures
        assert visit.complaints == []
        assert visit.requests == [(pages / name).as_uri()]
        assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page itself must not scroll sideways"


def test_marks_reach_the_screen(pages, browser):
    """A figure may be valid and still show nothing: count what is drawn."""
    with Visit(browser, pages / "report.html") as visit:
        count = lambda figure, css: visit.page.locator(f"#figure-{figure} {css}").count()
        assert count("selection_funnel", ".barlayer .point") == 7
        assert count("selection_funnel", ".scatterlayer .textpoint") == 7
        assert count("strategy_comparison", ".boxlayer .box") == 8
        assert count("equity_and_drawdown", ".scatterlayer path.js-line") == 10
        assert count("equity_and_drawdown", ".heatmaplayer image") == 1
        assert count("monthly_returns", ".heatmap-label") == 105
        assert count("regime_heatmap", ".heatmap-label") >= 24
        assert count("regime_weights", ".barlayer .point") >= 12
        assert count("correlation_matrix", ".heatmap-label") == 64
        assert count("parameter_surface", ".scatterlayer .point") == 1
    with Visit(browser, pages / "session.html") as visit:
        assert visit.page.locator("#figure-expected_and_realized .barlayer .point").count() == 4


def test_nothing_in_the_document_runs_or_loads(pages, browser):
    with Visit(browser, pages / "hostile.html") as visit:
        assert visit.complaints == []
        assert visit.requests == [(pages / "hostile.html").as_uri()]
        assert visit.page.locator("iframe, main img").count() == 0
        assert len(visit.drawn()) == 10
        assert "<script>alert(1)</script>" in visit.page.inner_text(".eyebrow")


def test_the_policy_stops_what_would_get_through(pages, browser, tmp_path):
    """The content security policy is a second wall; here the first one is torn down."""
    text = (pages / "report.html").read_text()
    torn = tmp_path / "torn.html"
    evil = """<script>document.title='broken'</script><img src='https://example.invalid/x.png' onerror="document.title='broken'">"""
    torn.write_text(text.replace('<main id="main">', '<main id="main">' + evil, 1))
    with Visit(browser, torn) as visit:
        assert visit.page.title() != "broken"
        assert len(visit.complaints) >= 2 and all("Content Security Policy" in text for text in visit.complaints)
        assert visit.loaded == [torn.as_uri()]


def luminance(colour):
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_by_preference_and_by_button(pages, browser, scheme):
    with Visit(browser, pages / "report.html", color_scheme=scheme) as visit:
        paper = lambda: luminance(visit.page.evaluate("getComputedStyle(document.body).backgroundColor"))
        ink = lambda: luminance(visit.page.evaluate("getComputedStyle(document.querySelector('#figure-regime_heatmap .ytick text')).fill"))
        assert (paper() > 0.5) == (scheme == "light")
        assert abs(paper() - ink()) > 0.5, "the figures' text must stand out from the page"
        before = paper()
        visit.page.click("#theme")
        assert (before > 0.5) != (paper() > 0.5)
        assert abs(paper() - ink()) > 0.5
        assert visit.complaints == []


def test_prints_on_a4_light_and_whole(pages, browser, tmp_path):
    with Visit(browser, pages / "report.html", color_scheme="dark") as visit:
        visit.page.emulate_media(media="print", color_scheme="dark")
        assert luminance(visit.page.evaluate("getComputedStyle(document.body).backgroundColor")) > 0.9
        visit.page.emulate_media(media="screen", color_scheme="dark")
        visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        widths = visit.page.evaluate("[...document.querySelectorAll('.drawing .main-svg')].map(s => s.clientWidth)")
        assert max(widths) <= 695, "184 mm between the margins"
        visit.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        printed = visit.page.pdf(prefer_css_page_size=True, print_background=True)
    assert printed.startswith(b"%PDF") and len(printed) > 50_000
    sheets = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 5 <= sheets <= 20
    assert re.search(rb"/MediaBox\s*\[0 0 59[45][.\d]* 84[12]", printed), "A4"


def test_tables_sort_by_click_with_undefined_last(pages, browser):
    with Visit(browser, pages / "report.html") as visit:
        table = visit.page.locator("#strategies table[data-sortable]")
        column = [text.split("\n")[0] for text in table.locator("thead th").all_inner_texts()].index("Sharpe, held out")
        values = lambda: [float(cell.get_attribute("data-sort")) for cell in table.locator(f"tbody tr > :nth-child({column + 1})").all()]
        head = table.locator("thead th").nth(column)
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == "descending" and values() == sorted(values(), reverse=True)
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == "ascending" and values() == sorted(values())
        ensemble = visit.page.locator("#ensemble table[data-sortable]")
        ensemble.locator("thead button", has_text="Switching costs").click()
        assert ensemble.locator("tbody th").first.inner_text() == "ensemble"
        ensemble.locator("thead button", has_text="Switching costs").click()
        assert ensemble.locator("tbody th").first.inner_text() == "ensemble", "the undefined stay last both ways"


def test_reads_without_scripts(pages, browser):
    with Visit(browser, pages / "report.html", java_script_enabled=False) as visit:
        assert "Trade the ensemble of 3 strategies" in visit.page.inner_text("h1")
        assert visit.page.locator("noscript p").is_visible()
        details = visit.page.locator("#strategies figure details")
        details.locator("summary").click()
        assert details.locator("table").is_visible()


def test_can_be_read_by_machine(pages, browser):
    with Visit(browser, pages / "report.html") as visit:
        page = visit.page
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:])), "no level of heading is skipped"
        assert page.evaluate("[...document.querySelectorAll('[role=img]')].every(e => document.getElementById(e.getAttribute('aria-labelledby'))?.textContent)")
        assert page.evaluate("[...document.querySelectorAll('table')].every(t => t.caption?.textContent)")
        assert page.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].every(a => document.querySelector(a.getAttribute('href')))")
        assert page.get_attribute("html", "lang") == "en"
