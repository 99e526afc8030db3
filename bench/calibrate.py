# SPDX-License-Identifier: Apache-2.0
"""How often the family-wise test of luck is wrong, and what it finds, through the shipped command on fresh draws.

Two kinds of experiment. Return series: independent noise and a grid of moving averages, with and without an edge, beside White's Reality
Check (studentised, the command's spa.p_upper), Bonferroni and the deflated Sharpe ratio on the same draws. Markets: ten symbols, random
walks with and without drift, or a trend that comes and goes so that the best strategy of the grid has a true Sharpe ratio of 0.5, 1.0 or
2.1 net of costs; swept, analysed, judged.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
BIN = os.environ.get("TRADEWIND_BIN") or ROOT / "build/release/bin/tradewind"
LEVEL = 0.05
YEAR = 252
FAST, SLOW = range(3, 49, 5), range(55, 251, 15)


def tradewind(folder, *args):
    done = subprocess.run([BIN, "--workspace", folder / "ws", "--json", "--quiet", *map(str, args)], capture_output=True, text=True)
    if done.returncode not in (0, 4): sys.exit(f"{' '.join(map(str, args))}: {done.stderr or done.stdout}")
    return json.loads(done.stdout)


# ---- series of returns ------------------------------------------------------------------------------------------------------------------

def independent(g, mean=0.0, edges=0, bars=1000, trials=300):
    returns = 0.01 * g.standard_normal((bars, trials))
    returns[:, g.choice(trials, edges, False)] += mean * 0.01
    return returns


def averages(g, drift=0.0, bars=756):
    """A grid of 640 crossings of moving averages on a market whose drift changes its sign now and then."""
    market = g.normal(0, 0.01, bars) + drift * np.where(np.cumsum(g.random(bars) < 0.02) % 2, -1, 1)
    total = np.concatenate([[0], np.cumsum(np.cumsum(market))])
    mean = lambda w: np.concatenate([np.full(w - 1, np.nan), (total[w:] - total[:-w]) / w])
    known = {w: mean(w) for w in {*range(3, 49, 3), *range(55, 251, 5)}}
    return np.stack([np.nan_to_num(np.sign(known[f] - known[s]))[:-1] * market[1:] for f in range(3, 49, 3) for s in range(55, 251, 5)], 1)


def judge_series(folder, returns):
    file = folder / "trials.parquet"
    pq.write_table(pa.table({f"c{k}": returns[:, k] for k in range(returns.shape[1])}), file)
    js = tradewind(folder, "overfit", file)
    t = js["sharpe_per_period"] * math.sqrt(len(returns))
    return {"family_wise": js["family_wise_p"] <= LEVEL, "reality_check": js["spa"]["p_upper"] <= LEVEL,
            "bonferroni": returns.shape[1] * (1 - NormalDist().cdf(t)) <= LEVEL, "dsr": js["dsr"] > 1 - LEVEL}


SERIES = {
    "noise, 300 independent trials": lambda g: independent(g),
    "12 of 300 with 0.08 sd a bar": lambda g: independent(g, 0.08, 12),
    "12 of 300 with 0.12 sd a bar": lambda g: independent(g, 0.12, 12),
    "grid of 640, noise": lambda g: averages(g),
    "grid of 640, drift 0.003": lambda g: averages(g, 0.003),
    "grid of 640, drift 0.004": lambda g: averages(g, 0.004),
    "grid of 640, drift 0.006": lambda g: averages(g, 0.006),
}

# ---- markets ----------------------------------------------------------------------------------------------------------------------------

def prices(g, bars, trend=0.0, drift=0.0):
    side = np.where(np.cumsum(g.random(bars) < 0.01) % 2, -1, 1)
    return 100 * np.exp(np.cumsum(g.normal(0, 0.01, bars) + trend * side + drift))


def sweep(folder, run, markets, since="1990-01-02"):
    data = []
    days = np.datetime64(since) + np.arange(len(markets[0]))
    for i, close in enumerate(markets):
        path = folder / f"M{i}.parquet"
        pq.write_table(pa.table({"timestamp": pa.array(days.astype("datetime64[ns]"), pa.timestamp("ns", "UTC")), "close": close}), path)
        data.append({"symbol": f"M{i}", "path": str(path)})
    config = folder / "sweep.json"
    config.write_text(json.dumps({
        "data": data, "annualization": {"periods_per_year": YEAR},
        "execution": {"fill": "next_close", "commission": "5bps", "slippage": {"model": "linear", "rate": "2bps"}},
        "strategies": [{"type": "sma_cross", "direction": "long_short", "fast": list(FAST), "slow": list(SLOW)}]}))
    tradewind(folder, "sweep", config, "--run-id", run)


def true_sharpe(folder, trend):
    """Net Sharpe ratio of the best cell of the grid over 900 years: of the longest three histories that times of nanoseconds allow."""
    run = "long"
    subprocess.run(["rm", "-rf", folder / "ws" / run], check=True)
    sweep(folder, run, [prices(np.random.default_rng([99, i]), 300 * YEAR, trend) for i in range(3)], since="1700-01-02")
    cells = {}
    for row in tradewind(folder, "scan", run, "--limit", 0, "--columns", "param.fast,param.slow,net_sharpe")["rows"]:
        cells.setdefault((row["param.fast"], row["param.slow"]), []).append(row["net_sharpe"])
    return max(sum(of) / len(of) for of in cells.values())


def trend_of(folder, sharpe):
    low, high = 0.0, 0.004
    for _ in range(9):
        middle = (low + high) / 2
        low, high = (middle, high) if true_sharpe(folder, middle) < sharpe else (low, middle)
    return (low + high) / 2


CRITERIA = ["--min-sharpe", 0.2, "--min-win-rate", 0.1, "--max-drawdown", 0.9, "--min-trades", 10]


def judge_market(folder, markets, edges):
    sweep(folder, "run", markets)
    overfit = tradewind(folder, "overfit", "run")
    verdict = tradewind(folder, "analyze", "run", *CRITERIA)["verdict"]
    subprocess.run(["rm", "-rf", folder / "ws" / "run"], check=True)
    symbols = {name.split(".")[0] for name in overfit["believed"]}
    real = {f"M{i}" for i in edges}
    return {"believed": bool(symbols & real), "false": bool(symbols - real), "first": "M0" in symbols, "level": verdict["level"]}


def market_worlds(trends):
    yield "random walks", [], 0.0, 0.0, 20
    yield "random walks with a drift of 8 % a year", [], 0.0, 0.08 / YEAR, 20
    for sharpe, trend in trends.items():
        for years in (10, 20):
            yield f"true Sharpe {sharpe} on one of ten, {years} years", [0], trend, 0.0, years
            yield f"true Sharpe {sharpe} on all ten, {years} years", list(range(10)), trend, 0.0, years


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=8, help="markets of each kind; ten times as many of the series")
    parser.add_argument("--only", nargs="*", default=["series", "markets"], choices=["series", "markets"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tradewind-calibrate-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as name:
        folder = Path(name)
        if "series" in options.only:
            n = 10 * options.seeds
            print(f"| series ({n} draws each): the best is believed | family-wise | Reality Check | Bonferroni | DSR > 95 % |\n|---|---|---|---|---|")
            for k, (what, draw) in enumerate(SERIES.items()):
                found = [judge_series(folder, draw(np.random.default_rng([20261128, k, i]))) for i in range(n)]
                print(f"| {what} | " + " | ".join(f"{sum(f[m] for f in found) / n:.3f}" for m in ("family_wise", "reality_check", "bonferroni", "dsr")) + " |", flush=True)
        if "markets" in options.only:
            trends = {sharpe: trend_of(folder, sharpe) for sharpe in (0.5, 1.0, 2.1)}
            print(f"\n| ten markets ({options.seeds} draws each) | a real one is believed | a false one is | nothing | paper | trade |\n|---|---|---|---|---|---|")
            for what, edges, trend, drift, years in market_worlds(trends):
                found = []
                for i in range(options.seeds):
                    streams = np.random.default_rng([1128, i]).spawn(10)
                    found.append(judge_market(folder, [prices(g, years * YEAR, trend if j in edges else 0.0, drift) for j, g in enumerate(streams)], edges))
                share = lambda key, value=True: f"{sum(f[key] == value for f in found) / len(found):.2f}"
                print(f"| {what} | {share('believed') if edges else '–'} | {share('false')} | " + " | ".join(share("level", l) for l in ("nothing", "paper", "trade")) + " |", flush=True)


if __name__ == "__main__":
    main()
