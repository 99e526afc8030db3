# SPDX-License-Identifier: Apache-2.0
"""Strategies in worlds where they must not earn, and in one where they do: what paper says when there is nothing to be had."""
import concurrent.futures
import json
import statistics
import subprocess

import pytest

from conftest import BIN, HANG, environment, tw

STRATEGIES = ["arbitrage", "momentum", "statistical_arb", "news"]


def session(folder, ws, edge, seed, cycles, more=""):
    path = folder / f"{edge}-{seed}.yaml"
    path.write_text(f"total_capital: 1000\ncycle_interval: 0\nseed: {seed}\n{more}strategies: {{enabled: [{', '.join(STRATEGIES)}]}}\n"
                    f"simulation: {{edge: {edge}, seed: {seed}}}\n")
    done = tw("live", path, "--session", f"{edge}-{seed}", "--cycles", cycles, ws=ws)
    assert done.rc in (0, 6), done.err
    profit = {name: float(s["equity"]) - float(s["capital"]) for name, s in done.js["strategies"].items()}
    trades = {name: s["opportunities_taken"] for name, s in done.js["strategies"].items()}
    return profit | {"all": sum(profit.values())}, trades


def world(folder, ws, edge, seeds, cycles=600, more=""):
    """{strategy: (mean, standard error)} of profit in dollars, and how many trades there were of each."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        got = list(pool.map(lambda seed: session(folder, ws, edge, seed, cycles, more), range(seeds)))
    means = {}
    for name in STRATEGIES + ["all"]:
        of = [profit[name] for profit, _ in got]
        means[name] = (statistics.mean(of), statistics.stdev(of) / len(of) ** 0.5)
    return means, {name: sum(trades[name] for _, trades in got) for name in STRATEGIES}


def nobody_earns(folder, ws, seeds):
    means, trades = world(folder, ws, "none", seeds)
    assert sum(trades.values()) > 5 * seeds, "nothing is shown by not trading"
    for name, (mean, error) in means.items():
        assert mean <= 2 * error + 1e-9, (name, mean, error)
    assert means["all"][0] < 0
    return means


def everybody_loses(folder, ws, seeds):
    means, trades = world(folder, ws, "adversarial", seeds)
    assert sum(trades.values()) > 5 * seeds
    for name, (mean, _) in means.items():
        assert mean <= 0, (name, mean)
    assert means["all"][0] < 0
    return means


def test_without_an_edge_nobody_earns(folder, ws):
    nobody_earns(folder, ws, 10)


def test_in_an_adversarial_world_everybody_loses(folder, ws):
    everybody_loses(folder, ws, 10)


def test_arbitrage_earns_where_there_is_something_and_the_usual_world_is_sober(folder, ws):
    means, _ = world(folder, ws, "generous", 6)
    assert means["arbitrage"][0] > 0
    means, _ = world(folder, ws, "realistic", 8, cycles=500)
    assert means["all"][0] < 50, "five per cent in an hour and a half"


@pytest.mark.long
def test_without_an_edge_nobody_earns_over_forty_seeds(folder, ws):
    nobody_earns(folder, ws, 40)
    everybody_loses(folder, ws, 40)


def resting(ws, queue, seed, world):
    done = subprocess.run([BIN.parent / "resting_strategy", ws, queue, str(seed), "600", world], capture_output=True, text=True, env=environment(), timeout=HANG)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.long  # the short form does not build the examples
@pytest.mark.parametrize("world", ["none", "realistic"])
def test_the_back_of_the_queue_is_worth_less_than_its_front(ws, world, seeds=40):
    """A strategy that rests its orders, over the seeds of docs/live.md's table: pairs of sessions that differ by the queue alone."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        got = {queue: list(pool.map(lambda seed: resting(ws, queue, seed, world), range(seeds))) for queue in ("back", "front")}
    for queue, of in got.items():
        profit = [one["profit"] for one in of]
        print(f"{world}, {queue}: {statistics.mean(profit):.2f} ± {statistics.stdev(profit) / seeds ** 0.5:.2f}, {sum(one['taken'] for one in of)} trades "
              f"of {sum(one['sent'] for one in of)} orders")
    less = [b["profit"] - f["profit"] for b, f in zip(got["back"], got["front"])]
    assert sum(one["taken"] for one in got["back"]) < sum(one["taken"] for one in got["front"])
    assert statistics.mean(less) < -2 * statistics.stdev(less) / seeds ** 0.5, "in front is kinder than any venue"
