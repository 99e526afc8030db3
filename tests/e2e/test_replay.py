# SPDX-License-Identifier: Apache-2.0
"""Replays of stored signals: the sweep's metrics to the last bit, weights, and data that is not what it was."""
import csv
import itertools
import shutil

import pytest
from conftest import METRICS, fails, ok, scan_rows, sma, write_config

COUNTS = ("total_trades", "total_fills")
FILLS = ("next_open", "next_close", "close")
SLIPPAGE = ({"model": "linear", "rate": "5bps"}, {"model": "sqrt", "rate": "20bps"}, {"model": "linear", "rate": 0})
STRATEGIES = [sma([3, 8], [20, 40]), sma(5, 30, direction="long_short"), {"type": "rsi_reversion", "direction": "long_short", "window": 7, "lower": 30, "upper": 70},
              {"type": "time_series_momentum", "direction": "long_short", "window": 60}, {"type": "zscore_reversion", "window": 100, "entry": 50}]


def stored_reasons(row):
    return dict(entry.split(":") for entry in (row["undefined"] or "").split(";") if entry)


def assert_same_metrics(row, replayed):
    member = replayed["members"][0]
    for name in METRICS:
        assert row[name] == replayed["metrics"][name] == member["metrics"][name], (row["strategy_id"], name)
    for name in COUNTS:
        assert row[name] == member["metrics"][name], (row["strategy_id"], name)
    assert stored_reasons(row) == replayed["undefined"] == member["undefined"]


@pytest.mark.parametrize("fill, slippage", list(itertools.product(FILLS, SLIPPAGE)), ids=lambda v: v if isinstance(v, str) else f"{v['model']}-{v['rate']}")
def test_a_replay_of_one_strategy_is_the_sweep_to_the_last_bit(folder, ws, market, fill, slippage):
    config = write_config(folder / "c.json", [("SIM01", market.sim01), ("SIM02", market.sim02)], STRATEGIES, ppy=252, fill=fill, commission="10bps", slippage=slippage)
    ok("sweep", config, "--run-id", "r", "--layout", "packed" if fill == "close" else "files", ws=ws)
    rows = scan_rows("r", ws)
    assert len(rows) == 16
    for row in rows:
        assert_same_metrics(row, ok("replay", "r", row["strategy_id"], ws=ws))


def test_risk_free_rate_and_other_bars_per_year_are_replayed_too(folder, ws, long_market):
    path = folder / "c.yaml"
    path.write_text(f"data: [{{symbol: S, path: {long_market}}}]\nannualization: {{periods_per_year: 1638, risk_free: 0.03}}\nstrategies: [{{type: sma_cross, fast: [5, 9], slow: 50}}]\n")
    ok("sweep", path, "--run-id", "r", ws=ws)
    for row in scan_rows("r", ws):
        assert_same_metrics(row, ok("replay", "r", row["strategy_id"], ws=ws))


def test_prices_without_opens_are_swept_and_replayed_at_the_close(folder, ws, market):
    with open(market.sim01) as source:
        lines = [(r["timestamp"], r["close"]) for r in csv.DictReader(source)]
    (folder / "close.csv").write_text("timestamp,close\n" + "".join(f"{t},{c}\n" for t, c in lines))
    for fill in ("next_close", "close"):
        ok("sweep", write_config(folder / "c.json", [("S", folder / "close.csv")], STRATEGIES, ppy=252, fill=fill), "--run-id", fill, ws=ws)
        for row in scan_rows(fill, ws):
            assert_same_metrics(row, ok("replay", fill, row["strategy_id"], ws=ws))
    fails(3, "sweep", write_config(folder / "c.json", [("S", folder / "close.csv")], STRATEGIES, ppy=252, fill="next_open"), ws=ws)


@pytest.fixture(scope="module")
def run(session_folder, market):
    folder = session_folder / "replayed"
    folder.mkdir()
    for symbol in ("SIM01", "SIM02"):
        shutil.copy(market.folder / f"{symbol}.csv", folder / f"{symbol}.csv")
    config = write_config(folder / "c.json", [("SIM01", "SIM01.csv"), ("SIM02", "SIM02.csv")], STRATEGIES, ppy=252)
    ok("sweep", config, "--run-id", "r", ws=folder / "ws")
    return folder


def test_the_best_is_replayed_when_none_is_named(run):
    best = ok("scan", "r", "--limit", 3, "--sort", "net_sharpe", ws=run / "ws")["rows"]
    assert [m["strategy_id"] for m in ok("replay", "r", ws=run / "ws")["members"]] == [best[0]["strategy_id"]]
    three = ok("replay", "r", "--top", 3, ws=run / "ws")
    assert [m["strategy_id"] for m in three["members"]] == [r["strategy_id"] for r in best]
    assert [m["weight"] for m in three["members"]] == pytest.approx([1 / 3] * 3)


def equity(path):
    with open(path) as source:
        rows = list(csv.DictReader(source))
    return {k: [r[k] if k == "timestamp" else float(r[k]) for r in rows] for k in rows[0]}


def test_weights(run, folder):
    a, b = "SIM01.sma_cross.fast=3,slow=20", "SIM01.sma_cross.fast=8,slow=40"
    for name, arguments in (("a", [a]), ("b", [b]), ("both", [f"{a}=0.25", f"{b}=0.75"]), ("half", [f"{a}=0.5"]), ("equal", [a, b])):
        answer = ok("replay", "r", *arguments, "--equity-out", folder / f"{name}.csv", ws=run / "ws")
        assert answer["equity_out"] == str(folder / f"{name}.csv")
        if name == "both": assert {m["strategy_id"]: m["weight"] for m in answer["members"]} == {a: 0.25, b: 0.75}
    curves = {name: equity(folder / f"{name}.csv") for name in ("a", "b", "both", "half", "equal")}
    assert curves["both"]["timestamp"] == curves["a"]["timestamp"] and len(curves["a"]["timestamp"]) == 1200
    # Whatever the rule of rebalancing, each bar's return lies between those of the two; and equal weights are one half each.
    for bar in range(1200):
        low, high = sorted((curves["a"]["return"][bar], curves["b"]["return"][bar]))
        for name in ("both", "equal"):
            assert low - 1e-12 <= curves[name]["return"][bar] <= high + 1e-12
    one = ok("replay", "r", f"{a}=0.5", f"{b}=0.5", ws=run / "ws")
    assert one["metrics"] == ok("replay", "r", a, b, ws=run / "ws")["metrics"]
    assert sum(m["profit"] for m in one["members"]) == pytest.approx(one["metrics"]["total_return"], abs=1e-9)


def test_wrong_weights_and_unknown_strategies(run):
    a, b = [r["strategy_id"] for r in scan_rows("r", run / "ws")][:2]
    ws = run / "ws"
    fails(2, "replay", "r", f"{a}=0.5", b, ws=ws)
    error = fails(1, "replay", "r", a[:-1], ws=ws)
    assert a in error["hint"] or "did you mean" in error["hint"]
    fails(1, "replay", "nothing", a, ws=ws)
    for weight in ("nan", "inf", "-1", "1e999", ""):
        assert_refused(ws, "replay", "r", f"{a}={weight}")
    fails(2, "replay", "r", a, "--data", "SIM01", ws=ws)


def assert_refused(ws, *args):
    from conftest import tw
    done = tw(*args, ws=ws)
    assert done.rc in (1, 2, 3) and done.js["schema"] == "tradewind.error/1", f"{args}: exit {done.rc} {done.out[:300]}"


def test_changed_data_is_refused(run, folder):
    shutil.copytree(run, folder / "copy")
    ws, data = folder / "copy" / "ws", folder / "copy" / "SIM01.csv"
    a = next(r["strategy_id"] for r in scan_rows("r", ws) if r["symbol"] == "SIM01" and r["total_trades"] > 5)
    given = ["--data", f"SIM01={data}"]
    before = ok("replay", "r", a, *given, ws=ws)
    lines = data.read_text().splitlines()
    fields = lines[600].split(",")
    fields[5] = str(int(fields[5]) + 1)  # the volume: prices are as they were, and still the file is another
    lines[600] = ",".join(fields)
    data.write_text("\n".join(lines) + "\n")
    error = fails(3, "replay", "r", a, *given, ws=ws)
    assert "--allow-changed-data" in error["hint"] and "SIM01.csv" in error["where"]
    assert ok("replay", "r", a, *given, "--allow-changed-data", ws=ws)["metrics"] == before["metrics"]
    # Fewer bars than signals know about
    data.write_text("\n".join(lines[:400]) + "\n")
    fails(3, "replay", "r", a, *given, ws=ws)
    assert_refused_or_flagged(ws, a, given)


def assert_refused_or_flagged(ws, a, given):
    from conftest import tw
    done = tw("replay", "r", a, *given, "--allow-changed-data", ws=ws)
    assert done.rc in (0, 1, 3), done.out
    if done.rc == 0: assert done.js["last"] < "2018"
    else: assert done.js["message"]


def test_a_missing_data_file_says_how_to_name_another(run, folder):
    shutil.copytree(run, folder / "copy")
    moved = folder / "elsewhere.csv"
    shutil.move(run / "SIM01.csv", moved)
    try:
        a = next(r["strategy_id"] for r in scan_rows("r", folder / "copy" / "ws") if r["symbol"] == "SIM01")
        error = fails(1, "replay", "r", a, ws=folder / "copy" / "ws")
        assert "--data SIM01=" in error["hint"] and "SIM01.csv" in error["where"]
        assert ok("replay", "r", a, "--data", f"SIM01={moved}", ws=folder / "copy" / "ws")["members"][0]["strategy_id"] == a
    finally:
        shutil.move(moved, run / "SIM01.csv")


def test_the_equity_file_agrees_with_the_metrics_of_its_returns(run, folder):
    for index, row in enumerate(r for r in scan_rows("r", run / "ws") if r["total_trades"] > 3):
        out = folder / f"{index}.csv"
        replayed = ok("replay", "r", row["strategy_id"], "--equity-out", out, ws=run / "ws")["metrics"]
        computed = ok("metrics", out, "--column", "return", "--periods-per-year", 252)["metrics"]
        for name in ("total_return", "annualized_return", "volatility", "sharpe_ratio", "sortino_ratio", "max_drawdown", "calmar_ratio", "bar_win_rate"):
            assert computed[name] == pytest.approx(replayed[name], rel=1e-9, abs=1e-9), (row["strategy_id"], name)
        gross = ok("metrics", gross_returns(out), "--column", "return", "--periods-per-year", 252)["metrics"]
        assert gross["total_return"] == pytest.approx(replayed["gross_return"], rel=1e-9)
        assert gross["sharpe_ratio"] == pytest.approx(replayed["gross_sharpe"], rel=1e-9)
        curve = equity(out)
        assert curve["equity"][-1] == pytest.approx(1 + replayed["total_return"], rel=1e-12)
        peak, deepest = 1.0, 0.0
        for e in curve["equity"]:
            peak = max(peak, e)
            deepest = max(deepest, 1 - e / peak)
        assert deepest == pytest.approx(replayed["max_drawdown"], rel=1e-12)


def gross_returns(path):
    curve, last, lines = equity(path), 1.0, []
    for t, e in zip(curve["timestamp"], curve["gross_equity"]):
        lines.append(f"{t},{e / last - 1!r}")
        last = e
    out = path.with_suffix(".gross.csv")
    out.write_text("timestamp,return\n" + "\n".join(lines) + "\n")
    return out


def test_a_packed_and_an_unpacked_run_replay_the_same(run, folder):
    shutil.copytree(run / "ws", folder / "ws")
    a = scan_rows("r", folder / "ws")[0]["strategy_id"]
    def replayed(): return {k: v for k, v in ok("replay", "r", a, ws=folder / "ws").items() if k != "milliseconds"}
    first = replayed()
    ok("pack", "r", ws=folder / "ws")
    assert replayed() == first
    ok("unpack", "r", a, ws=folder / "ws")
    assert replayed() == first
