# SPDX-License-Identifier: Apache-2.0
"""What a column, a row, a unit is: row numbers, prices, two symbols in a file, a unit of price."""
import json
import random

import pytest
from conftest import fails, ok, scan_rows, sma, tw, write_config

NAMES = "abcdef"


def trials(path, header, number=None, seed=5):
    draw = random.Random(seed)
    rows = [header] + [",".join([*([str(number(i))] if number else []), *(repr(draw.gauss(0.0004, 0.01)) for _ in NAMES)]) for i in range(150)]
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.mark.parametrize("name, number", [("", lambda i: i), ("Unnamed: 0", lambda i: i), ("id", lambda i: 1000 + i), ("", lambda i: 3 * i + i % 2), ("bar", lambda i: i + 7)])
def test_row_numbers_are_no_trial_and_get_no_money(folder, name, number):
    numbered = trials(folder / "numbered.csv", f"{name}," + ",".join(NAMES), number)
    plain = trials(folder / "plain.csv", ",".join(NAMES))
    a, b = ok("overfit", numbered), ok("overfit", plain)
    assert a["trials"] == 6 and a["best"] == b["best"] and a["dsr"] == b["dsr"] and a["pbo"] == b["pbo"]
    assert any(repr(name or "column_1") in note for note in a["notes"]), a["notes"]
    a, b = (ok("ensemble", f, "--periods-per-year", 252) for f in (numbered, plain))
    assert a["weights"] == b["weights"] and a["strategies"] == 6
    a, b = (ok("metrics", f, "--periods-per-year", 252) for f in (numbered, plain))
    assert a["column"] == "a" and a["metrics"] == b["metrics"]
    a, b = (ok("regimes", f) for f in (numbered, plain))
    assert a["states"] == b["states"]


def test_a_column_of_row_numbers_is_read_when_it_is_named(folder):
    numbered = trials(folder / "numbered.csv", "id," + ",".join(NAMES), lambda i: i)
    assert ok("overfit", numbered, "--column", "id", "--column", "a")["trials"] == 2


def prices(path, seed=3, start=1.1, rows=250):
    draw, price, lines, returns = random.Random(seed), start, ["close,other"], ["close,other"]
    for i in range(rows):
        before, price = price, price * (1 + draw.gauss(0.0001, 0.006))
        lines.append(f"{price!r},{2 * price!r}")
        if i > 0: returns.append(f"{price / before - 1!r},{(2 * price) / (2 * before) - 1!r}")
    path.write_text("\n".join(lines) + "\n")
    (path.parent / "returns.csv").write_text("\n".join(returns) + "\n")
    return path


@pytest.mark.parametrize("start", [1.1, 100, 0.9])
@pytest.mark.parametrize("command", [("metrics", "--periods-per-year", 252), ("overfit",), ("ensemble", "--objective", "min_variance", "--periods-per-year", 252)])
def test_prices_are_not_taken_for_returns(folder, command, start):
    file = prices(folder / "p.csv", start=start)
    error = fails(3, command[0], file, *command[1:])
    assert "'close' looks like prices" in error["message"] and "--prices" in error["hint"]
    a = ok(command[0], file, *command[1:], "--prices")
    b = ok(command[0], folder / "returns.csv", *command[1:])
    for skip in ("file", "milliseconds", "walk_forward"): a.pop(skip, None), b.pop(skip, None)
    assert a == b


def test_small_prices_are_told_and_positive_returns_pass(folder):
    note = ok("metrics", prices(folder / "small.csv", start=0.2), "--periods-per-year", 252)["notes"]
    assert any("looks like prices" in n and "--prices" in n for n in note), note
    draw = random.Random(1)
    (folder / "cash.csv").write_text("r\n" + "".join(f"{0.0001 + 1e-6 * draw.random()!r}\n" for _ in range(300)))
    (folder / "years.csv").write_text("r\n" + "".join(f"{0.05 + 0.3 * draw.random()!r}\n" for _ in range(30)))
    for name, a_year in (("cash.csv", 252), ("years.csv", 1)):
        assert not ok("metrics", folder / name, "--periods-per-year", a_year)["notes"], name


def test_a_number_that_hardly_moves_is_no_price(folder):
    draw = random.Random(1)
    (folder / "quiet.csv").write_text("r\n" + "".join(f"{1 + 1e-11 * draw.gauss(0, 1)!r}\n" for _ in range(5000)))
    assert ok("overfit", folder / "quiet.csv")["psr"] is not None


def test_a_rate_that_compounds_beyond_one_a_year_is_a_rate(folder):
    (folder / "r.csv").write_text("r\n" + "0.01\n0.1\n-0.04\n0.02\n0.03\n" * 4)
    yearly = 1.1**252 - 1
    metrics = ok("metrics", folder / "r.csv", "--periods-per-year", 252, "--risk-free", yearly, "--target", yearly)["metrics"]
    values = [0.01 - 0.1, 0, -0.04 - 0.1, 0.02 - 0.1, 0.03 - 0.1] * 4
    mean = sum(values) / 20
    sd = (sum((v - mean) ** 2 for v in values) / 19) ** 0.5
    assert metrics["sharpe_ratio"] == pytest.approx(mean / sd * 252**0.5, rel=1e-9)
    fails(2, "metrics", folder / "r.csv", "--periods-per-year", 252, "--risk-free", "-100%")


def test_initial_parameters_say_how_many_states(folder):
    (folder / "x.csv").write_text("x\n" + "\n".join(str(0.01 * i) for i in (1, -1, 2, -2, 3, 1, 0, -3, 2, 1)) + "\n")
    (folder / "init.json").write_text(json.dumps({"start_probability": [0.3, 0.3, 0.4], "transition": [[0.8, 0.1, 0.1]] * 3, "means": [-0.01, 0, 0.01], "variances": [1e-4] * 3}))
    given = ok("regimes", folder / "x.csv", "--init", folder / "init.json", "--iterations", 0)
    assert len(given["parameters"]["means"]) == 3 and given["states"] == ok("regimes", folder / "x.csv", "--init", folder / "init.json", "--states", 3)["states"]
    assert "describes 3" in fails(2, "regimes", folder / "x.csv", "--init", folder / "init.json", "--states", 2)["message"]


def test_prices_of_a_bad_cell_name_the_line_and_regimes_tell(folder):
    (folder / "bad.csv").write_text("close\n100\n0\n101\n")
    assert fails(3, "metrics", folder / "bad.csv", "--prices", "--periods-per-year", 252)["where"].endswith(":3")
    assert any("--prices" in n for n in ok("regimes", prices(folder / "p.csv", start=100))["notes"])


def two_symbols(path, stacked):
    draw, rows = random.Random(9), {"AAPL": [], "BTC/USD": []}
    for symbol, hour in (("AAPL", 5), ("BTC/USD", 0)):
        price = 100.0 if symbol == "AAPL" else 30000.0
        for day in range(300):
            price *= 1 + draw.gauss(0, 0.01)
            rows[symbol].append((f"{2021 + day // 28 // 12}-{day // 28 % 12 + 1:02d}-{day % 28 + 1:02d}T{hour:02d}:00:00Z", f"{price:.2f}"))
    lines = [(time, symbol, price) for symbol in rows for time, price in rows[symbol]]
    if not stacked: lines.sort()
    path.write_text("symbol,timestamp,close\n" + "".join(f"{s},{t},{p}\n" for t, s, p in lines))
    for symbol in rows: (path.parent / f"{symbol[:3]}.csv").write_text("timestamp,close\n" + "".join(f"{t},{p}\n" for t, p in rows[symbol]))
    return path


@pytest.mark.parametrize("stacked", [True, False])
def test_two_symbols_in_a_file_are_not_one_series(folder, ws, stacked):
    both = two_symbols(folder / "both.csv", stacked)
    done = tw("data", "info", both)
    info = done.js
    assert done.rc == 3
    assert info["rejected_total"] == 1 and "'AAPL', 'BTC/USD'" in info["rejected"][0]["reason"] and "--symbol" in info["rejected"][0]["reason"]
    for extra in ((), ("--on-error", "skip"), ("--sort",)):
        assert tw("data", "import", both, "--out", folder / "x.csv", *extra).rc == 3 and not (folder / "x.csv").exists()
    assert ok("data", "info", both, "--symbol", "BTC/USD")["rows"] == 300
    error = fails(3, "sweep", write_config(folder / "bad.json", [("X", both)], [sma(5, 20)], fill="close"), "--run-id", "bad", ws=ws)
    assert "AAPL" in error["message"]
    ok("sweep", write_config(folder / "one.json", [("AAPL", both)], [sma(5, 20)], fill="close"), "--run-id", "of_both", ws=ws)
    ok("sweep", write_config(folder / "two.json", [("AAPL", folder / "AAP.csv")], [sma(5, 20)], fill="close"), "--run-id", "alone", ws=ws)
    a, b = scan_rows("of_both", ws)[0], scan_rows("alone", ws)[0]
    assert {**a, "run_id": 0} == {**b, "run_id": 0}
    assert ok("replay", "of_both", a["strategy_id"], ws=ws)["metrics"]["sharpe_ratio"] == a["sharpe_ratio"]


def test_what_is_left_out_is_in_no_baseline(folder):
    draw = random.Random(2)
    rows = [[repr(draw.gauss(0.0005, 0.01)) for _ in "abcd"] for _ in range(400)]
    (folder / "four.csv").write_text("a,b,c,d\n" + "".join(",".join(r) + "\n" for r in rows))
    (folder / "cash.csv").write_text("a,b,c,d,cash\n" + "".join(",".join(r) + ",0.0002\n" for r in rows))
    four, cash = (ok("ensemble", folder / f, "--periods-per-year", 252, "--fit-bars", 150) for f in ("four.csv", "cash.csv"))
    assert cash["excluded"] == {"cash": "zero_variance"} and cash["baselines"] == four["baselines"]


def test_a_grid_has_the_decimals_as_written(folder, ws, long_market):
    config = folder / "g.yaml"
    config.write_text(f"data: [{{symbol: S, path: {long_market}}}]\nannualization: {{periods_per_year: 1638}}\n"
                      "strategies: [{type: bollinger_reversion, window: 20, bands: {from: 0.1, to: 0.9, step: 0.1}}]\n")
    ok("sweep", config, "--run-id", "g", ws=ws)
    assert sorted(r["param.bands"] for r in scan_rows("g", ws)) == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    assert len(ok("scan", "g", "--where", "`param.bands` == 0.3", ws=ws)["rows"]) == 1
    ok("replay", "g", "S.bollinger_reversion.window=20,bands=0.3", ws=ws)


def test_a_unit_of_price_changes_nothing(folder, ws):
    draw, price, cents = random.Random(8), 500, []
    for _ in range(6000):
        price = max(50, price + draw.choice((-1, -1, 0, 0, 0, 1, 1)))
        cents.append(price)
    got = {}
    strategies = [{"type": "sma_cross", "fast": [4, 5, 7], "slow": [20, 33]}, {"type": "ema_cross", "fast": [3, 5], "slow": [20]}, {"type": "bollinger_reversion", "window": [20], "bands": [0, 1, 2]},
                  {"type": "zscore_reversion", "window": [10], "entry": [1, 2]}, {"type": "rsi_reversion", "window": [2, 14]}, {"type": "time_series_momentum", "window": [5, 20], "threshold": [0, 0.01]}]
    for unit, text in (("dollars", lambda c: f"{c / 100:.2f}"), ("cents", str), ("eighths", lambda c: f"{c * 0.125:.3f}")):
        (folder / f"{unit}.csv").write_text("timestamp,close\n" + "".join(f"2020-01-{1 + i // 1440:02d}T{i % 1440 // 60:02d}:{i % 60:02d}:00Z,{text(c)}\n" for i, c in enumerate(cents)))
        config = write_config(folder / f"{unit}.json", [("X", folder / f"{unit}.csv")], strategies, ppy=98280, fill="close", commission=0, slippage={"model": "linear", "rate": 0})
        ok("sweep", config, "--run-id", unit, ws=ws)
        got[unit] = {r["strategy_id"]: [r[k] for k in ("total_fills", "signal_changes", "total_trades", "win_rate")] for r in scan_rows(unit, ws)}
    assert got["dollars"] == got["cents"] == got["eighths"]
