# SPDX-License-Identifier: Apache-2.0
"""What replays write: equity, trades, weights, drawdowns and events, of strategies and of ensembles; nothing is ignored."""
import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from conftest import fails, ok, scan_rows, sma, write_config

EASY = ["--min-sharpe", -9, "--min-win-rate", 0, "--min-trades", 1, "--max-drawdown", 1]
TRADE = "trade_id strategy_id symbol side entry_time entry_price exit_time exit_price size return profit costs bars exit_reason mae mfe".split()


@pytest.fixture(scope="module")
def swept(session_folder, market):
    ws = session_folder / "replay_files"
    config = write_config(session_folder / "replay_files.json", [("SIM01", market.sim01), ("SIM02", market.sim02)],
                          [{**sma([3, 5], [20, 40]), "direction": "long_short"}, {"type": "rsi_reversion", "window": 7, "lower": 30, "upper": 70}],
                          [{"type": "volatility_terciles", "window": 20}, {"type": "trend", "window": 50}], ppy=252)
    ok("sweep", config, "--run-id", "r", ws=ws)
    ok("analyze", "r", *EASY, ws=ws)
    first = ok("replay", "r", "--ensemble", ws=ws)
    ids = [m["strategy_id"] for m in first["members"]]
    classifier = json.loads(next((ws / "r/classifiers").glob("SIM01.volatility*/metadata.json")).read_text())
    weights = {label: {i: share / len(ids) for i in ids} for label, share in zip(classifier["labels"], (1, 0.5, 0))}
    own = {"run": "r", "strategies": {i: 1 / len(ids) for i in ids}, "classifier": classifier["classifier_id"], "weights": weights}
    (session_folder / "own.json").write_text(json.dumps(own))
    return SimpleNamespace(ws=ws, config=session_folder / "own.json", stored=first["replay_run"], ids=ids)


def sources(swept):
    return {"strategies": ["r", "--top", 3], "one": ["r"], "ensemble": ["r", "--ensemble"], "configuration": [swept.config], "stored": [swept.stored]}


@pytest.mark.parametrize("kind", ["strategies", "one", "ensemble", "configuration", "stored"])
def test_every_kind_of_replay_writes_its_files(swept, folder, kind):
    plain = ok("replay", *sources(swept)[kind], ws=swept.ws)
    out = {o: folder / f"{o}.csv" for o in ("equity", "trades", "weights")}
    js = ok("replay", *sources(swept)[kind], "--drawdowns", 2, "--trace", *(x for o, f in out.items() for x in (f"--{o}-out", f)), ws=swept.ws)
    assert js["metrics"] == plain["metrics"] and js["members"] == plain["members"]
    assert len(js["drawdowns"]) == 2 and js["drawdowns"][0]["depth"] == pytest.approx(js["metrics"]["max_drawdown"], rel=1e-9)

    equity = pd.read_csv(out["equity"])
    assert equity["equity"].iloc[-1] - 1 == pytest.approx(js["metrics"]["total_return"], rel=1e-9)
    trades = pd.read_csv(out["trades"])
    assert list(trades.columns) == TRADE and len(trades) == js["trades"] > 3
    for member in js["members"]:
        own = trades[trades.strategy_id == member["strategy_id"]]
        assert own["profit"].sum() == pytest.approx(member["profit"], abs=1e-12)
        assert set(own["symbol"]) <= {member["symbol"]}
    assert trades["costs"].sum() == pytest.approx(js["metrics"]["total_costs"], rel=1e-9)
    assert set(trades["exit_reason"]) <= {"signal", "weights", "open"} and trades["exit_time"].isna().sum() == (trades["exit_reason"] == "open").sum()
    weights = pd.read_csv(out["weights"])
    np.testing.assert_allclose(weights.drop(columns=["timestamp", "regime"]).sum(axis=1), 1, atol=1e-12)
    assert list(weights.columns[3:]) == [m["strategy_id"] for m in js["members"]] and len(weights) == len(equity)
    assert weights["regime"].notna().any() == bool(js.get("classifier_id")) and (kind != "configuration" or js["classifier_id"])

    traced = js.get("replay_run", "r")
    assert js["events"] > 0 and ok("trace", traced, 1, ws=swept.ws)["event"]["strategy"] in {m["strategy_id"] for m in js["members"]}
    assert ok("verify", traced, ws=swept.ws)["faults"] == []


def test_trades_of_one_strategy_are_those_the_sweep_counted(swept, folder):
    for row in scan_rows("r", swept.ws)[:6]:
        ok("replay", "r", row["strategy_id"], "--trades-out", folder / "t.csv", ws=swept.ws)
        trades = pd.read_csv(folder / "t.csv")
        closed = trades[trades["exit_reason"] != "open"]
        assert len(closed) == row["total_trades"]
        assert (closed["return"] > 0).sum() / ((closed["return"] != 0).sum() or 1) == pytest.approx(row["win_rate"])
        assert closed["return"].max() == pytest.approx(row["largest_win"], rel=1e-9)
        assert np.prod(1 + trades["return"]) - 1 == pytest.approx(row["total_return"], abs=1e-9)


@pytest.mark.parametrize("arguments, words", [
    (["r", "ID", "--ensemble"], "none can be named"), (["r", "--top", 2, "--ensemble"], "none can be named"), (["r", "ID", "--top", 2], "one or the other"),
    (["r", "--target-regimes", "low"], "--ensemble"), (["r", "--confirm-bars", 2], "--ensemble"), (["CONFIG", "--target-regimes", "low"], "--ensemble"), (["CONFIG", "--confirm-bars", 2], "--ensemble"),
    (["STORED", "--target-regimes", "low"], "--ensemble"), (["STORED", "--ensemble", "--confirm-bars", 2], "--ensemble"), (["CONFIG", "ID"], "none can be named"), (["r", "--data", "SIM01"], "SYMBOL=FILE"),
])
def test_no_option_is_ignored(swept, arguments, words):
    named = {"ID": swept.ids[0], "CONFIG": swept.config, "STORED": swept.stored}
    error = fails(2, "replay", *(named.get(a, a) for a in arguments), ws=swept.ws)
    assert words in error["message"] + error["where"] + error["hint"], error
