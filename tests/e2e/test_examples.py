# SPDX-License-Identifier: Apache-2.0
"""The example programs: each runs as its first comment says."""
import http.server
import re
import subprocess

import pytest
from conftest import BIN, HANG, environment, ok, serving, tw

pytestmark = pytest.mark.long  # the short form does not build them


def run_example(name, *arguments, code=0):
    done = subprocess.run([BIN.parent / name, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment(), timeout=HANG)
    assert done.returncode == code, f"{name}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_custom_strategies(market):
    assert run_example("custom_strategy", market.sim01).strip()


def test_a_custom_prediction_strategy_trades_in_a_session(ws):
    """Its session is one like every other: the command shows its status and its trades, and the same call goes on with it."""
    out = run_example("custom_prediction_strategy", ws, 200)
    assert "market-88: edge" in out and re.search(r"^session favourites: 200 cycles, [1-9]\d* found, [1-9]\d* taken, profit ", out, re.M), out
    status = tw("live", "status", "--session", "favourites", ws=ws).js
    assert set(status["strategies"]) == {"favourite_buyer", "arbitrage"} and status["cycles"] == 200
    traded = [t for t in ok("live", "trades", "--session", "favourites", ws=ws)["trades"] if t["strategy"] == "favourite_buyer" and t["fills"]]
    assert len(traded) == status["strategies"]["favourite_buyer"]["opportunities_taken"] > 0
    assert {f["side"] for t in traded for f in t["fills"]} <= {"buy", "sell"} and all(t["kind"] == "custom" for t in traded)
    assert "session favourites: 250 cycles" in run_example("custom_prediction_strategy", ws, 50)


def test_the_documents_trading_loop():
    out = run_example("trading_loop", 60)
    assert re.search(r"^grade (A\+|[A-F])$", out, re.M) and '"cycles_completed": 60' in out and "best strategy:" in out


def test_managing_strategies():
    out = run_example("manage_strategies")
    assert [line.split()[0] for line in out.splitlines() if " found " in line] == ["arbitrage", "momentum", "statistical_arb"]
    assert "refused: the shares sum to 1.4, not to 1" in out
    assert 'enabled: ["arbitrage","statistical_arb"]' in out and "in 200 cycles" in out
    assert run_example("manage_strategies") == out, "the same seed gives the same trades"


def test_measuring_performance():
    out = run_example("monitor_performance")
    assert re.search(r"^Performance grade: A\+?$", out, re.M)
    assert out.count('"count":25') == 4
    assert "Position: " in out


def test_optimizing_performance():
    out = run_example("optimize_performance")
    assert out.startswith("Priority: ") and "Suggestion: " in out and "Expected improvement: " in out
    assert "\n2 4 6 8 10 \n" in out and "Most time in: " in out and "sum_of_roots" in out and "Optimization score: " in out


@pytest.fixture
def server(folder):
    (folder / "a").write_bytes(b"x" * 1000)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=folder)

        def log_message(self, *args):
            pass

    with serving(Handler) as address:
        yield address


def test_fetching_concurrently(server):
    out = run_example("fetch_urls", f"{server}/a", f"{server}/a")
    assert len(re.findall(r"/a: 200, 1000 bytes in ", out)) == 2
    assert "/nothing: 404" in run_example("fetch_urls", f"{server}/nothing", f"{server}/a", code=1)
    run_example("fetch_urls", code=2)
