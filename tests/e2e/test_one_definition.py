# SPDX-License-Identifier: Apache-2.0
"""A name means the same in every command: the same trades measured by a sweep, by `metrics`, and in a run's summary."""
import json

import pyarrow.parquet as pq
import pytest
from conftest import ok, scan_rows, sma, write_config

NAMES = ("total_return", "sharpe_ratio", "max_drawdown", "win_rate", "profit_factor", "avg_win", "avg_loss", "largest_win", "largest_loss")


def swept(folder, ws, market, **execution):
    config = write_config(folder / "c.json", [("A", market.sim01), ("B", market.sim02)], [sma([3, 8], [20, 40]), {"type": "rsi_reversion", "window": [7]}],
                          [{"type": "trend", "window": [30, 60]}, {"type": "volatility_terciles"}], ppy=252, **execution)
    ok("sweep", config, "--run-id", "r", ws=ws)


def test_metrics_of_positions_are_the_sweep_s(folder, ws, market):
    swept(folder, ws, market, fill="close", commission="0bps", slippage={"rate": "0bps"})
    ok("unpack", "r", ws=ws)
    closes = [line.split(",") for line in market.sim01.read_text().splitlines()]
    at = closes[0].index("close")
    times, prices = [row[0] for row in closes[1:]], [float(row[at]) for row in closes[1:]]
    for row in (r for r in scan_rows("r", ws) if r["symbol"] == "A" and r["total_trades"] > 5):
        table = pq.read_table(ws / "r" / "signals" / row["strategy_id"] / "signals.parquet").to_pydict()
        changes = {t.strftime("%Y-%m-%d"): s for t, s in zip(table["timestamp"], table["signal"])}
        held, lines = 0, []
        for i, time in enumerate(times):
            if i > 0: lines.append(f"{prices[i] / prices[i - 1] - 1!r},{held}")
            held = changes.get(time[:10], held)
        (folder / "f.csv").write_text("r,s\n" + "\n".join(lines) + "\n")
        found = ok("metrics", folder / "f.csv", "--column", "r", "--signals", "s", "--returns-of", "asset", "--periods-per-year", 252)["metrics"]
        for name in NAMES:
            assert found[name] == pytest.approx(row[name], rel=2e-3 if name == "sharpe_ratio" else 1e-9), (row["strategy_id"], name)


def test_a_run_s_summary_ranks_by_direction_and_names_classifiers_by_id(folder, ws, market):
    swept(folder, ws, market)
    rows = {r["strategy_id"]: r for r in scan_rows("r", ws)}
    document = json.loads((ws / "r" / "summary" / "strategy_rankings.json").read_text())
    assert document["strategies"] == document["listed"] == len(rows)
    for name, ranked in document["rankings"].items():
        values = [one["value"] for one in ranked]
        less = name in ("volatility", "max_drawdown", "total_costs", "cost_per_trade", "cost_impact")
        assert values == sorted(values, reverse=not less) and all(one["value"] == rows[one["strategy_id"]][name] for one in ranked), name
    performance = json.loads((ws / "r" / "summary" / "performance_summary.json").read_text())["metrics"]
    drawdowns = [r["max_drawdown"] for r in rows.values()]
    assert (performance["max_drawdown"]["min"], performance["max_drawdown"]["max"]) == (min(drawdowns), max(drawdowns))

    classifiers = json.loads((ws / "r" / "summary" / "regime_summary.json").read_text())["classifiers"]
    metadata = json.loads((ws / "r" / "metadata.json").read_text())
    assert set(classifiers) == set(metadata["classifier_files"]) and len(classifiers) == 6
    assert metadata["best_classifier"] == max(classifiers, key=lambda c: classifiers[c]["score"])
    for key, one in classifiers.items():
        name = key.removeprefix(one["symbol"] + ".")
        for label, best in one["best_strategies"].items():
            of = {i: r.get(f"regime.{name}.{label}.sharpe_ratio") for i, r in rows.items() if r["symbol"] == one["symbol"]}
            of = {i: v for i, v in of.items() if v is not None}
            assert best["strategy_id"] in of and best["sharpe_ratio"] == max(of.values())
        scores = []
        for r in (r for r in rows.values() if r["symbol"] == one["symbol"]):
            groups = [tuple(r.get(f"regime.{name}.{label}.{f}") for f in ("bars", "mean", "volatility")) for label in one["regime_counts"]]
            groups = [(n, m, v * v / 252) for n, m, v in groups if n is not None and n >= 2 and m is not None and v is not None]
            if len(groups) < 2: continue
            bars, within = sum(n for n, _, _ in groups), sum((n - 1) * v for n, _, v in groups)
            mean = sum(n * m for n, m, _ in groups) / bars
            between = sum(n * (m - mean) ** 2 for n, m, _ in groups)
            error = within / (bars - len(groups))
            scores.append((between - (len(groups) - 1) * error) / (between + within + error))
        assert one["score"] == pytest.approx(sum(scores) / len(scores), rel=1e-6, abs=1e-12)
