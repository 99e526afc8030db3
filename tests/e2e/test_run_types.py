# SPDX-License-Identifier: Apache-2.0
"""Every kind of run with every command: what docs/workspace.md says of it."""
import json
import re
import shutil
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from conftest import REPO, fails, ok, scan_rows, sma, tw, write_config

EASY = ["--min-sharpe", -9, "--min-win-rate", 0, "--min-trades", 0, "--max-drawdown", 1]
KINDS = ["sweep", "own strategy", "signals", "signals without prices", "returns", "replay", "session"]
COMMANDS = {
    "scan": ["scan", "RUN"], "export": ["export", "RUN", "--out", "TMP/x.csv"], "metrics": ["metrics", "RUN", "--top", 2], "analyze": ["analyze", "RUN", *EASY],
    "report": ["report", "RUN", *EASY, "--out", "TMP/x.html"], "replay": ["replay", "RUN"], "replay --top": ["replay", "RUN", "--top", 2, "--trace"], "trace": ["trace", "RUN", 1],
    "replay --ensemble": ["replay", "RUN", "--ensemble"], "ensemble": ["ensemble", "RUN", "--max-weight", 1], "overfit": ["overfit", "RUN"], "patterns": ["patterns", "RUN", "--permutations", 20],
    "pack": ["pack", "RUN"], "unpack": ["unpack", "RUN"], "reindex": ["reindex", "RUN"], "verify": ["verify", "RUN"],
}
# Exit codes other than 0, and a word of the refusal.
REFUSED = {"signals without prices": {c: (3, "prices") for c in ("metrics", "analyze", "report", "replay", "replay --top", "ensemble", "overfit", "patterns")}
           | {"trace": (1, "no event"), "replay --ensemble": (1, "not been analysed")}}
UNFIT = {"signals without prices": "prices", "replay": "replay", "session": "session"}


def own_strategy(ws):
    """The sweep as a program with a strategy of its own would have written it."""
    shutil.copytree(ws / "sweep", ws / "own")
    for path in (ws / "own/signals").glob("*/signals.parquet"):
        table = pq.read_table(path)
        renamed = {k: b"dip_buyer" if k == b"strategy_type" else v for k, v in table.schema.metadata.items()}
        pq.write_table(table.replace_schema_metadata(renamed), path)
    metadata = ws / "own/metadata.json"
    metadata.write_text(metadata.read_text().replace("sma_cross", "dip_buyer").replace('"run_id": "sweep"', '"run_id": "own"'))
    ok("reindex", "own", ws=ws)
    assert {r["strategy_type"] for r in scan_rows("own", ws)} == {"dip_buyer"}


@pytest.fixture(scope="module")
def runs(session_folder, market):
    folder = session_folder / "run_types"
    folder.mkdir()
    ws = folder / "ws"
    prices = [x for s, p in (("SIM01", market.sim01), ("SIM02", market.sim02)) for x in ("--data", f"{s}={p}")]
    config = write_config(folder / "c.json", [("SIM01", market.sim01), ("SIM02", market.sim02)], [sma([3, 5], [20, 40])],
                          [{"type": "volatility_terciles", "window": 20}, {"type": "trend", "window": 50}], ppy=252)
    ok("sweep", config, "--run-id", "sweep", "--layout", "files", ws=ws)
    own_strategy(ws)
    ok("import-signals", ws / "sweep/signals", "--run-id", "signals", *prices, "--periods-per-year", 252, ws=ws)
    ok("import-signals", ws / "sweep/signals", "--run-id", "bare", ws=ws)
    returns = pd.DataFrame({p.stem: pd.read_csv(p, index_col="timestamp")["close"].pct_change() for p in (market.sim01, market.sim02)})
    returns.to_csv(folder / "r.csv")
    ok("import-returns", folder / "r.csv", "--run-id", "returns", "--periods-per-year", 252, ws=ws)
    ok("analyze", "sweep", *EASY, ws=ws)
    replay = ok("replay", "sweep", "--ensemble", ws=ws)["replay_run"]
    live = {"total_capital": 500, "cycle_interval": 0, "strategies": {"enabled": ["arbitrage", "momentum"]}}
    (folder / "l.json").write_text(json.dumps(live))
    ok("live", folder / "l.json", "--session", "session", "--cycles", 1000, ws=ws)
    ids = dict(zip(KINDS, ["sweep", "own", "signals", "bare", "returns", replay, "session"]))
    return SimpleNamespace(folder=folder, ws=ws, ids=ids)


def documented():
    """{command: {kind: cell}} of the table in docs/workspace.md."""
    text = (REPO / "docs/workspace.md").read_text().split("## Kinds of runs", 1)[1].split("\n## ", 1)[0]
    lines = [[c.strip() for c in line.strip()[1:-1].split("|")] for line in text.splitlines() if line.startswith("|")]
    return {name.strip("`"): dict(zip(lines[0][1:], row)) for cells in lines[2:] for name, row in [(n, cells[1:]) for n in cells[0].split(", ")]}


@pytest.mark.parametrize("kind", KINDS)
def test_every_command_takes_every_run_or_says_why_not(runs, folder, kind):
    shutil.copytree(runs.ws, folder / "ws")
    table = documented()
    assert set(table) == {*COMMANDS, "workflow"} and all(set(row) == set(KINDS) for row in table.values())
    for name, argv in COMMANDS.items():
        argv = [str(a).replace("RUN", runs.ids[kind]).replace("TMP", str(folder)) for a in argv]
        code, word = REFUSED.get(kind, {}).get(name, (0, ""))
        done = tw(*argv, ws=folder / "ws")
        assert done.rc == code, f"{name} of {kind}: exit {done.rc}\n{done.out}\n{done.err}"
        assert (table[name][kind] == "yes") == (code == 0), f"docs/workspace.md: {name} of {kind}"
        if code: assert word in done.js["message"] and done.js["hint"], done.js
    assert ok("verify", runs.ids[kind], ws=folder / "ws")["faults"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_workflow_says_of_every_run_why_it_is_not_looked_at(runs, folder, kind):
    shutil.copytree(runs.ws, folder / "ws")
    (folder / "w.json").write_text(json.dumps({"runs": [runs.ids[kind]], "criteria": {"min_sharpe": -9, "min_trades": 0, "min_win_rate": 0, "max_drawdown": 1}}))
    run = ok("workflow", folder / "w.json", ws=folder / "ws")["runs"][0]
    assert (documented()["workflow"][kind] == "yes") == (kind not in UNFIT)
    if kind in UNFIT: assert UNFIT[kind] in run["reason"] and run["input_hash"] is None
    else: assert run["input_hash"]


def test_a_replays_combinations_are_no_strategies(runs):
    run = runs.ids["replay"]
    kinds = {r["strategy_id"]: r["strategy_type"] for r in scan_rows(run, runs.ws)}
    combined = {i for i, t in kinds.items() if t in ("ensemble", "baseline")}
    assert combined == {"ensemble", "static_weights", "equal_weight", "buy_and_hold"} and len(kinds) > 5
    listed = next(r for r in ok("runs", ws=runs.ws)["rows"] if r["run_id"] == run)
    assert listed["best_strategy"] in set(kinds) - combined
    metrics = ok("metrics", run, "--top", 0, ws=runs.ws)
    assert set(metrics["strategies"]) == set(kinds) - combined and "replay" in metrics["notes"][0]
    overfit = ok("overfit", run, ws=runs.ws)
    assert overfit["trials"] == len(kinds) - 4 and any("replay" in n for n in overfit["notes"])
    assert set(ok("ensemble", run, "--max-weight", 1, ws=runs.ws)["weights"]) <= set(kinds) - combined
    error = fails(1, "replay", run, "equal_weight", ws=runs.ws)
    assert "combines" in error["message"] and f"replay {run}" in error["hint"]


def test_signals_without_prices_are_sorted_by_name(runs):
    assert len(ok("scan", "bare", ws=runs.ws)["rows"]) == len(scan_rows("sweep", runs.ws))
    assert "sharpe_ratio" in fails(2, "scan", "bare", "--sort", "sharpe_ratio", ws=runs.ws)["message"]
    assert "nothing" in fails(2, "scan", "bare", "--columns", "nothing", ws=runs.ws)["message"]
    best = [r["sharpe_ratio"] for r in ok("scan", "sweep", ws=runs.ws)["rows"]]
    assert best == sorted(best, reverse=True)


def test_the_returns_of_a_file_are_the_runs(runs, folder):
    """Figures of the run are those of the file; the start, which has no return, is a bar."""
    for row in scan_rows("returns", runs.ws):
        table = pd.read_csv(runs.folder / "r.csv")
        table["r"] = table[row["strategy_id"]].fillna(0)
        table.to_csv(folder / "f.csv", index=False)
        of_file = ok("metrics", folder / "f.csv", "--column", "r", "--periods-per-year", 252)["metrics"]
        for name in ("total_return", "annualized_return", "volatility", "sharpe_ratio", "sortino_ratio", "max_drawdown", "calmar_ratio", "bar_win_rate"):
            assert row[name] == pytest.approx(of_file[name], rel=1e-12, abs=0), name
    replayed = ok("replay", "returns", "SIM01", "--equity-out", folder / "e.csv", ws=runs.ws)
    assert replayed["metrics"]["sharpe_ratio"] == next(r for r in scan_rows("returns", runs.ws) if r["strategy_id"] == "SIM01")["sharpe_ratio"]
    equity = pd.read_csv(folder / "e.csv")
    np.testing.assert_allclose(equity["return"][1:], pd.read_csv(runs.folder / "r.csv")["SIM01"][1:], rtol=0, atol=1e-14)


def test_nothing_could_be_held_instead_of_an_account(runs, folder):
    """Its luck is measured against 0: against holding itself nothing would ever be more than luck."""
    rng = np.random.default_rng(6)
    days = pd.date_range("2010-01-01", periods=2500, freq="D")
    returns = pd.DataFrame({"skilled": rng.normal(0.002, 0.01, 2500), "noise": rng.normal(0, 0.01, 2500)}, index=pd.Index(days, name="date"))
    returns.to_csv(folder / "r.csv")
    ok("import-returns", folder / "r.csv", "--run-id", "skill", "--periods-per-year", 365, ws=folder / "ws")
    overfit = ok("overfit", "skill", ws=folder / "ws")
    assert overfit["believed"] == ["skilled"] and overfit["benchmark"] == 0
    analysis = ok("analyze", "skill", *EASY, ws=folder / "ws")
    assert analysis["overfitting"]["believed"] == ["skilled"] and analysis["overfitting"]["benchmark"] == 0
    luck = next(r for r in analysis["verdict"]["reasons"] if r["name"] == "luck")
    assert "market" not in luck["text"], luck
    assert "1 beyond luck against a return of 0" in tw("analyze", "skill", *EASY, ws=folder / "ws", json_=False).out


def test_strategies_begin_and_end_when_their_returns_do(folder):
    text = "date,early,late\n2020-01-01,0,\n2020-01-02,0.01,\n2020-01-03,-0.02,\n2020-01-04,0.01,0.03\n2020-01-05,,0.01\n"
    (folder / "r.csv").write_text(text)
    js = ok("import-returns", folder / "r.csv", "--run-id", "r", "--periods-per-year", 365, ws=folder / "ws")
    assert (js["strategies"], js["bars"]) == (2, 5)
    rows = {r["strategy_id"]: r for r in scan_rows("r", folder / "ws")}
    assert rows["early"]["total_signals"] == 4 and rows["late"]["total_signals"] == 3
    assert rows["late"]["total_return"] == pytest.approx(1.03 * 1.01 - 1)
    shutil.move(folder / "ws", folder / "moved")  # the prices go with the run
    assert ok("replay", "r", "late", ws=folder / "moved")["metrics"]["total_return"] == rows["late"]["total_return"]


@pytest.mark.parametrize("code, text, options, words", [
    (3, "a\n0.1\n0.2\n", ["--periods-per-year", 1], "times"), (3, "date,a\n2020-01-01,0.1\n", ["--periods-per-year", 1], "two rows"),
    (3, "date,a\n2020-01-01,0.1\n2020-01-02,\n2020-01-03,0.1\n", ["--periods-per-year", 365], "r.csv:3"), (3, "date,a\n2020-01-01,0\n2020-01-02,-1\n", ["--periods-per-year", 365], "loses all"),
    (3, "date,my fund\n2020-01-01,0.1\n2020-01-02,0\n", ["--periods-per-year", 365], "rename"), (3, "date,a\n2020-01-01,\n2020-01-02,\n", ["--periods-per-year", 365], "fewer than two"),
    (3, "date,a\n" + "".join(f"20{y:02}-01-01,{5e4 + 1.5 * y}\n" for y in range(99)), ["--periods-per-year", 1], "are these returns"),
    (3, "date,a\n" + "".join(f"20{y:02}-01-01,{5e4 + y}\n" for y in range(99)), ["--periods-per-year", 1], "'a', which counts its rows"),
    (2, "date,a\n2020-01-01,0.1\n2020-01-02,0\n", ["--periods-per-year", 0], "above 0"), (2, "date,a\n2020-01-01,0.1\n2020-01-02,0\n", [], "periods-per-year"),
])
def test_what_is_no_table_of_returns_is_refused_and_nothing_is_written(folder, code, text, options, words):
    (folder / "r.csv").write_text(text)
    error = fails(code, "import-returns", folder / "r.csv", "--run-id", "r", *options, ws=folder / "ws")
    assert words in " ".join(str(error[k]) for k in ("message", "where", "hint")), error
    assert not (folder / "ws/r").exists()


@pytest.mark.parametrize("command, of_files, of_runs", [
    ("metrics", ["--column=r", "--periods-per-year=252", "--signals=s", "--returns-of=asset", "--commission=1bps", "--slippage=1bps", "--slippage-model=sqrt", "--nan=drop", "--risk-free=0.01", "--target=0.01",
                 "--regimes=x", "--labels-aligned", "--intervals", "--rolling=20", "--drawdowns=3"], ["--where=total_trades > 0", "--top=2"]),
    ("ensemble", ["--column=r", "--labels-aligned"], ["--where=total_trades > 0", "--top=2"]), ("patterns", ["--signals=s", "--returns=r", "--volume=v"], ["--where=total_trades > 0", "--top=2"]),
    ("overfit", ["--column=r"], ["--where=total_trades > 0"]),
])
def test_options_of_files_and_of_runs_are_not_mixed_up(runs, command, of_files, of_runs):
    for source, options in (("sweep", of_files), (runs.folder / "r.csv", of_runs)):
        for option in options:
            assert fails(2, command, source, option, ws=runs.ws)["where"].startswith(option.split("=")[0]), option
