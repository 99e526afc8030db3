#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The references our figures stand beside, timed in the same run on the same machine: what a capable user would write by hand.
Usage: reference.py sweep|metrics|write|scan|hmm|pbo|discovery|ensemble|live.  Prints lines: name,value,unit. One thread."""
import os
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "ARROW_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
import itertools
import json
import shutil
import sys
import tempfile
import time

import numpy as np


def best_of(repeats, work, clock=time.perf_counter):
    best = float("inf")
    for _ in range(repeats):
        start = clock()
        work()
        best = min(best, clock() - start)
    return best


def sweep():
    """100,000 bars × 4,950 pairs: one fused loop per pair, compiled by numba; return, Sharpe, drawdown and win rate only."""
    import numba

    @numba.njit
    def averages(close, windows):
        n = len(close)
        sums = np.zeros(n + 1)
        rows = np.full((len(windows), n), np.nan)
        for i in range(n):
            sums[i + 1] = sums[i] + close[i]
        for k in range(len(windows)):
            w = windows[k]
            for i in range(w - 1, n):
                rows[k, i] = (sums[i + 1] - sums[i + 1 - w]) / w
        return rows

    @numba.njit
    def run(close, rows, fast, slow, windows, out):
        n = len(close)
        fee, slip = 0.001, 0.0005
        for k in range(len(fast)):
            f, s, first = rows[fast[k]], rows[slow[k]], windows[slow[k]] - 1
            cash, held, peak, drawdown, value, entry = 1.0, 0.0, 1.0, 0.0, 1.0, 0.0
            total, squares, below, won, trades = 0.0, 0.0, False, 0, 0
            for i in range(n):
                price = close[i]
                if i >= first:
                    if f[i] > s[i] and below and held == 0.0:
                        held, entry, cash = cash / (price * (1 + slip) * (1 + fee)), cash, 0.0
                    elif f[i] < s[i]:
                        below = True
                        if held > 0.0:
                            cash, held = held * price * (1 - slip) * (1 - fee), 0.0
                            trades += 1
                            won += cash > entry
                now = cash + held * price
                r = now / value - 1
                total += r
                squares += r * r
                value = now
                peak = max(peak, now)
                drawdown = min(drawdown, now / peak - 1)
            mean = total / n
            out[k, 0] = value - 1
            out[k, 1] = mean / np.sqrt((squares - n * mean * mean) / (n - 1))
            out[k, 2] = drawdown
            out[k, 3] = won / trades if trades else np.nan

    close = 100 * np.exp(np.cumsum(np.random.Generator(np.random.PCG64(7)).normal(0, 0.001, 100_000)))
    windows = np.arange(5, 105)
    pairs = np.array(list(itertools.combinations(range(100), 2)))
    out = np.empty((len(pairs), 4))
    run(close[:500], averages(close[:500], windows), pairs[:2, 0], pairs[:2, 1], windows, out[:2])
    seconds = best_of(4, lambda: run(close, averages(close, windows), pairs[:, 0], pairs[:, 1], windows, out))
    print(f"sweep_combos_per_second,{len(pairs) / seconds:.0f},combos/s")


def metric_set(r, ppy):
    """The metric set of a return series in plain numpy."""
    equity = np.cumprod(1 + r)
    peak = np.maximum(np.maximum.accumulate(equity), 1.0)
    mean, sd = r.mean(), r.std(ddof=1)
    wins, losses = r[r > 0], r[r < 0]
    drawdown = (1 - equity / peak).max()
    annual = equity[-1] ** (ppy / len(r)) - 1
    return (equity[-1] - 1, annual, sd * ppy ** 0.5, mean / sd * ppy ** 0.5, mean / np.sqrt(np.mean(np.minimum(r, 0) ** 2)) * ppy ** 0.5, drawdown,
            annual / drawdown, len(wins) / (len(wins) + len(losses)), wins.sum() / -losses.sum(), wins.mean(), losses.mean(), wins.max(), losses.min())


def metrics():
    for count, repeats in ((2520, 3000), (1_000_000, 15)):
        r = np.random.Generator(np.random.PCG64(1)).normal(0.0003, 0.01, count)
        print(f"metric_set_{count},{best_of(repeats, lambda: metric_set(r, 252.0)) * 1e6:.1f},us")


def strategies(count):
    g = np.random.Generator(np.random.PCG64(3))
    for i in range(count):
        n = int(g.integers(200, 2001))
        time_ns = 1_500_000_000_000_000_000 + np.cumsum(g.integers(1, 100, n)) * 60_000_000_000
        yield f"s{i:07d}", time_ns, np.where(np.arange(n) % 2 == 0, 1, 0).astype(np.int8), g.random(n).astype(np.float32)


def write_tree(root, count):
    import pyarrow as pa
    import pyarrow.parquet as pq
    g = np.random.Generator(np.random.PCG64(4))
    for name, time_ns, signal, confidence in strategies(count):
        folder = os.path.join(root, "signals", name)
        os.makedirs(folder)
        row = {"strategy_id": name, "sharpe_ratio": str(g.normal()), "win_rate": str(g.random()), "max_drawdown": str(g.random())}
        table = pa.table({"timestamp": pa.array(time_ns, pa.timestamp("ns", "UTC")), "signal": signal, "confidence": confidence}).replace_schema_metadata(row)
        pq.write_table(table, os.path.join(folder, "signals.parquet"))
        with open(os.path.join(folder, "metadata.json"), "w") as file:
            json.dump(row, file)


def write():
    """One Parquet file and one JSON file per strategy by pyarrow, not synced to disk."""
    root = tempfile.mkdtemp()
    count = 1500
    seconds = best_of(1, lambda: write_tree(root, count))
    shutil.rmtree(root)
    print(f"durable_packed_write,{count / seconds:.0f},strategies/s")


def scan():
    """Metadata of every file's footer by pyarrow, filtered and sorted; 3,000 files, scaled to 100,000 and 1,000,000."""
    import glob
    import pyarrow.parquet as pq
    root = tempfile.mkdtemp()
    count = 3000
    write_tree(root, count)

    def look():
        rows = []
        for path in glob.glob(os.path.join(root, "signals", "*", "signals.parquet")):
            m = pq.read_metadata(path).metadata
            if float(m[b"win_rate"]) >= 0.55 and float(m[b"max_drawdown"]) <= 0.2:
                rows.append((float(m[b"sharpe_ratio"]), m[b"strategy_id"]))
        return sorted(rows, reverse=True)[:20]

    per_file = best_of(3, look) / count
    loaded = [p for p in glob.glob(os.path.join(root, "signals", "*", "signals.parquet"))]
    five = best_of(9, lambda: [pq.read_table(p) for p in loaded[:5]])
    everything = best_of(1, lambda: [pq.read_table(p) for p in loaded]) / len(loaded)
    shutil.rmtree(root)
    print(f"scan_100000,{per_file * 1e5 * 1e3:.0f},ms")
    print(f"scan_1000000,{per_file * 1e6 * 1e3:.0f},ms")
    print(f"load_5,{five * 1e3:.2f},ms")
    print(f"load_all_visit,{everything * 1e4 * 1e3:.0f},ms")


def discovery():
    """1,000,000 bars, three signals in a row by three regimes (81 cells, ours tests twice as many), 500 sign flips in blocks of ten."""
    rng = np.random.default_rng(13)
    n, cells, blocks = 1_000_000, 81, 100_000
    signal, regime, ret = rng.integers(0, 3, n), rng.integers(0, 3, n), 0.01 * rng.standard_normal(n)
    start = time.perf_counter()
    code = ((signal[:-3] * 3 + signal[1:-2]) * 3 + signal[2:-1]) * 3 + regime[2:-1]
    outcome = ret[3:]
    norm = np.sqrt(np.bincount(code, outcome * outcome, cells))
    largest = np.empty(500)
    for b in range(500):
        sign = np.repeat(rng.integers(0, 2, blocks + 1) * 2.0 - 1, 10)[: len(outcome)]
        largest[b] = np.abs(np.bincount(code, outcome * sign, cells) / norm).max()
    print(f"mining_both_1000000_500,{time.perf_counter() - start:.3f},s")


def hidden_states(points):
    """The series of bench/regimes_bench.cpp in kind: three states, their transition matrix, means and deviations."""
    g = np.random.Generator(np.random.PCG64(13))
    transition = np.array([[0.98, 0.01, 0.01], [0.01, 0.98, 0.01], [0.02, 0.02, 0.96]])
    mean, deviation = np.array([0.0008, 0.0, -0.0015]), np.array([0.006, 0.012, 0.028])
    edges, draws, states = transition.cumsum(1), g.random(points), np.zeros(points, int)
    for t in range(1, points):
        states[t] = min(2, np.searchsorted(edges[states[t - 1]], draws[t], side="right"))
    return mean[states] + deviation[states] * g.normal(size=points), transition, mean, deviation


def hmm():
    """Expectation maximisation by hmmlearn (implementation="scaling") where it is installed, else scaled forward-backward compiled by
    numba; the filter one point at a time by numba. Processor time, as ours."""
    import numba

    @numba.njit
    def densities(x, mean, variance, out):
        for t in range(len(x)):
            for j in range(len(mean)):
                out[t, j] = np.exp(-0.5 * (x[t] - mean[j]) ** 2 / variance[j]) / np.sqrt(2 * np.pi * variance[j])

    @numba.njit
    def em(x, start, transition, mean, variance, steps):
        n, k = len(x), len(mean)
        b, alpha, scale = np.empty((n, k)), np.empty((n, k)), np.empty(n)
        beta, ahead = np.empty(k), np.empty(k)
        for _ in range(steps):
            densities(x, mean, variance, b)
            for t in range(n):
                scale[t] = 0.0
                for j in range(k):
                    before = start[j]
                    if t > 0:
                        before = 0.0
                        for i in range(k):
                            before += alpha[t - 1, i] * transition[i, j]
                    alpha[t, j] = before * b[t, j]
                    scale[t] += alpha[t, j]
                for j in range(k):
                    alpha[t, j] /= scale[t]
            weight, first, second, moves = np.zeros(k), np.zeros(k), np.zeros(k), np.zeros((k, k))
            beta[:] = 1.0
            for t in range(n - 1, -1, -1):
                if t < n - 1:
                    for j in range(k):
                        ahead[j] = b[t + 1, j] * beta[j] / scale[t + 1]
                    for i in range(k):
                        total = 0.0
                        for j in range(k):
                            total += transition[i, j] * ahead[j]
                            moves[i, j] += alpha[t, i] * transition[i, j] * ahead[j]
                        beta[i] = total
                for j in range(k):
                    gamma = alpha[t, j] * beta[j]
                    weight[j] += gamma
                    first[j] += gamma * x[t]
                    second[j] += gamma * x[t] * x[t]
                    if t == 0:
                        start[j] = gamma
            for i in range(k):
                transition[i] = moves[i] / moves[i].sum()
                mean[i] = first[i] / weight[i]
                variance[i] = second[i] / weight[i] - mean[i] ** 2

    @numba.njit
    def step(p, x, transition, mean, precision, weight, out):
        total = 0.0
        for j in range(len(mean)):
            before = 0.0
            for i in range(len(mean)):
                before += p[i] * transition[i, j]
            out[j] = before * weight[j] * np.exp(-(x - mean[j]) ** 2 * precision[j])
            total += out[j]
        for j in range(len(mean)):
            p[j] = out[j] / total

    @numba.njit
    def filter_all(x, transition, mean, variance):
        p, out, total = np.full(len(mean), 1.0 / len(mean)), np.empty(len(mean)), 0.0
        precision, weight = 0.5 / variance, 1 / np.sqrt(2 * np.pi * variance)
        for t in range(len(x)):
            step(p, x[t], transition, mean, precision, weight, out)
            total += p[0]
        return total

    x, transition, mean, deviation = hidden_states(1_000_000)
    start, steps = np.full(3, 1 / 3), 5
    try:
        from hmmlearn.hmm import GaussianHMM

        def fit():
            model = GaussianHMM(3, "diag", covars_prior=0, n_iter=steps, tol=-np.inf, init_params="", implementation="scaling")
            model.startprob_, model.transmat_, model.means_, model.covars_ = start, transition, mean[:, None], deviation[:, None] ** 2
            model.fit(x[:, None])
    except ImportError:
        em(x[:1000], start.copy(), transition.copy(), mean.copy(), deviation ** 2, 1)

        def fit():
            em(x, start.copy(), transition.copy(), mean.copy(), deviation ** 2, steps)
    print(f"hmm_em_ns,{best_of(3, fit, time.process_time) / (steps * len(x)) * 1e9:.1f},ns")
    filter_all(x[:100], transition, mean, deviation ** 2)
    print(f"hmm_filter_ns,{best_of(5, lambda: filter_all(x, transition, mean, deviation ** 2), time.process_time) / len(x) * 1e9:.1f},ns")


def pbo():
    """Combinatorially symmetric cross-validation with sums of blocks and one matrix product, 1,000 trials × 2,520 bars, 16 blocks."""
    r = np.random.Generator(np.random.PCG64(1)).normal(0.0003, 0.01, (2520, 1000))
    blocks = 16
    chosen = np.array([[i in c for i in range(blocks)] for c in itertools.combinations(range(blocks), blocks // 2)], float)

    def sharpe(sums, squares, count):
        mean = sums / count
        return mean / np.sqrt((squares - sums * mean) / (count - 1))

    def run():
        used = r[: len(r) // blocks * blocks].reshape(blocks, -1, r.shape[1])
        sums, squares = used.sum(1), (used ** 2).sum(1)
        count = used.shape[0] * used.shape[1] // 2
        inside = sharpe(chosen @ sums, chosen @ squares, count)
        outside = sharpe(sums.sum(0) - chosen @ sums, squares.sum(0) - chosen @ squares, count)
        best = inside.argmax(1)
        taken = outside[np.arange(len(best)), best]
        rank = (outside < taken[:, None]).sum(1) + 1
        return np.mean(rank / (r.shape[1] + 1) <= 0.5)

    print(f"pbo_ms,{best_of(5, run) * 1e3:.0f},ms")


def panel_moments(count):
    """Mean and covariance of 2,520 daily returns of `count` strategies with four common factors."""
    g = np.random.Generator(np.random.PCG64(11))
    factors, loads = g.normal(0, 0.006, (2520, 4)), g.normal(0.3, 0.3, (4, count))
    returns = factors @ loads + g.normal(0, 1, (2520, count)) * g.uniform(0.004, 0.015, count) + g.normal(0.0001, 0.0003, count)
    return returns.mean(0), np.cov(returns.T)


def ensemble():
    """Max Sharpe with weights in [0, 0.5]: scipy's SLSQP with bounds and the analytic gradient; five of twenty by trying every subset."""
    from scipy.optimize import minimize
    mu, cov = panel_moments(200)

    def slsqp():
        def value(w):
            v = np.sqrt(w @ cov @ w)
            return -(mu @ w) / v, -(mu / v - (mu @ w) * (cov @ w) / v ** 3)
        return minimize(value, np.full(200, 1 / 200), jac=True, method="SLSQP", bounds=[(0, 0.5)] * 200, constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(200)},
                        options={"ftol": 1e-12, "maxiter": 500})

    print(f"max_sharpe_n200,{best_of(2, slsqp) * 1e3:.1f},ms")
    mu, cov = panel_moments(20)
    subsets = np.array(list(itertools.combinations(range(20), 5)))

    def enumerate_all():
        m, c = mu[subsets], cov[subsets[:, :, None], subsets[:, None, :]]
        w = np.linalg.solve(c, m[..., None])[..., 0]
        w = np.where((w > 0).all(1, keepdims=True), w / w.sum(1, keepdims=True), np.nan)
        w[(w > 0.5).any(1)] = np.nan
        return np.nanmax(np.einsum("ij,ij->i", w, m) / np.sqrt(np.einsum("ij,ijk,ik->i", w, c, w)))

    print(f"max_sharpe_k5_n20,{best_of(3, enumerate_all) * 1e3:.1f},ms")


class LiveMarkets:
    """The made-up markets of bench/live_bench.cpp, by the same generator: mids in thousandths that wander, five levels on every side."""

    def __init__(self, count):
        self.state = 42
        self.tick = [100 + self.below(800) for _ in range(count)]

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        return (self.state >> 33) % bound

    def step(self, i):
        self.tick[i] = min(max(self.tick[i] + self.below(11) - 5, 10), 990)
        return self.tick[i]

    def books(self):
        rows = []
        for i in range(len(self.tick)):
            t, d = self.step(i), self.below(60) - 40
            size = [10 + self.below(500) for _ in range(5)]
            rows.append({"yes_asks": [((t + 5 + q) / 1000, size[q]) for q in range(5)], "no_asks": [((995 - t + d + q) / 1000, size[4 - q]) for q in range(5)],
                         "yes_bids": [((t - 5 - q) / 1000, size[q]) for q in range(5)], "no_bids": [((990 - t - q) / 1000, size[q]) for q in range(5)]})
        return rows


LIVE_RATE, LIVE_WINDOW, LIVE_PAIR_WINDOW = 0.04, 20, 60


def live_arbitrage(books):
    def fee(p):
        return LIVE_RATE * p * (1 - p)
    found = []
    for market, b in enumerate(books):
        ya, na = b["yes_asks"], b["no_asks"]
        if 1 - (ya[0][0] + na[0][0] + fee(ya[0][0]) + fee(na[0][0])) > 0:
            i = j = 0
            left_yes, left_no, shares, profit = ya[0][1], na[0][1], 0.0, 0.0
            while i < len(ya) and j < len(na):
                edge = 1 - (ya[i][0] + na[j][0] + fee(ya[i][0]) + fee(na[j][0]))
                if edge <= 0:
                    break
                taken = min(left_yes, left_no)
                shares, profit = shares + taken, profit + taken * edge
                left_yes, left_no = left_yes - taken, left_no - taken
                if left_yes <= 0:
                    i += 1
                    left_yes = ya[i][1] if i < len(ya) else 0
                if left_no <= 0:
                    j += 1
                    left_no = na[j][1] if j < len(na) else 0
            found.append({"strategy": "arbitrage", "market": market, "shares": shares, "score": profit})
        y, n = b["yes_bids"][0][0], b["no_bids"][0][0]
        if y + n - fee(y) - fee(n) - 1 > 0:
            found.append({"strategy": "arbitrage_sell", "market": market, "shares": 1, "score": y + n - 1})
    return found


def live_momentum(history):
    found, w = [], LIVE_WINDOW
    for market, h in enumerate(history):
        if len(h) <= w:
            continue
        x = h[-w - 1:]
        steps = [x[k + 1] - x[k] for k in range(w)]
        mean = sum(steps) / w
        deviation = (sum((s - mean) ** 2 for s in steps) / (w - 1)) ** 0.5
        if deviation > 0 and abs((x[-1] - x[0]) / (deviation * w ** 0.5)) > 2:
            found.append({"strategy": "momentum", "market": market, "side": "yes" if x[-1] > x[0] else "no", "score": abs(x[-1] - x[0])})
    return found


def live_pairs(history):
    found, w = [], LIVE_PAIR_WINDOW
    for market in range(0, len(history) - 1, 2):
        spread = [a - b for a, b in zip(history[market][-w:], history[market + 1][-w:])]
        mean = sum(spread) / w
        deviation = (sum((s - mean) ** 2 for s in spread) / (w - 1)) ** 0.5
        if deviation > 0 and abs((spread[-1] - mean) / deviation) > 2:
            found.append({"strategy": "statistical_arb", "market": market, "score": abs(spread[-1] - mean) / deviation})
    return found


def live_numpy(ladders, history):
    """Signals of the top of the book only, without depth and without opportunity objects; ladders: ya, na, yb, nb of best prices."""
    history[:, :-1] = history[:, 1:]
    history[:, -1] = (ladders[0] + ladders[2]) / 2
    y, n = ladders[0], ladders[1]
    sets = np.nonzero(1 - (y + n + LIVE_RATE * y * (1 - y) + LIVE_RATE * n * (1 - n)) > 0)[0]
    x = history[:, -LIVE_WINDOW - 1:]
    deviation = np.diff(x, axis=1).std(1, ddof=1)
    moves = np.nonzero(np.abs(x[:, -1] - x[:, 0]) > 2 * deviation * LIVE_WINDOW ** 0.5)[0]
    spread = history[0::2, -LIVE_PAIR_WINDOW:] - history[1::2, -LIVE_PAIR_WINDOW:]
    pairs = np.nonzero(np.abs(spread[:, -1] - spread.mean(1)) > 2 * spread.std(1, ddof=1))[0]
    return len(sets), len(moves), len(pairs)


def live():
    """One detection cycle in plain Python over lists and dictionaries, and its signals alone in numpy, both on the markets of live_bench."""
    for count, cycles in ((1000, 12), (10_000, 6)):
        markets = LiveMarkets(count)
        rows = [[markets.step(i) / 1000 for i in range(count)] for _ in range(64)]
        history = [list(column) for column in zip(*rows)]
        array = np.array(rows).T.copy()
        plain, signals, found, seen = float("inf"), float("inf"), [0, 0, 0], [0, 0, 0]
        for _ in range(cycles):
            books = markets.books()
            best = [np.array([b[side][0][0] for b in books]) for side in ("yes_asks", "no_asks", "yes_bids", "no_bids")]
            start = time.perf_counter()
            for b, h in zip(books, history):
                h.append((b["yes_asks"][0][0] + b["yes_bids"][0][0]) / 2)
            of_all = [live_arbitrage(books), live_momentum(history), live_pairs(history)]
            for one in of_all:
                sorted(one, key=lambda o: -o["score"])[:10]
            plain = min(plain, time.perf_counter() - start)
            found = [a + len(b) for a, b in zip(found, of_all)]
            start = time.perf_counter()
            counts = live_numpy(best, array)
            signals = min(signals, time.perf_counter() - start)
            seen = [a + b for a, b in zip(seen, counts)]
        print(f"live_cycle_{count}_ms,{plain * 1e3:.3f},ms")
        print(f"live_signals_{count}_ms,{signals * 1e3:.3f},ms")
        for name, a, b in zip(("arbitrage", "momentum", "statistical_arb"), found, seen):
            print(f"live_{name}_{count}_found,{a},opportunities of {cycles} cycles")
            print(f"live_{name}_{count}_signals,{b},signals of {cycles} cycles")


if __name__ == "__main__":
    {"sweep": sweep, "metrics": metrics, "write": write, "scan": scan, "hmm": hmm, "pbo": pbo, "discovery": discovery, "ensemble": ensemble, "live": live}[sys.argv[1]]()
