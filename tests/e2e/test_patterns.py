# SPDX-License-Identifier: Apache-2.0
"""What `patterns` calls profitable in a run: after the run's costs, and beyond what holding earned."""
import random

import pytest
from conftest import ok, sma, write_config


def drifting(path, drift, seed=11, bars=4000):
    """Prices without any pattern: every bar has the same mean."""
    draw, price, lines = random.Random(seed), 100.0, ["timestamp,close"]
    for i in range(bars):
        lines.append(f"{1577836800 + 3600 * i},{price!r}")
        price *= 1 + draw.gauss(drift, 0.005)
    path.write_text("\n".join(lines) + "\n")
    return path


def run(folder, ws, drift=0.0012, **execution):
    config = write_config(folder / "c.json", [("UP", drifting(folder / "up.csv", drift))], [sma([3, 5], [20, 40])], [{"type": "trend", "window": 50}], ppy=8760, fill="close", **execution)
    ok("sweep", config, "--run-id", "up", ws=ws)


def profitable(answer):
    return [p["pattern_id"] for p in answer["patterns"] if p["profitable"]]


def test_drift_is_no_pattern_of_a_run(folder, ws):
    run(folder, ws, commission="2bps", slippage={"rate": "1bps"})
    answer = ok("patterns", "up", "--where", "", ws=ws)
    assert answer["settings"]["cost"] == pytest.approx(2 * (0.0002 + 0.0001)) and answer["settings"]["excess"] is True
    assert not profitable(answer) and not any(t["significant"] for t in answer["transitions"])
    bare = ok("patterns", "up", "--where", "", "--cost", 0, "--no-excess", ws=ws)
    assert bare["settings"]["cost"] == 0 and bare["settings"]["excess"] is False and profitable(bare)
    assert ok("patterns", "up", "--where", "", "--cost", "10bps", ws=ws)["settings"]["cost"] == pytest.approx(0.001)
    found = ok("analyze", "up", "--min-sharpe", 0, "--min-trades", 0, "--min-win-rate", 0, ws=ws)["patterns"]
    assert not [p for p in found["significant"] if p["profitable"]]


def test_slippage_that_grows_with_volatility_costs_what_this_symbol_s_does(folder, ws):
    run(folder, ws, commission="0bps", slippage={"model": "sqrt", "rate": "10bps"})
    yearly = 0.005 * 8760**0.5
    assert ok("patterns", "up", "--where", "", ws=ws)["settings"]["cost"] == pytest.approx(2 * 0.001 * yearly**0.5, rel=0.03)


def test_a_file_has_no_costs_but_those_given(folder):
    draw = random.Random(2)
    (folder / "f.csv").write_text("signal,ret\n" + "".join(f"{draw.choice((-1, 0, 1))},{draw.gauss(0, 0.01)!r}\n" for _ in range(2000)))
    settings = ok("patterns", folder / "f.csv")["settings"]
    assert settings["cost"] == 0 and settings["excess"] is False
    settings = ok("patterns", folder / "f.csv", "--cost", "5bps", "--excess")["settings"]
    assert settings["cost"] == pytest.approx(0.0005) and settings["excess"] is True
