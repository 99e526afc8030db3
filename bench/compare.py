#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs our benchmark programs and the references of bench/peers one after the other and prints the table of the README.
Exit 1 when a row misses its budget."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / "build" / "release" / "bin"

# figure, what it is, budget, True when more is better, reference name[, the reference's figure when it is called otherwise]
ROWS = {
    "sweep": [("sweep_combos_per_second", "sweep, 100,000 bars × 4,950 SMA pairs, all metrics (combos/s)", 10_000, True, "numba by hand")],
    "metrics": [("metric_set_2520", "metric set of 2,520 returns (µs)", 10, False, "numpy"), ("metric_set_1000000", "metric set of 1,000,000 returns (µs)", 8_000, False, "numpy")],
    "store": [("durable_packed_write", "durable packed write of ~1,100 rows each (strategies/s)", 12_000, True, "pyarrow, not durable"),
              ("scan_100000", "scan 100,000 strategies, filter, top 20 (ms)", 5, False, "pyarrow footers"),
              ("scan_1000000", "scan 1,000,000 strategies, filter, top 20 (ms)", 25, False, "pyarrow footers"),
              ("load_5", "load 5 strategies (ms)", 6, False, "pyarrow"), ("load_all_visit", "load all 10,000 strategies (ms)", 300, False, "pyarrow")],
    "overfit": [("pbo_ms", "PBO, 16 blocks, 1,000 trials × 2,520 bars (ms)", 100, False, "numpy, block sums")],
    "regimes": [("hmm_em_ns", "hidden Markov fit, 3 states, per point and iteration (ns)", 30, False, "hmmlearn, else numba"),
                ("hmm_filter_ns", "its filter, per point (ns)", 20, False, "numba by hand")],
    "ensemble": [("max_sharpe_n200", "max Sharpe, cap 0.5, 200 strategies (ms)", 5, False, "scipy SLSQP, analytic gradient"),
                 ("max_sharpe_n1000", "max Sharpe, cap 0.5, 1,000 strategies (ms)", 500, False, ""),
                 ("max_sharpe_k5_n20", "exact best 5 of 20 strategies (ms)", 10, False, "numpy, all 15,504 subsets"),
                 ("max_sharpe_k5_n50", "exact best 5 of 50 strategies (ms)", 500, False, "")],
    "discovery": [("mining_both_1000000_500", "sequence mining, 1,000,000 bars, 500 permutations (s)", 2, False, "numpy, 81 cells")],
    "analysis": [("analysis_10000x3_s", "analysis of 10,000 strategies × 3 classifiers, 5,040 bars, 2 threads (s)", 60, False, ""),
                 ("analysis_10000x3_mb", "its peak memory, the sweep before it included (MB)", 1536, False, "")],
    "telemetry": [("measure_cost_percent", "measuring a cycle of 100 µs and five stages of it (% of the cycle)", 2, False, "")],
    "live": [("live_cycle_1000_ms", "detection cycle, 1,000 markets: arbitrage with depth, momentum, pairs (ms)", 0.15, False, "plain Python"),
             ("live_cycle_1000_ms", "the same beside signals only (ms)", 0.15, False, "numpy", "live_signals_1000_ms"),
             ("live_cycle_10000_ms", "detection cycle, 10,000 markets (ms)", 1.6, False, "plain Python"),
             ("live_cycle_10000_ms", "the same beside signals only (ms)", 1.6, False, "numpy", "live_signals_10000_ms")],
}
OURS = {"sweep": ["sweep_bench"], "metrics": ["metrics_bench"], "store": ["store_bench"], "overfit": ["overfit_bench"], "regimes": ["regimes_bench"], "discovery": ["discovery_bench"], "ensemble": ["ensemble_bench"], "analysis": ["analysis_bench"], "telemetry": ["telemetry_bench"], "live": ["live_bench"]}
PEERS = {"sweep": ["sweep"], "metrics": ["metrics"], "store": ["write", "scan"], "overfit": ["pbo"], "regimes": ["hmm"], "discovery": ["discovery"], "ensemble": ["ensemble"], "analysis": [], "telemetry": [], "live": ["live"]}


def run(command):
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run([str(c) for c in command], cwd=folder, capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{command[0]} failed:\n{result.stderr[-2000:]}")
    return {name: float(value) for name, value, _ in (line.split(",") for line in result.stdout.splitlines() if line.count(",") == 2)}


def peak_rss_mb(command):
    pid = os.spawnv(os.P_NOWAIT, str(command), [str(command)])
    _, status, usage = os.wait4(pid, 0)
    return usage.ru_maxrss / 1024


def main():
    groups = [g for g in sys.argv[1:] if g in ROWS] or list(ROWS)
    missed = 0
    print("| work | tradewind | reference | ratio | budget | |\n|---|---|---|---|---|---|")
    for group in groups:
        ours, theirs = {}, {}
        for program in OURS[group] * 2:  # twice, the better of each figure: a busy disk or neighbour is not what is measured
            for name, value in run([BIN / program]).items():
                more = any(row[0] == name and row[3] for row in ROWS[group])
                ours[name] = value if name not in ours else max(ours[name], value) if more else min(ours[name], value)
        for peer in PEERS[group]:
            theirs.update(run([sys.executable, ROOT / "bench" / "peers" / "reference.py", peer]))
        for name, what, budget, more, reference, *called in ROWS[group]:
            mine, other = ours[name], theirs.get(called[0] if called else name)
            good = mine >= budget if more else mine <= budget
            missed += not good
            beside = "" if other is None else f"{other:,.4g} ({reference})"
            ratio = "" if other is None else f"{(mine / other if more else other / mine):.1f}×"
            print(f"| {what} | {mine:,.4g} | {beside} | {ratio} | {'≥' if more else '≤'} {budget:,} | {'reached' if good else 'MISSED'} |", flush=True)
        if group == "sweep":
            two = max(run([BIN / "sweep_bench", "2"])["sweep_combos_per_second"] for _ in range(3))
            scale = two / ours["sweep_combos_per_second"]
            missed += scale < 1.8
            print(f"| the same on 2 threads (combos/s) | {two:,.4g} | {ours['sweep_combos_per_second']:,.4g} (1 thread) | {scale:.2f}× | ≥ 1.8× | {'reached' if scale >= 1.8 else 'MISSED'} |", flush=True)
            sys.stdout.flush()
            stdout = os.dup(1)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            rss = peak_rss_mb(BIN / "sweep_bench")
            os.dup2(stdout, 1)
            missed += rss > 150
            print(f"| its peak memory (MB) | {rss:.0f} | | | ≤ 150 | {'reached' if rss <= 150 else 'MISSED'} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
