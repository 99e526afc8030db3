# SPDX-License-Identifier: Apache-2.0
"""`report FILE` and `report RUN --strategy ID`: the page of any returns, opened from disk in headless Chromium."""
import hashlib
import json
import re

import pandas as pd
import pytest
from conftest import fails, ok, sma, write_config
from test_benchmark import frame  # noqa: F401 (a fixture)
from test_report import Visit, browser  # noqa: F401 (a fixture)

go = pytest.importorskip("plotly.graph_objects")
FIGURES = ["equity_and_drawdown", "monthly_returns", "yearly_returns", "return_histogram", "rolling_figures"]


@pytest.fixture
def page(folder, frame):  # noqa: F811
    made = ok("report", folder / "f.csv", "--column", "r", "--benchmark", "b", "--out", folder / "page.html")
    assert made["report"] == str(folder / "page.html")
    assert made["sha256"] == hashlib.sha256((folder / "page.html").read_bytes()).hexdigest() and made["bytes"] == (folder / "page.html").stat().st_size
    return folder / "page.html"


def text_of(path):
    """What a reader sees, without the scripts."""
    return re.sub(r"<[^>]+>", " ", re.sub(r"<(script|style).*?</\1>", " ", path.read_text(), flags=re.S))


def test_the_page_shows_what_metrics_says(folder, page):
    told = ok("metrics", folder / "f.csv", "--column", "r", "--benchmark", "b", "--periods-per-year", 252)
    m, text = told["metrics"], text_of(page)
    percent = lambda value, digits=1: f"{value * 100:.{digits}f} %".replace("-", "−")
    for shown in (percent(m["annualized_return"]), percent(m["max_drawdown"]), f"{m['sharpe_ratio']:.2f}", f"{m['sortino_ratio']:.2f}", f"{m['calmar_ratio']:.2f}",
                  percent(m["value_at_risk"], 2), percent(told["benchmark"]["alpha"]), f"{told['benchmark']['beta']:.2f}", percent(told["luck"]["psr"]),
                  f"{-(-told['luck']['min_track_record'] // 1):,.0f}", told["calendar"]["best_day"]["date"]):
        assert shown in text, shown
    for year in told["benchmark"]["yearly"]: assert percent(year["excess"]) in text
    for drawdown in ok("metrics", folder / "f.csv", "--column", "r", "--periods-per-year", 252, "--drawdowns", 5)["drawdowns"]:
        assert drawdown["trough_time"][:10] in text and percent(-drawdown["depth"]) in text


def test_every_figure_obeys_plotlys_schema(page):
    figures = dict(re.findall(r'<script type="application/json" data-figure="figure-(\w+)">(.*?)</script>', page.read_text(), re.S))
    assert list(figures) == FIGURES
    for text in figures.values(): assert len(go.Figure(json.loads(text)).data) > 0


@pytest.mark.parametrize("width", [1300, 420])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_draws_in_silence_without_requests_or_sideways_scroll(page, browser, width, scheme):  # noqa: F811
    with Visit(browser, page, color_scheme=scheme) as visit:
        visit.page.set_viewport_size({"width": width, "height": 900})
        visit.page.wait_for_timeout(300)
        assert visit.complaints == [] and visit.requests == [page.as_uri()]
        assert visit.drawn() == [f"figure-{name}" for name in FIGURES]
        assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        overlaps = visit.page.evaluate("""[...document.querySelectorAll('.drawing')].flatMap(d => {
            const boxes = [...d.querySelectorAll('.xtick text, .ytick text, .y2tick text, .y3tick text, .legendtext, .annotation-text')].filter(t => t.textContent && !/rotate/.test(t.getAttribute('transform') || ''))
                .map(t => [t.textContent, t.getBoundingClientRect()]).filter(([_, b]) => b.width > 0);
            return boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([_, q]) => Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1 &&
                Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 3).map(([b]) => [d.id, a, b])); })""")
        assert overlaps == []


def test_figures_are_written_as_plotly_json(folder, frame):  # noqa: F811
    made = ok("report", folder / "f.csv", "--column", "r", "--out", folder / "p.html", "--figures", folder / "all" / "figures")
    assert made["figures"] == [str(folder / "all" / "figures" / f"{name}.json") for name in FIGURES]
    for path in made["figures"]: assert len(go.Figure(json.loads(open(path).read())).data) > 0
    (folder / "taken").write_text("")
    assert "taken" in json.dumps(fails(1, "report", folder / "f.csv", "--column", "r", "--out", folder / "p.html", "--figures", folder / "taken"))


def test_marks_reach_the_screen(page, browser, frame):  # noqa: F811
    with Visit(browser, page) as visit:
        count = lambda figure, css: visit.page.locator(f"#figure-{figure} {css}").count()
        assert count("equity_and_drawdown", ".scatterlayer path.js-line") == 4
        assert count("equity_and_drawdown", ".scatterlayer path.js-fill") == 1
        years = frame.timestamp.dt.year.nunique()
        assert count("monthly_returns", ".heatmap-label") == frame.timestamp.dt.to_period("M").nunique() + years
        assert count("yearly_returns", ".barlayer .point") == 2 * years
        assert count("rolling_figures", ".scatterlayer path.js-line") == 3


def test_a_price_file_needs_no_options(folder, frame):  # noqa: F811
    prices = pd.DataFrame({"Date": frame.timestamp, "Open": 1.0, "High": 1.0, "Low": 1.0, "Close": 100 * (1 + frame.r).cumprod(), "Volume": 5})
    prices.to_csv(folder / "SPY.csv", index=False)
    made = ok("report", folder / "SPY.csv", "--out", folder / "SPY.html")
    told = ok("metrics", folder / "SPY.csv", "--prices", "--column", "Close", "--periods-per-year", 252)
    assert made["metrics"] == told["metrics"] and made["periods_per_year"] == 252 and made["name"] == "SPY"
    assert any("column 'Close'" in note for note in made["notes"]) and any("252 bars a year" in note for note in made["notes"])


def test_gross_stands_beside_net(folder, frame):  # noqa: F811
    frame.assign(pos=[(i // 20) % 2 for i in range(len(frame))]).to_csv(folder / "f.csv", index=False)
    made = ok("report", folder / "f.csv", "--column", "b", "--signals", "pos", "--returns-of", "asset", "--commission", "10bps", "--out", folder / "p.html")
    assert made["metrics"]["gross_sharpe"] > made["metrics"]["net_sharpe"] and made["metrics"]["unit"] == "trade"
    text = text_of(folder / "p.html")
    assert f"before costs {made['metrics']['gross_sharpe']:.2f}".replace("-", "−") in text and "Wins and losses, by trade" in text
    assert "costs are charged where positions change" in fails(2, "report", folder / "f.csv", "--commission", "10bps", "--out", folder / "p.html")["message"]


@pytest.mark.parametrize("name, content", [
    ("empty", "timestamp,r\n"), ("one", "timestamp,r\n2020-01-01,0.01\n"), ("rows", "r\n" + "0.01\n-0.02\n0.005\n" * 30),
    ("flat", "timestamp,r\n" + "".join(f"2020-01-{d:02},0\n" for d in range(1, 31))),
    ("ruin", "timestamp,r\n" + "".join(f"2020-01-{d:02},{-1 if d == 20 else 0.01}\n" for d in range(1, 31))),
    ("hostile", 'timestamp,"</script><script>alert(1)</script>"\n' + "".join(f"2020-01-{d:02},{0.01 * (-1) ** d}\n" for d in range(1, 31))),
])
def test_odd_series_make_a_page(folder, browser, name, content):  # noqa: F811
    (folder / f"{name}.csv").write_text(content)
    ok("report", folder / f"{name}.csv", "--periods-per-year", 365, "--out", folder / "odd.html")
    with Visit(browser, folder / "odd.html") as visit:
        assert visit.complaints == [] and visit.requests == [(folder / "odd.html").as_uri()]
        assert visit.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_same_input_gives_the_same_bytes(folder, frame):  # noqa: F811
    pages = [ok("report", folder / "f.csv", "--column", "r", "--benchmark", "b", "--out", folder / f"{n}.html", threads=n)["sha256"] for n in (1, 2)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("options, words", [
    (["--strategy", "x"], "for runs"), (["--min-sharpe", 1], "for runs"), (["--out", "page.txt"], ".html"), (["--benchmark", "nothing"], "neither a file nor a column"),
])
def test_what_a_file_does_not_take_is_refused(folder, frame, options, words):  # noqa: F811
    out = [] if "--out" in options else ["--out", folder / "p.html"]
    refused = fails(2, "report", folder / "f.csv", "--column", "r", *options, *out)
    assert words in json.dumps(refused) and not (folder / "p.html").exists()


def test_rows_without_times_need_a_clock(folder):
    (folder / "rows.csv").write_text("r\n0.01\n-0.02\n")
    assert fails(2, "report", folder / "rows.csv", "--out", folder / "p.html")["where"] == "--periods-per-year"


def test_a_strategy_of_a_run(folder, ws, market, browser):  # noqa: F811
    config = write_config(folder / "c.json", [("SIM01", market.sim01)], [sma(5, [20, 50])], ppy=252, commission="10bps")
    ok("sweep", config, "--run-id", "r", ws=ws)
    name = "SIM01.sma_cross.fast=5,slow=50"
    made = ok("report", "r", "--strategy", name, "--out", folder / "s.html", ws=ws)
    stored = ok("scan", "r", "--where", f"strategy_id = '{name}'", ws=ws)["rows"][0]
    for metric in ("total_return", "net_sharpe", "gross_sharpe", "max_drawdown", "win_rate", "profit_factor"):
        assert made["metrics"][metric] == stored[metric], metric
    assert made["benchmark"]["name"] == "holding SIM01" and made["benchmark"]["bars"] == made["bars"]
    assert 0 < made["metrics"]["time_in_market"] < 1 and made["metrics"]["longest_losing_streak"] >= 1
    with Visit(browser, folder / "s.html") as visit:
        assert visit.complaints == [] and len(visit.drawn()) == 5
        assert "before costs" in visit.page.inner_text("main")
    other = ok("report", "r", "--strategy", name, "--benchmark", market.sim02, "--risk-free", "2%", "--out", folder / "s.html", ws=ws)
    assert other["benchmark"]["name"] == "SIM02" and other["metrics"]["sharpe_ratio"] < made["metrics"]["sharpe_ratio"]
    assert "benchmark" not in ok("report", "r", "--strategy", name, "--benchmark", "none", "--out", folder / "s.html", ws=ws)
    for options, words in ((["--strategy", "SIM01.sma_cross.fast=5,slow=51"], "no strategy"), (["--strategy", name, "--benchmark", "XYZ"], "neither a symbol"),
                           (["--strategy", name, "--min-sharpe", 1], "whole run"), (["--strategy", name, "--column", "r"], "for files"), (["--risk-free", "2%"], "--strategy")):
        code = 1 if "no strategy" in words else 2
        assert words in json.dumps(fails(code, "report", "r", *options, "--out", folder / "x.html", ws=ws)), options
