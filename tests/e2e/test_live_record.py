# SPDX-License-Identifier: Apache-2.0
"""What a session's record says afterwards: its run, its analysis, its worlds, and when it cannot be gone on with."""
import pytest
from conftest import fails, ok, tw

STRATEGIES = "strategies: {enabled: [arbitrage, momentum, news]}\n"
GENEROUS = "total_capital: 1000\ncycle_interval: 0\nsimulation: {edge: generous, seed: 7}\nlimits: {max_loss: 100%, max_daily_loss: 100%}\n" + STRATEGIES


def config(folder, text, name="c.yaml"):
    (folder / name).write_text(text)
    return folder / name


@pytest.fixture
def moved(folder, ws):
    """A session whose capital was moved half way."""
    path = config(folder, GENEROUS)
    ok("live", path, "--session", "s", "--cycles", 60, ws=ws)
    ok("live", "rebalance", "arbitrage=0.8", "momentum=0.1", "news=0.1", ws=ws)
    return ok("live", path, "--session", "s", "--cycles", 60, ws=ws)


def test_the_row_of_a_strategy_is_of_the_capital_it_began_with(ws, moved):
    rows = {row["strategy_id"]: row for row in ok("scan", "s", ws=ws)["rows"]}
    trades = ok("live", "trades", ws=ws)["trades"]
    for name, row in rows.items():
        own = [trade for trade in trades if trade["strategy"] == name]
        fees = sum(float(trade["fees"]) for trade in own)
        fills = sum(len(trade["fills"]) for trade in own)
        assert row["total_costs"] == pytest.approx(fees / (1000 / 3), rel=1e-6)
        assert row["total_fills"] == fills
        if fills: assert row["cost_per_trade"] == pytest.approx(row["total_costs"] / fills)
        profits = [float(trade["profit"]) for trade in own if trade["closed"] and trade["fills"]]
        if any(p > 0 for p in profits): assert row["largest_win"] == pytest.approx(max(profits) / (1000 / 3), rel=1e-5)
        if fees > 0: assert row["gross_return"] > row["net_return"]
        assert row["cost_impact"] is None
    assert sum(row["total_fills"] for row in rows.values()) == moved["orders"]["fills"] > 50


def test_status_and_live_agree_on_what_the_owner_made(ws, moved):
    status = ok("live", "status", ws=ws)
    for name, strategy in moved["strategies"].items():
        assert status["strategies"][name]["money_weighted_roi_percent"] == pytest.approx(strategy["money_weighted_roi_percent"], rel=1e-9), name
    # Half of the time a third, half of it 0.8 of the 1,000 (less what was tied up when it moved).
    one = moved["strategies"]["arbitrage"]
    mean = (float(one["equity"]) - float(one["capital"])) / one["money_weighted_roi_percent"] * 100
    assert 1000 / 3 < mean < float(one["capital"])


def test_markouts_count_from_the_fill(folder, ws):
    """Books come every ten seconds and fills are at a book: the first one a second later is the first one ten seconds later."""
    ok("live", config(folder, GENEROUS), "--session", "s", "--cycles", 120, ws=ws)
    fills = [fill for trade in ok("live", "trades", ws=ws)["trades"] for fill in trade["fills"]]
    both = [fill["mid_after"] for fill in fills if fill["time"].endswith("0Z") and {"1", "10"} <= fill["mid_after"].keys()]
    assert len(both) > 50 and all(after["1"] == after["10"] for after in both)


def annualised(document, path=""):
    keys = {"sharpe_ratio", "sortino_ratio", "volatility", "calmar_ratio", "annualized_return", "gross_sharpe", "net_sharpe", "selection_sharpe", "holdout_sharpe", "score"}
    if isinstance(document, list):
        for one in document: yield from annualised(one, path + "[]")
    elif isinstance(document, dict):
        for key, value in document.items():
            if key in keys and not isinstance(value, (dict, str)): yield path + "." + key, value
            elif key != "criteria": yield from annualised(value, path + "." + key)


def test_nothing_of_a_short_session_is_annualised_by_its_analysis(ws, moved):
    document = ok("analyze", "s", "--min-sharpe", 0, "--min-trades", 0, "--min-win-rate", 0, ws=ws)
    found = list(annualised({key: document[key] for key in ("strategies", "combinations", "ensemble")}))
    assert len(found) > 20 and [one for one in found if one[1] is not None] == []
    assert document["recommendations"][0]["kind"] == "more_data" and document["findings"] == []
    assert document["strategies"][0]["selection"]["undefined"]["sharpe_ratio"] == "short_sample"
    for row in ok("scan", "s", "--columns", "strategy_id,selection_sharpe,holdout_sharpe,dsr", ws=ws)["rows"]:
        assert row["selection_sharpe"] is None and row["holdout_sharpe"] is None


def test_a_longer_session_is_judged(folder, ws):
    ok("live", config(folder, GENEROUS.replace("seed: 7", "seed: 7, step_seconds: 86400")), "--session", "s", "--cycles", 120, ws=ws)
    document = ok("analyze", "s", "--min-sharpe", 0, "--min-trades", 0, "--min-win-rate", 0, ws=ws)
    assert any(value is not None for key, value in annualised(document["strategies"]) if key.endswith("sharpe_ratio"))


def test_what_is_kinder_than_a_venue_stands_beside_what_it_made(folder, ws):
    path = config(folder, GENEROUS + "paper: {queue: front, latency_ms: 0}\n")
    expected = ["simulation.edge: generous", "paper.queue: front", "paper.latency_ms: 0"]
    for args in (("live", path, "--session", "s", "--cycles", 5), ("live", "status"), ("live", "trades")):
        js = ok(*args, ws=ws)
        assert js["world"] == "generous" and js["optimistic"] == expected and js["simulated"] is True
    assert "kinder than a venue: " + ", ".join(expected) in tw("live", "status", ws=ws, json_=False).out
    log = (ws / "_live/s/session.log").read_text()
    assert all(one in log for one in expected)
    sober = ok("live", config(folder, "total_capital: 1000\ncycle_interval: 0\n" + STRATEGIES, "d.yaml"), "--session", "d", "--cycles", 2, ws=ws)
    assert sober["world"] == "realistic" and sober["optimistic"] == []


def test_a_strategy_stays_what_it_was(folder, ws):
    ok("live", config(folder, GENEROUS), "--session", "s", "--cycles", 3, ws=ws)
    other = GENEROUS.replace("news]}", "news], news: {type: bar, strategy: sma_cross, fast: 5, slow: 20}}")
    assert "strategy news of another type" in fails(3, "live", config(folder, other), "--session", "s", "--cycles", 3, ws=ws)["message"]
    changed = GENEROUS.replace("news]}", "news], news: {max_spread: 0.04}}")
    done = tw("live", config(folder, changed), "--session", "s", "--cycles", 3, ws=ws, quiet=False)
    assert done.rc == 0 and "strategy news has other settings" in done.err
    kinder = fails(3, "live", config(folder, GENEROUS + "paper: {queue: front}\n"), "--session", "s", "--cycles", 3, ws=ws)
    assert "another `paper`" in kinder["message"]


@pytest.mark.parametrize("how", ["removed", "emptied"])
def test_a_lost_journal_is_named(folder, ws, how):
    path = config(folder, GENEROUS)
    ok("live", path, "--session", "s", "--cycles", 20, ws=ws)
    journal = ws / "_live/s/journal.sqlite"
    for end in ("-wal", "-shm"): journal.with_name(journal.name + end).unlink(missing_ok=True)
    journal.unlink() if how == "removed" else journal.write_bytes(b"")
    error = fails(1, "live", path, "--session", "s", "--cycles", 5, ws=ws)
    assert "journal is gone" in error["message"] and "copy" in error["hint"]


def test_simulated_time_has_an_end(folder, ws):
    path = config(folder, GENEROUS.replace("seed: 7", "seed: 7, step_seconds: 86400, markets: 8"))
    error = fails(3, "live", path, "--session", "long", "--cycles", 70000, ws=ws)
    assert "2200" in error["message"] and error["hint"]
    status = ok("live", "status", "--session", "long", ws=ws)
    assert 60000 < status["cycles"] < 70000 and ok("scan", "long", ws=ws)["rows"]
