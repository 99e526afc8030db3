# SPDX-License-Identifier: Apache-2.0
"""No strategy and no classifier sees the future: on a history that is cut short they say the same as on the whole one, up to the cut."""
import pandas as pd
import pytest
from conftest import ok, scan_rows, sma, write_config

CUTS = (60, 251, 252, 253, 700, 999, 1199)
PAIRS = {"fast": [3, 12], "slow": [26, 50]}


def strategies():
    kinds = [{"type": "sma_cross", **PAIRS}, {"type": "ema_cross", **PAIRS}, {"type": "macd", "fast": [5, 12], "slow": 26, "signal": 9},
             {"type": "donchian_breakout", "entry": [10, 40], "exit": [5, 20]}, {"type": "rsi_reversion", "window": [2, 14], "lower": 35, "upper": 65},
             {"type": "bollinger_reversion", "window": 20, "bands": [1, 2]}, {"type": "zscore_reversion", "window": [10, 30], "entry": 1.5, "exit": 0.2},
             {"type": "time_series_momentum", "window": [20, 200], "threshold": [0, 0.05]}]
    return [{**kind, "direction": direction} for kind in kinds for direction in ("long_only", "long_short")]


def classifiers(types):
    """Every classifier there is, with defaults and, for those known here, more parameters."""
    more = {"volatility_terciles": [{"window": 20, "history": 30}, {"window": 5, "history": 100}], "trend": [{"window": 50}, {"window": 20, "band": 0.0}]}
    return [{"type": t, **p} for t in types for p in [{}, *more.get(t, [])]]


def states_of(run):
    return {p.parent.name: pd.read_parquet(p) for p in sorted((run / "classifiers").glob("*/states.parquet"))}


def signals_of(run):
    return {p.parent.name: pd.read_parquet(p) for p in sorted((run / "signals").glob("*/signals.parquet"))}


@pytest.fixture(scope="module")
def whole(session_folder, market):
    known = ok("types")
    assert {t["name"] for t in known["strategies"]} == {s["type"] for s in strategies()}, "a new strategy type: add it to this test"
    folder = session_folder / "lookahead"
    folder.mkdir()
    config = write_config(folder / "c.json", [("S", market.sim01)], strategies(), classifiers([t["name"] for t in known["classifiers"]]), ppy=252)
    ok("sweep", config, "--run-id", "whole", "--layout", "files", ws=folder / "ws")
    return folder, config


def differences(early, late, cut_time):
    """Ids whose early table is not the late one up to the cut."""
    assert set(early) == set(late)
    wrong = []
    for name, table in early.items():
        expected = late[name][late[name]["timestamp"] <= cut_time].reset_index(drop=True)
        if not table.reset_index(drop=True).equals(expected): wrong.append(name)
    return wrong


@pytest.mark.parametrize("bars", CUTS)
def test_cut_history_gives_the_same_signals_and_states(whole, folder, market, bars):
    root, _ = whole
    lines = market.sim01.read_text().splitlines()
    (folder / "cut.csv").write_text("\n".join(lines[:bars + 1]) + "\n")
    cut_time = pd.Timestamp(lines[bars].split(",")[0], tz="UTC")
    known = [t["name"] for t in ok("types")["classifiers"]]
    config = write_config(folder / "c.json", [("S", folder / "cut.csv")], strategies(), classifiers(known), ppy=252)
    ok("sweep", config, "--run-id", "cut", "--layout", "files", ws=folder / "ws")
    early, late = signals_of(folder / "ws" / "cut"), signals_of(root / "ws" / "whole")
    assert len(early) == 48
    assert differences(early, late, cut_time) == []
    assert differences(states_of(folder / "ws" / "cut"), states_of(root / "ws" / "whole"), cut_time) == []


def test_what_is_compared_is_not_empty(whole):
    root, _ = whole
    changes = {r["strategy_id"]: r["signal_changes"] for r in scan_rows("whole", root / "ws")}
    by_type = {}
    for strategy, count in changes.items():
        by_type.setdefault((strategy.split(".")[1], "long_short" in strategy), []).append(count)
    assert len(by_type) == 16 and all(max(counts) >= 4 for counts in by_type.values()), by_type
    states = {name: len(table) for name, table in states_of(root / "ws" / "whole").items()}
    assert all(count >= 1 for count in states.values()) and sum(count > 5 for count in states.values()) >= len(states) - 1, states


def test_the_comparison_sees_a_look_ahead(whole, market):
    """A signal that knows the next bar's close, compared the same way, is found."""
    root, _ = whole
    bars = pd.read_csv(market.sim01, parse_dates=["timestamp"])
    def peeking(b):
        b = b.assign(timestamp=b["timestamp"].dt.tz_localize("UTC"), signal=(b["close"].shift(-1) > b["close"]).astype("int8"))
        return b[b["signal"] != b["signal"].shift(fill_value=0)][["timestamp", "signal"]]
    found = [cut for cut in range(200, 240) if differences({"x": peeking(bars[:cut])}, {"x": peeking(bars)}, bars["timestamp"][cut - 1].tz_localize("UTC"))]
    assert len(found) > 5


def test_a_future_that_changes_does_not_change_the_past(whole, folder, market):
    """The bars after the cut are replaced by wild ones instead of being left out."""
    root, _ = whole
    lines = market.sim01.read_text().splitlines()
    for index in range(901, len(lines)):
        fields = lines[index].split(",")
        factor = 3.0 if index % 2 else 0.4
        lines[index] = ",".join([fields[0], *(f"{float(x) * factor:.4f}" for x in fields[1:5]), "1"])
    (folder / "wild.csv").write_text("\n".join(lines) + "\n")
    known = [t["name"] for t in ok("types")["classifiers"]]
    ok("sweep", write_config(folder / "c.json", [("S", folder / "wild.csv")], strategies(), classifiers(known), ppy=252), "--run-id", "wild", "--layout", "files", ws=folder / "ws")
    cut_time = pd.Timestamp(lines[900].split(",")[0], tz="UTC")
    def past(tables): return {k: t[t["timestamp"] <= cut_time] for k, t in tables.items()}
    assert differences(past(signals_of(folder / "ws" / "wild")), signals_of(root / "ws" / "whole"), cut_time) == []
    assert differences(past(states_of(folder / "ws" / "wild")), states_of(root / "ws" / "whole"), cut_time) == []
