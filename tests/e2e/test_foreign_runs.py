# SPDX-License-Identifier: Apache-2.0
"""Runs as the analytics document lays them out, written by pandas: indexed, completed with prices, analysed."""
import json
from decimal import Decimal
from types import SimpleNamespace

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import fails, ok, scan_rows, sma, tree, tw, write_config

TRADED = ["--commission", "7bps", "--slippage", "3bps", "--periods-per-year", 252]
EASY = ["--min-sharpe", -9, "--min-win-rate", 0, "--min-trades", 1, "--max-drawdown", 1]
NAMES = ("run_id", "strategy_type", "strategy_id")


@pytest.fixture(scope="module")
def swept(session_folder, market):
    ws = session_folder / "foreign_runs"
    config = write_config(session_folder / "foreign_runs.json", [("SIM01", market.sim01), ("SIM02", market.sim02)], [{**sma([3, 5], [20, 40]), "direction": "long_short"}],
                          [{"type": "trend", "window": 50}], ppy=252, commission="7bps", slippage={"model": "linear", "rate": "3bps"})
    ok("sweep", config, "--run-id", "orig", "--layout", "files", ws=ws)
    signals = {p.parent.name: pd.read_parquet(p) for p in sorted((ws / "orig/signals").glob("*/signals.parquet"))}
    states = {p.parent.name: pd.read_parquet(p) for p in sorted((ws / "orig/classifiers").glob("*/states.parquet"))}
    rows = {r["strategy_id"]: {k: v for k, v in r.items() if k not in NAMES and not k.startswith("param.") and not k.startswith("regime.")} for r in scan_rows("orig", ws)}
    data = [x for s, p in (("SIM01", market.sim01), ("SIM02", market.sim02)) for x in ("--data", f"{s}={p}")]
    return SimpleNamespace(signals=signals, states=states, rows=rows, data=data, market=market)


def document(run, swept):
    """RunMetadata as json.dumps(asdict(...), default=str) writes it."""
    text = {"run_id": run, "created_at": pd.Timestamp("2024-03-01 10:00"), "workflow_type": "optimization", "total_strategies": 8, "total_classifiers": 2, "total_events": 0,
            "best_sharpe": Decimal("1.25"), "best_strategy": "x", "best_classifier": "y", "commission_model": "fixed", "slippage_model": "none", "start_date": pd.Timestamp("2015-01-01"),
            "end_date": pd.Timestamp("2019-01-01"), "symbols": ["SIM01", "SIM02"], "signal_files": {}, "classifier_files": {}, "event_trace_file": "events/traces.parquet"}
    return json.dumps(text, default=str)


def sketch(run, swept):
    """ParquetStorageManager.write_signals of the document."""
    (run / "signals").mkdir(parents=True)
    schema = pa.schema([("timestamp", pa.timestamp("ns")), ("signal", pa.int8()), ("confidence", pa.float32())])
    for i, t in swept.signals.items():
        table = pa.Table.from_pandas(t.assign(timestamp=t.timestamp.dt.tz_localize(None)), schema=schema, preserve_index=False)
        pq.write_table(table.replace_schema_metadata({"strategy_id": i, "total_signals": "1200", "compression_ratio": "30.5", "sharpe_ratio": "0.75"}), run / "signals" / f"{i}.parquet")


def layout(run, swept, frame):
    """The layout of the document with its JSON beside each strategy; `frame` shapes the signals."""
    for i, t in swept.signals.items():
        own = run / "signals" / i
        own.mkdir(parents=True)
        frame(t).to_parquet(own / "signals.parquet", index=False)
        (own / "metadata.json").write_text(json.dumps({"strategy_id": i, "strategy_type": "mine", "parameters": {"fast": 3, "mode": "a"}, "total_signals": 1200, "signal_changes": len(t),
                                                       "compression_ratio": 9.5, "sharpe_ratio": str(Decimal("0.75")), "regime_performance": {}}))
        (own / "performance.json").write_text("{}")
    for c, t in swept.states.items():
        own = run / "classifiers" / c
        own.mkdir(parents=True)
        t.assign(state=t.label.where(t.label != "", None))[["timestamp", "state"]].to_parquet(own / "states.parquet", index=False)
        (own / "metadata.json").write_text(json.dumps({"classifier_id": c, "classifier_type": "mine", "parameters": {"window": 50}, "total_states": 1200, "state_changes": len(t),
                                                       "compression_ratio": 10.0, "regime_counts": {}, "avg_regime_duration": {}, "transition_matrix": {}}))
    (run / "metadata.json").write_text(document(run.name, swept))


FRAMES = {
    "as the document has it": lambda t: t.assign(timestamp=t.timestamp.dt.tz_localize(None)),
    "microseconds and wide types": lambda t: t.assign(timestamp=t.timestamp.astype("datetime64[us, UTC]"), signal=t.signal.astype("int64"), confidence=t.confidence.astype("float64")),
    "times as text": lambda t: t.assign(timestamp=t.timestamp.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))[["timestamp", "signal"]],
    "every bar twice the same": lambda t: pd.concat([t.assign(signal=0).head(1).assign(timestamp=t.timestamp.iloc[0] - pd.Timedelta(days=1)), t]),
}


@pytest.mark.parametrize("shape", ["sketch", *FRAMES])
def test_the_documents_layout_is_indexed_completed_and_analysed(swept, folder, shape):
    ws, run = folder / "ws", folder / "ws/theirs"
    if shape == "sketch": sketch(run, swept)
    else: layout(run, swept, FRAMES[shape])
    assert ok("reindex", "theirs", ws=ws)["strategies"] == len(swept.signals)
    rows = {r["strategy_id"]: r for r in scan_rows("theirs", ws)}
    assert set(rows) == set(swept.signals) and all(r["sharpe_ratio"] == 0.75 for r in rows.values())
    if shape != "sketch":
        assert all(r["strategy_type"] == "mine" and r["param.fast"] == 3 for r in rows.values())
        metadata = json.loads((run / "metadata.json").read_text())
        assert metadata["workflow_type"] == "optimization" and metadata["created_at"].startswith("2024-03-01T10:00") and metadata["symbols"] == ["SIM01", "SIM02"]
        assert json.loads((run / "metadata.original.json").read_text())["best_sharpe"] == "1.25"
    error = fails(3, "analyze", "theirs", *EASY, ws=ws)
    assert "reindex theirs --data" in error["hint"]

    js = ok("reindex", "theirs", *swept.data, *TRADED, ws=ws)
    assert js["symbols"] == ["SIM01", "SIM02"]
    priced = {r["strategy_id"]: r for r in scan_rows("theirs", ws)}
    for i, row in swept.rows.items():
        got = {k: v for k, v in priced[i].items() if k in row}
        assert {k: got[k] for k in got if k not in ("signal_changes", "compression_ratio")} == {k: row[k] for k in got if k not in ("signal_changes", "compression_ratio")}, i
    assert ok("verify", "theirs", ws=ws)["faults"] == []
    analysis = ok("analyze", "theirs", *EASY, ws=ws)
    assert len(analysis["strategies"]) == len(swept.signals) and (shape == "sketch" or len(analysis["classifiers"]) == 2)
    assert ok("replay", "theirs", ws=ws)["members"][0]["metrics"]["net_sharpe"] == max(r["net_sharpe"] for r in priced.values())
    if shape != "sketch": assert ok("metrics", "theirs", "--top", 1, ws=ws)["strategies"]

    once = tree(run, without=("metadata.json",))
    assert ok("reindex", "theirs", ws=ws)["strategies"] == len(swept.signals)
    assert {r["strategy_id"]: r for r in scan_rows("theirs", ws)}.keys() == priced.keys()
    assert [r["net_sharpe"] for r in scan_rows("theirs", ws)] == [priced[i]["net_sharpe"] for i in sorted(priced)]
    assert {p: h for p, h in tree(run, without=("metadata.json",)).items() if p.startswith("classifiers")} == {p: h for p, h in once.items() if p.startswith("classifiers")}


def test_nothing_found_is_not_success(folder):
    for name in ("empty", "signals/a", "classifiers"): (folder / "ws/r" / name).mkdir(parents=True)
    before = tree(folder / "ws")
    error = fails(3, "reindex", "r", ws=folder / "ws")
    assert "no signals" in error["message"] and "signals/STRATEGY" in error["hint"]
    assert tree(folder / "ws") == before


def test_prices_are_added_once_and_to_all(swept, folder):
    ws = folder / "ws"
    layout(ws / "r", swept, FRAMES["as the document has it"])
    one = swept.data[:2]
    before = tree(ws)
    assert "SIM02" in fails(3, "reindex", "r", *one, ws=ws)["message"]
    assert tree(ws) == before
    assert "--data" in fails(2, "reindex", "r", "--commission", 0, ws=ws)["where"]
    ok("reindex", "r", *swept.data, ws=ws)
    assert "already" in fails(2, "reindex", "r", *swept.data, ws=ws)["message"]


def test_signals_that_were_imported_get_prices_later(swept, folder):
    ws = folder / "ws"
    pd.concat(t[["timestamp", "signal"]].assign(strategy_id=i) for i, t in swept.signals.items()).to_csv(folder / "s.csv", index=False)
    ok("import-signals", folder / "s.csv", "--run-id", "r", ws=ws)
    ok("pack", "r", ws=ws)
    assert "unpack r" in fails(2, "reindex", "r", *swept.data, *TRADED, ws=ws)["hint"]
    ok("unpack", "r", ws=ws)
    ok("reindex", "r", *swept.data, *TRADED, ws=ws)
    ok("import-signals", folder / "s.csv", "--run-id", "at_once", *swept.data, *TRADED, ws=ws)
    without = lambda run: [{k: v for k, v in r.items() if k not in ("run_id", "total_signals")} for r in scan_rows(run, ws)]
    assert without("r") == without("at_once")
    assert ok("verify", "r", ws=ws)["faults"] == []


def test_a_file_that_is_no_signals_is_named(swept, folder):
    (folder / "ws/r/signals").mkdir(parents=True)
    pd.DataFrame({"a": [1.0]}).to_parquet(folder / "ws/r/signals/x.parquet")
    error = tw("reindex", "r", ws=folder / "ws")
    assert error.rc in (1, 3) and "x.parquet" in error.js["where"], error.js
