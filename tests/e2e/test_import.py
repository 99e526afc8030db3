# SPDX-License-Identifier: Apache-2.0
"""Signals of other tools with the prices they are traded on: runs like those of a sweep."""
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from conftest import fails, ok, scan_rows, tw, write_config

TRADED = ["--commission", "7bps", "--slippage", "3bps"]


@pytest.fixture(scope="module")
def swept(session_folder, market):
    """A sweep on two symbols, and its signals by id."""
    ws = session_folder / "swept"
    config = write_config(session_folder / "swept.json", [("SIM01", market.sim01), ("SIM02", market.sim02)],
                          [{"type": "sma_cross", "direction": "long_short", "fast": [5, 10], "slow": [30, 60]}, {"type": "rsi_reversion", "window": 7, "lower": 30, "upper": 70}],
                          ppy=252, commission="7bps", slippage={"model": "linear", "rate": "3bps"})
    ok("sweep", config, "--run-id", "orig", "--layout", "files", ws=ws)
    signals = {p.parent.name: pd.read_parquet(p) for p in sorted((ws / "orig/signals").glob("*/signals.parquet"))}
    prices = {"SIM01": market.sim01, "SIM02": market.sim02}
    return SimpleNamespace(ws=ws, signals=signals, prices=prices, data=[x for s, p in prices.items() for x in ("--data", f"{s}={p}")])


def first_of(swept, symbol):
    return next(i for i in swept.signals if i.startswith(f"{symbol}.sma_cross"))


def dense(swept, strategy):
    """The position at every bar."""
    bars = pd.to_datetime(pd.read_csv(swept.prices[strategy.split(".")[0]])["timestamp"], utc=True)
    return swept.signals[strategy].set_index("timestamp")["signal"].reindex(pd.DatetimeIndex(bars, name="timestamp")).ffill().fillna(0).astype(int)


def figures(run, ws, without=()):
    """All a scan says of a strategy but what names it."""
    drop = {"run_id", "strategy_type", *without}
    return {r["strategy_id"]: {k: v for k, v in r.items() if k not in drop and not k.startswith("param.")} for r in scan_rows(run, ws)}


def long_table(swept):
    return pd.concat(t[["timestamp", "signal"]].assign(strategy_id=i, symbol=i.split(".")[0]) for i, t in swept.signals.items())


def by_csv(swept, folder):
    long_table(swept).to_csv(folder / "s.csv", index=False)
    return [folder / "s.csv"]


def by_parquet(swept, folder):
    long_table(swept).astype({"strategy_id": "category", "signal": "float32"}).to_parquet(folder / "s.parquet", index=False)
    return [folder / "s.parquet"]


def by_own_folder(swept, folder):
    return [swept.ws / "orig/signals"]


def by_files(swept, folder):
    for i, t in swept.signals.items(): t.to_csv(folder / f"{i}.csv", index=False)
    return [folder / f"{i}.csv" for i in swept.signals]


def by_wide(swept, folder):
    pd.DataFrame({i: dense(swept, i) for i in swept.signals}).to_csv(folder / "w.csv")
    return [folder / "w.csv", "--format", "wide"]


def by_wide_parquet(swept, folder):
    pd.DataFrame({i: dense(swept, i) for i in swept.signals}).rename_axis(None).to_parquet(folder / "w.parquet")
    return [folder / "w.parquet", "--format", "wide"]


def by_entries(swept, folder):
    parts = []
    for i in swept.signals:
        now = dense(swept, i)
        before = now.shift(fill_value=0)
        parts.append(pd.DataFrame({"strategy_id": i, "symbol": i.split(".")[0], "entries": (now == 1) & (before != 1), "exits": (now != 1) & (before == 1),
                                   "short_entries": (now == -1) & (before != -1), "short_exits": (now != -1) & (before == -1)}, index=now.index).reset_index())
    pd.concat(parts).to_csv(folder / "e.csv", index=False)
    return [folder / "e.csv"]


@pytest.mark.parametrize("shape", [by_csv, by_parquet, by_own_folder, by_files, by_wide, by_wide_parquet, by_entries], ids=lambda f: f.__name__)
def test_the_same_signals_have_the_sweeps_metrics_to_the_last_digit(swept, folder, shape):
    js = ok("import-signals", *shape(swept, folder), "--run-id", f"imp-{shape.__name__}", *swept.data, *TRADED, "--periods-per-year", 252, ws=swept.ws)
    run = js["run_id"]
    assert js["strategies"] == 10 and js["symbols"] == ["SIM01", "SIM02"]
    assert figures(run, swept.ws) == figures("orig", swept.ws)
    assert ok("verify", run, ws=swept.ws)["faults"] == []
    best = ok("replay", run, ws=swept.ws)["members"][0]
    assert best["metrics"]["net_sharpe"] == figures("orig", swept.ws)[best["strategy_id"]]["net_sharpe"]


def test_own_files_keep_type_and_parameters(swept, folder):
    ok("import-signals", swept.ws / "orig/signals", "--run-id", "own", *swept.data, *TRADED, "--periods-per-year", 252, ws=swept.ws)
    without = lambda run: [{k: v for k, v in r.items() if k != "run_id"} for r in scan_rows(run, swept.ws)]
    assert without("own") == without("orig")


def test_one_symbol_needs_no_column_and_booleans_are_positions(swept, folder):
    held = dense(swept, "SIM01.rsi_reversion.window=7,lower=30,upper=70") == 1
    for name, table in (("c.csv", held.rename("signal").reset_index()), ("c.parquet", held.rename("signal").reset_index())):
        (table.to_csv if name.endswith("csv") else table.to_parquet)(folder / name, index=False)
        ok("import-signals", folder / name, "--run-id", name, "--data", f"SIM01={swept.prices['SIM01']}", *TRADED, "--periods-per-year", 252, ws=folder / "ws")
        row = scan_rows(name, folder / "ws")[0]
        assert row["symbol"] == "SIM01" and row["strategy_id"] == "c"
        assert row["net_sharpe"] == figures("orig", swept.ws)["SIM01.rsi_reversion.window=7,lower=30,upper=70"]["net_sharpe"]


def test_a_strategy_on_several_symbols_becomes_one_on_each(swept, folder):
    table = pd.concat(dense(swept, first_of(swept, s)).rename("signal").reset_index().assign(strategy_id="cross", symbol=s) for s in swept.prices)
    table.sort_values("timestamp").to_csv(folder / "s.csv", index=False)
    ok("import-signals", folder / "s.csv", "--run-id", "r", *swept.data, ws=folder / "ws")
    assert [r["strategy_id"] for r in scan_rows("r", folder / "ws")] == ["SIM01.cross", "SIM02.cross"]


def test_costs_fill_and_bars_per_year_count(swept, folder):
    source, ws = by_csv(swept, folder), folder / "ws"
    seen = set()
    for i, options in enumerate(([], ["--commission", 0], ["--slippage", "1%"], ["--slippage-model", "sqrt"], ["--fill", "next_close"], ["--fill", "close"], ["--periods-per-year", 365])):
        js = ok("import-signals", *source, "--run-id", f"r{i}", *swept.data, *options, ws=ws)
        seen.add(scan_rows(f"r{i}", ws)[0]["sharpe_ratio"])
        assert ("--periods-per-year" in options) or any("observed" in n for n in js["notes"])
    assert len(seen) == 7


def test_confidence_alone_is_no_trade(swept, folder):
    table = dense(swept, first_of(swept, "SIM01")).rename("signal").reset_index().assign(confidence=np.linspace(0.1, 1, 1200))
    table.to_csv(folder / "c.csv", index=False)
    ok("import-signals", folder / "c.csv", "--run-id", "c", "--data", f"SIM01={swept.prices['SIM01']}", *TRADED, "--periods-per-year", 252, ws=folder / "ws")
    row = scan_rows("c", folder / "ws")[0]
    expected = figures("orig", swept.ws)[first_of(swept, "SIM01")]
    assert row["signal_changes"] > expected["signal_changes"]
    assert all(row[k] == expected[k] for k in ("net_sharpe", "total_trades", "total_fills", "total_costs"))
    assert ok("replay", "c", ws=folder / "ws")["metrics"]["net_sharpe"] == expected["net_sharpe"]


@pytest.mark.parametrize("code, options, words", [
    (2, ["--commission", "5bps"], "--data"), (2, ["--fill", "close"], "--data"), (2, ["--periods-per-year", 252], "--data"), (2, ["--data", "SIM01"], "SYMBOL=FILE"),
    (2, ["--data", "SIM01={p}", "--data", "SIM01={p}"], "twice"), (2, ["--data", "SIM01={p}", "--fill", "never"], "next_close"), (2, ["--data", "SIM01={p}", "--slippage-model", "cubic"], "sqrt"),
    (2, ["--data", "SIM01={p}", "--commission", "much"], "10bps"), (2, ["--data", "SIM01={p}", "--commission", 1.5], "below 1"), (2, ["--data", "SIM01={p}", "--periods-per-year", 0], "above 0"),
    (2, ["--format", "tall"], "wide"), (1, ["--data", "SIM01=none.csv"], "none.csv"), (3, ["--data", "SIM02={p}"], "SIM01"), (3, ["--data", "A={p}", "--data", "B={p}"], "SIM01"),
    (3, ["--format", "entries-exits"], "entries"), (3, ["--format", "wide"], "strategy_id"),
])
def test_what_cannot_be_a_run_is_refused_and_nothing_is_written(swept, folder, code, options, words):
    source = by_csv(swept, folder)
    error = fails(code, "import-signals", *source, "--run-id", "r", *(str(o).format(p=swept.prices["SIM01"]) for o in options), ws=folder / "ws")
    assert words in error["message"] + error["where"] + error["hint"], error
    assert not (folder / "ws/r").exists()


def test_signals_where_there_is_no_bar_are_refused(swept, folder):
    (folder / "s.csv").write_text("timestamp,signal\n1999-01-01,1\n")
    error = fails(3, "import-signals", folder / "s.csv", "--run-id", "r", "--data", f"SIM01={swept.prices['SIM01']}", ws=folder / "ws")
    assert "1999-01-01" in error["message"] and "SIM01" in error["message"]
    assert "whole" in fails(3, "import-signals", write(folder / "f.csv", "timestamp,signal\n2020-01-01,0.5\n"), "--run-id", "r", ws=folder / "ws")["hint"]


def write(path, text):
    path.write_text(text)
    return path


def test_an_entry_and_an_exit_at_once_change_nothing(folder):
    rows = ["2020-01-01,True,False", "2020-01-02,True,True", "2020-01-03,False,True", "2020-01-04,True,True", "2020-01-05,False,True"]
    write(folder / "e.csv", "timestamp,entries,exits\n" + "\n".join(rows) + "\n")
    assert ok("import-signals", folder / "e.csv", "--run-id", "r", ws=folder / "ws")["rows_kept"] == 2
    assert "exits" in fails(3, "import-signals", write(folder / "x.csv", "timestamp,entries\n2020-01-01,True\n"), "--run-id", "x", ws=folder / "ws")["message"]


def test_empty_cells_of_a_wide_table_are_no_rows(folder):
    write(folder / "w.csv", "Date,a,b\n2020-01-01,,1\n2020-01-02,1,NaN\n2020-01-03,0,0\n")
    js = ok("import-signals", folder / "w.csv", "--format", "wide", "--run-id", "r", ws=folder / "ws")
    assert (js["strategies"], js["rows_read"], js["rows_kept"]) == (2, 4, 4)


def test_imported_signals_are_replayed_on_prices_that_are_named_then(folder):
    (folder / "i.csv").write_text("timestamp,signal,strategy\n2020-01-01,1,A.x\n2020-01-04,0,A.x\n")
    (folder / "p.csv").write_text("timestamp,open,high,low,close\n" + "".join(f"2020-01-0{i},{i},{i},{i},{i}\n" for i in range(1, 6)))
    ok("import-signals", folder / "i.csv", "--run-id", "imp", ws=folder / "ws")
    assert "--data" in fails(3, "replay", "imp", ws=folder / "ws")["hint"]
    js = ok("replay", "imp", "--data", f"A={folder / 'p.csv'}", ws=folder / "ws")
    assert any("252 bars a year" in n and "reindex" in n for n in js["notes"])
    assert js["metrics"]["total_return"] == pytest.approx(5 / 2 * (1 - 0.0015) / (1 + 0.0015) - 1, rel=1e-3)  # bought at 2, sold at 5, after costs
    again = ok("replay", "imp", ws=folder / "ws")
    assert again["metrics"] == js["metrics"] and not again["notes"][1:]
    assert ok("verify", "imp", ws=folder / "ws")["faults"] == []
