# SPDX-License-Identifier: Apache-2.0
"""--nan of every command that reads a table, histories of unequal length, and options that mean nothing for what was given."""
import json
import random

import pytest
from conftest import fails, ok, sma, tw, write_config

YEAR = ("--periods-per-year", 252)
COMMANDS = [("ensemble", *YEAR), ("overfit",), ("metrics", *YEAR, "--column", "late"), ("regimes", "--column", "late"), ("patterns", "--signals", "s", "--returns", "late")]


def cells(rows=400, late=60, seed=3):
    draw = random.Random(seed)
    return [{"a": draw.gauss(0.001, 0.01), "b": draw.gauss(0.0005, 0.01), "late": "" if i < late else draw.gauss(0.002, 0.02), "s": draw.choice((-1, 0, 1))} for i in range(rows)]


def table(path, rows, names=("a", "b", "late")):
    path.write_text(",".join(names) + "\n" + "".join(",".join(c if isinstance(c := row[n], str) else repr(c) for n in names) + "\n" for row in rows))
    return path


def names_of(command):
    return ("s", "late") if command == "patterns" else ("a", "b", "late")


def same(a, b, *but):
    for skip in ("file", "milliseconds", "notes", "nan_rows", "nan_policy", "walk_forward", *but): a.pop(skip, None), b.pop(skip, None)
    assert a == b


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_rows_without_a_number_are_refused_dropped_or_zero(folder, command):
    name, *more = command
    file = table(folder / "f.csv", cells(), names_of(name))
    error = fails(3, name, file, *more)
    assert error["where"].endswith("f.csv:2") and "'late'" in error["message"]
    dropped, zeroed = (ok(name, file, *more, "--nan", how) for how in ("drop", "zero"))
    assert dropped["nan_rows"] == zeroed["nan_rows"] == 60
    common = ok(name, table(folder / "common.csv", cells()[60:], names_of(name)), *more)
    filled = ok(name, table(folder / "filled.csv", [{**r, "late": r["late"] or 0.0} for r in cells()], names_of(name)), *more)
    if name == "regimes":
        assert dropped["states"] == [None] * 60 + common["states"] and dropped["probabilities"][60:] == common["probabilities"]
        assert dropped["counts"] == common["counts"] and len(dropped["states"]) == 400
    same(dropped, common, "states", "probabilities"), same(zeroed, filled)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c[0] != "metrics"], ids=lambda c: c[0])
def test_what_was_done_is_said_with_its_cause(folder, command):
    name, *more = command
    file = table(folder / "f.csv", cells(), names_of(name))
    note, = [n for n in ok(name, file, *more, "--nan", "drop")["notes"] if "--nan" in n]
    assert "60 of 400 rows" in note and "'late' begins at line 62" in note
    assert "--nan drop" in fails(3, name, file, *more)["hint"]
    nothing = table(folder / "n.csv", [{**r, "late": ""} if i < 399 else {**r, "late": "inf"} for i, r in enumerate(cells())], names_of(name))
    assert "'late' has no value" in fails(3, name, nothing, *more, "--nan", "drop")["message"]


def test_a_hole_leaves_the_labels_of_the_other_rows_where_they_are(folder):
    rows = [{**r, "late": r["late"] or 0.001, "regime": "ab"[i // 50 % 2]} for i, r in enumerate(cells())]
    plain = table(folder / "plain.csv", rows, ("a", "b", "late", "regime"))
    rows[200] = {**rows[200], "late": ""}
    hole = table(folder / "hole.csv", rows, ("a", "b", "late", "regime"))
    counts = lambda f, *more: {k: v["bars"] for k, v in ok("ensemble", f, *YEAR, "--regimes", "regime", *more)["regimes"].items()}
    before, after = counts(plain), counts(hole, "--nan", "drop")
    assert sum(before.values()) == 399 and before["b"] - after["b"] == 1 and before["a"] == after["a"]  # row 200 follows label b of row 199


@pytest.mark.parametrize("command", [("metrics", *YEAR), ("regimes",)], ids=lambda c: c[0])
def test_a_return_over_missing_prices_is_since_the_last_one(folder, command):
    draw, price, prices = random.Random(4), 50.0, []
    for _ in range(400):
        price *= 1 + draw.gauss(0.0005, 0.01)
        prices.append(price)
    gaps = {100, 101, 250}
    def write(name, values):
        (folder / name).write_text("close\n" + "".join(f"{v!r}\n" if v is not None else '""\n' for v in values))
        return folder / name
    name, *more = command
    holes = write("holes.csv", [None if i in gaps else p for i, p in enumerate(prices)])
    left = write("left.csv", [p for i, p in enumerate(prices) if i not in gaps])
    held = write("held.csv", [prices[99] if i in (100, 101) else prices[249] if i == 250 else p for i, p in enumerate(prices)])
    assert fails(3, name, holes, *more, "--prices")["where"].endswith(":102")
    dropped, plain = ok(name, holes, *more, "--prices", "--nan", "drop"), ok(name, left, *more, "--prices")
    if name == "regimes": assert [s for i, s in enumerate(dropped["states"]) if i not in gaps] == plain["states"]
    same(dropped, plain, "states", "probabilities")
    same(ok(name, holes, *more, "--prices", "--nan", "zero"), ok(name, held, *more, "--prices"))


def test_a_benchmark_file_loses_the_rows_that_trials_lose(folder):
    rows = [{**r, "late": r["late"] or 0.001} for r in cells()]
    holes = [{**r, "late": ""} if 150 <= i < 170 else r for i, r in enumerate(rows)]
    draw = random.Random(8)
    benchmark = [{"m": draw.gauss(0.0005, 0.01)} for _ in rows]
    kept = [i for i in range(400) if not 150 <= i < 170]
    a = ok("overfit", table(folder / "holes.csv", holes), "--nan", "drop", "--benchmark", table(folder / "m.csv", benchmark, ("m",)))
    b = ok("overfit", table(folder / "left.csv", [rows[i] for i in kept]), "--benchmark", table(folder / "m2.csv", [benchmark[i] for i in kept], ("m",)))
    same(a, b, "benchmark", "spa")


def test_weights_that_there_are_not_are_no_success(folder, ws):
    losing = table(folder / "l.csv", [{"a": -abs(r["a"]), "b": -abs(r["b"])} for r in cells()], ("a", "b"))
    answer = tw("ensemble", losing, *YEAR, "--max-weight", 1)
    found = json.loads(answer.out)
    assert answer.rc == 3 and found["status"] == "degenerate" and found["reason"] and not found["weights"]
    assert tw("ensemble", losing, *YEAR, "--max-weight", 1, "--objective", "min_variance").rc == 0


def test_options_of_the_other_kind_of_source_are_refused(folder, ws, market):
    ok("sweep", write_config(folder / "c.json", [("A", market.sim01)], [sma([3, 5], [20, 40])]), "--run-id", "r", ws=ws)
    for command, option in (("metrics", ("--column", "x")), ("metrics", ("--nan", "drop")), ("metrics", ("--commission", "1bps")), ("ensemble", ("--column", "x")), ("ensemble", ("--nan", "zero")),
                            ("overfit", ("--nan", "drop")), ("patterns", ("--volume", "v")), ("patterns", ("--nan", "drop"))):
        error = fails(2, command, "r", *option, ws=ws)
        assert error["where"] == option[0] and "file" in error["message"], (command, option, error)
    file = table(folder / "f.csv", cells(late=0))
    for command in ("metrics", "ensemble", "patterns"):
        assert "run" in fails(2, command, file, "--top", 3, ws=ws)["message"]
