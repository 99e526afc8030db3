# SPDX-License-Identifier: Apache-2.0
"""Analysed ensembles in live sessions: which are traded, on what, and by which regime."""
import json
import shutil
from types import SimpleNamespace

import pytest

from conftest import Listener, fails, ok, serving, sma, tw

EASY = ["--min-sharpe", "0.1", "--min-win-rate", "0", "--max-drawdown", "1", "--min-trades", "3"]
MARKETS = {"SIM01": "SIM-00002", "SIM02": "SIM-00005"}


@pytest.fixture(scope="module")
def runs(session_folder, market):
    """A workspace with the runs `good`, whose analysis found something, `one`, the same on one symbol, and `bad`, whose analysis did not."""
    folder = session_folder / "live-ensemble"
    folder.mkdir()
    ws = folder / "ws"
    data = [{"symbol": s.upper(), "path": str(getattr(market, s))} for s in ("sim01", "sim02")]
    strategies = [sma([3, 8], [20, 40]), {"type": "rsi_reversion", "direction": "long_short", "window": [7, 14], "lower": [20, 30], "upper": [70, 80]}]
    classifiers = [{"type": "volatility_terciles", "window": [20, 60]}, {"type": "trend", "window": 100}]
    config = folder / "sweep.json"
    config.write_text(json.dumps({"data": data, "annualization": {"periods_per_year": 252}, "strategies": strategies, "classifiers": classifiers}))
    ok("sweep", config, "--run-id", "good", ws=ws)
    shutil.copytree(ws / "good", ws / "copy")
    ok("sweep", config, "--run-id", "bad", ws=ws)
    ok("sweep", config, "--run-id", "bare", ws=ws)
    alone = folder / "one.json"
    alone.write_text(json.dumps({"data": data[:1], "annualization": {"periods_per_year": 252}, "strategies": strategies, "classifiers": classifiers}))
    ok("sweep", alone, "--run-id", "one", ws=ws)
    return SimpleNamespace(folder=folder, ws=ws, good=ok("analyze", "good", *EASY, ws=ws), one=ok("analyze", "one", *EASY, ws=ws), bad=ok("analyze", "bad", "--min-sharpe", "50", ws=ws))


def session(run, symbols=None, extra="", steps=""):
    given = "" if symbols is None else ", symbols: {" + ", ".join(f"{s}: {m}" for s, m in symbols.items()) + "}"
    return f"""total_capital: 1000
cycle_interval: 0
simulation: {{life_steps: 1000000, step_seconds: 60{steps}}}
limits: {{max_loss: 100%, max_daily_loss: 100%}}
strategies:
  enabled: [mine]
  mine: {{type: ensemble, run: {run}{given}, max_spread: 1{extra}}}
"""


def written(folder, text, name="live.yaml"):
    path = folder / name
    path.write_text(text)
    return path


def symbols_of(analysis):
    """Those the ensemble trades, and that of its classifier."""
    ensemble = analysis["ensemble"]
    held = {i for w in [ensemble["global_weights"], *ensemble["weights"].values()] for i, x in w.items() if x > 0}
    named = {i.split(".")[0] for i in held} | ({ensemble["classifier_id"].split(".")[0]} if ensemble["classifier_id"] else set())
    return {s: MARKETS[s] for s in sorted(named)}


def test_a_qualified_ensemble_trades_by_its_regime(runs, folder):
    assert runs.one["qualified"] and runs.one["ensemble"]["classifier_id"]
    path = written(folder, session("one", symbols_of(runs.one)))
    js = ok("live", path, "--session", "q", "--cycles", 300, ws=runs.ws)
    mine = js["strategies"]["mine"]
    assert mine["details"]["classifier"] == runs.one["ensemble"]["classifier_id"]
    assert mine["details"]["regime"] in {*runs.one["ensemble"]["weights"], "unknown"}
    assert mine["details"]["regime_market"] == MARKETS[runs.one["ensemble"]["classifier_id"].split(".")[0]]
    assert mine["opportunities_found"] > 0 and "unqualified" not in mine and js["recommendations"] == []
    assert mine["drift"]["of"] == "bars" and mine["drift"]["observed"] > 250
    status = ok("live", "status", "--session", "q", ws=runs.ws)
    for key in ("details", "streaming", "drift"):
        assert status["strategies"]["mine"][key] == mine[key], key
    assert "unqualified" not in ok("runs", ws=runs.ws).get("q", {})


def test_what_it_has_seen_of_the_regime_outlives_a_restart(runs, folder):
    import sqlite3
    path = written(folder, session("one", symbols_of(runs.one)))

    def state(name):
        with sqlite3.connect(runs.ws / "_live" / name / "journal.sqlite") as database:
            counters = json.loads(database.execute("select body from counters").fetchone()[0])
        return json.loads(counters["strategies"]["mine"]["state"])

    ok("live", path, "--session", "whole", "--cycles", 240, ws=runs.ws)
    for cycles in (1, 59, 120, 60):
        ok("live", path, "--session", "cut", "--cycles", cycles, ws=runs.ws)
    whole, cut = state("whole"), state("cut")
    assert set(whole["markets"]) == set(symbols_of(runs.one).values()) and whole["regime"]["in_force"] >= 0
    assert cut == whole


def test_members_are_held_in_the_regimes_they_were_scored_in(runs, folder):
    assert runs.good["qualified"] and runs.good["ensemble"]["classifier_id"] is None  # of two symbols: no regime is both's
    gated = [m for m in runs.good["ensemble"]["members"] if m["classifier_id"] and m["weight"] > 0]
    assert gated
    path = written(folder, session("good", symbols_of(runs.good)))
    whole = ok("live", path, "--session", "gated", "--cycles", 240, ws=runs.ws)["strategies"]["mine"]
    assert whole["details"]["gated_members"] == len(gated)
    for cycles in (100, 140): cut = ok("live", path, "--session", "gated-cut", "--cycles", cycles, ws=runs.ws)["strategies"]["mine"]
    assert cut["details"] == whole["details"]


def test_weights_that_adapt_are_traded(runs, folder):
    def details(extra, session):
        done = ok("live", written(folder, globals()["session"]("one", symbols_of(runs.one), extra), f"{session}.yaml"), "--session", session, "--cycles", 80, ws=runs.ws)
        return done["strategies"]["mine"]["details"]
    assert runs.one["ensemble"]["adaptive"]["rule"]["cost_rate"] > 0
    assert details(", adaptive: true", "adapts")["adaptive"] is True and details("", "stays")["adaptive"] is False
    assert details(", adaptive: true", "adapts")["adaptive"] is True  # a restart goes on
    error = fails(3, "live", written(folder, session("good", symbols_of(runs.good), ", adaptive: true")), "--session", "no", "--cycles", 1, ws=runs.ws)
    assert "no weights that adapt" in json.dumps(error)


def test_an_ensemble_the_analysis_forbids_is_not_traded(runs, folder):
    assert not runs.bad["qualified"] and runs.bad["ensemble"]
    path = written(folder, session("bad", symbols_of(runs.bad)))
    error = fails(3, "live", path, "--session", "no", "--cycles", 1, ws=runs.ws)
    assert "run 'bad'" in error["message"] and "not to trade" in error["message"]
    assert "strategies.mine.run" in error["message"] and error["where"].endswith("live.yaml:7")
    assert "trade_unqualified" in error["hint"] and not (runs.ws / "_live" / "no").exists()


def test_one_that_is_traded_all_the_same_says_so_everywhere(runs, folder):
    path = written(folder, session("bad", symbols_of(runs.bad), ", trade_unqualified: true"))
    done = tw("live", path, "--session", "all-the-same", "--cycles", 30, ws=runs.ws, quiet=False)
    assert done.rc == 0 and "not to trade" in done.err, done.err
    status = ok("live", "status", "--session", "all-the-same", ws=runs.ws)
    for js in (done.js, status):
        assert js["strategies"]["mine"]["details"]["unqualified"] is True
        assert js["strategies"]["mine"]["unqualified"] is True and "run 'bad'" in js["strategies"]["mine"]["warning"]
        assert [r["kind"] for r in js["recommendations"] if r["strategy"] == "mine"] == ["unqualified"]
    assert "not to trade" in (runs.ws / "_live/all-the-same/session.log").read_text()
    metadata = json.loads((runs.ws / "all-the-same/metadata.json").read_text())
    stored = metadata["config"] if isinstance(metadata["config"], dict) else json.loads(metadata["config"])
    assert "run 'bad'" in stored["session"]["unqualified"]["mine"]
    assert "not to trade" in tw("live", "status", "--session", "all-the-same", ws=runs.ws, json_=False).out
    qualified = written(folder, session("good", symbols_of(runs.good), ", trade_unqualified: true"), "good.yaml")
    assert "unqualified" not in ok("live", qualified, "--session", "needless", "--cycles", 5, ws=runs.ws)["strategies"]["mine"]


@pytest.mark.parametrize("symbols, extra, says", [
    (None, "", "no market is named"), ("none", "", "no market is named"), ("one", "", "SIM0"), ("more", "", "'SIM77'"), ("list", "", "must be"), ("empty", "", "id or slug"),
    ("all", ", markets: [SIM-00003]", "markets"), ("all", ", trade_unqualified: maybe", "trade_unqualified"), ("all", ", max_markets: 5", "max_markets")])
def test_a_wrong_section_is_told(runs, folder, symbols, extra, says):
    full = symbols_of(runs.good)
    first = next(iter(full))
    given = {"one": dict(list(full.items())[1:]) if len(full) > 1 else {}, "none": {}, "more": {**full, "SIM77": "x"}, "all": full, "empty": {**full, first: "''"},
             "list": {**full, first: "[a, b]"}}.get(symbols, symbols)
    error = fails(3, "live", written(folder, session("good", given, extra)), "--session", "wrong", "--cycles", 1, ws=runs.ws)
    assert says in error["message"] + error["where"] + error["hint"]
    if symbols is None: assert all(s in error["message"] for s in full)


def test_a_run_that_cannot_be_traded_is_told(runs, folder):
    def told(run):
        return fails(3, "live", written(folder, session(run, MARKETS)), "--session", "wrong", "--cycles", 1, ws=runs.ws)

    assert "tradewind analyze bare" in told("bare")["hint"]
    assert "nowhere" in told("nowhere")["message"]
    shutil.copytree(runs.ws / "good", runs.ws / "damaged", dirs_exist_ok=True)
    (runs.ws / "damaged/analytics/analysis.json").write_text("{}")
    assert "analyze damaged" in told("damaged")["hint"]


def test_an_ensemble_that_earns_less_than_its_analysis_promised_raises_an_alarm(runs, folder):
    """A day is a bar, and markets that owe nobody anything cost the spread of every trade."""
    listener = Listener()
    with serving(listener.handler) as address:
        text = session("good", symbols_of(runs.good), ", share_per_market: 0.4").replace("step_seconds: 60", "step_seconds: 86400").replace(
            "max_daily_loss: 100%", "max_daily_loss: 100%, max_order: 100%, max_position: 100%, max_event: 100%")
        path = written(folder, text + f"events: {{webhooks: [{{url: '{address}', on: [session.changed]}}]}}\n")
        done = tw("live", path, "--session", "drifts", "--cycles", 700, ws=runs.ws, quiet=False)
        drift = done.js["strategies"]["mine"]["drift"]
        assert drift["of"] == "bars" and drift["alarm"] == "worse" and drift["shortfall"] > drift["threshold"] > 0
        ensemble = next(p for p in runs.good["ensemble"]["performance"] if p["kind"] == "ensemble")["holdout"]
        assert drift["expected_deviation"] == pytest.approx(0.4 * ensemble["volatility"] / 252**0.5, rel=1e-9)
        assert drift["expected_mean"] == pytest.approx(0.4 * ensemble["sharpe_ratio"] * ensemble["volatility"] / 252, rel=1e-9)
        assert listener.changes() == [("started", ""), ("drift_alarm", "mine"), ("ended", "")]
        said = listener.events[1]["data"]["message"]
        assert said in done.err and said in (runs.ws / "_live/drifts/session.log").read_text() and "its run promised" in said
        assert ok("live", "status", "--session", "drifts", ws=runs.ws)["strategies"]["mine"]["drift"] == drift
        del listener.events[:]
        again = ok("live", path, "--session", "drifts", "--cycles", 5, ws=runs.ws)["strategies"]["mine"]["drift"]
        assert again["alarm"] == "worse" and again["since"] == drift["since"] and listener.changes() == [("started", ""), ("ended", "")]
        ok("live", "disable", "mine", "--session", "drifts", ws=runs.ws)
        ok("live", path, "--session", "drifts", "--cycles", 3, ws=runs.ws)
        ok("live", "enable", "mine", "--session", "drifts", ws=runs.ws)
        fresh = ok("live", path, "--session", "drifts", "--cycles", 5, ws=runs.ws)["strategies"]["mine"]["drift"]
        assert fresh["alarm"] is None and fresh["observed"] <= 5


def test_a_strategy_of_a_run_trades_alone_and_is_compared_with_it(runs, folder):
    row = next(r for r in ok("scan", "good", "--where", "strategy_type == 'sma_cross'", "--limit", "1", ws=runs.ws)["rows"])

    def text(strategy, more=""):
        return f"""total_capital: 1000
cycle_interval: 0
limits: {{max_loss: 100%, max_daily_loss: 100%}}
strategies:
  enabled: [trend]
  trend: {{type: bar, run: good, strategy: "{strategy}", share_per_market: 0.2{more}}}
"""

    js = ok("live", written(folder, text(row["strategy_id"])), "--session", "alone", "--cycles", 100, ws=runs.ws)["strategies"]["trend"]
    assert js["opportunities_taken"] > 0 and js["drift"]["of"] == "bars" and js["drift"]["observed"] > 80
    assert js["drift"]["expected_mean"] == pytest.approx(0.2 * row["sharpe_ratio"] * row["volatility"] / 252, rel=1e-9)
    for strategy, more, says in ((row["strategy_id"] + "x", "", row["strategy_id"]), (row["strategy_id"], ", fast: 3", "fast"), ("", "", "strategy")):
        error = fails(3, "live", written(folder, text(strategy, more)), "--session", "wrong", "--cycles", 1, ws=runs.ws)
        assert says in error["message"] + error["hint"]
