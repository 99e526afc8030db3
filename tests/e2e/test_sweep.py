# SPDX-License-Identifier: Apache-2.0
"""What a sweep answers, stores and refuses."""
import json
import re
import shutil

import pandas as pd
import pytest
from conftest import METRICS, fails, ok, scan_rows, sma, tree, tw, write_config

PINNED = {"SOURCE_DATE_EPOCH": "1700000000"}


@pytest.fixture(scope="module")
def swept(session_folder, small_config):
    ws = session_folder / "swept"
    return ws, ok("sweep", small_config, "--run-id", "small", ws=ws)


def test_answer_has_the_keys_of_the_contract(swept):
    ws, answer = swept
    assert answer["schema"] == "tradewind.sweep/1"
    assert answer["run_id"] == "small"
    assert (answer["strategies"], answer["classifiers"], answer["bars"]) == (68, 4, 2400)
    rows = scan_rows("small", ws)
    assert answer["signal_changes"] == sum(r["signal_changes"] for r in rows) > 0
    assert answer["rejected_orders"] == sum(r["rejected_orders"] for r in rows)
    seconds = answer["seconds"]
    assert set(seconds) == {"load", "compute", "write", "total"}
    assert all(v >= 0 for v in seconds.values()) and seconds["total"] >= seconds["compute"]
    assert answer["combos_per_second"] == pytest.approx(answer["strategies"] / seconds["compute"], rel=1e-6)
    assert answer["peak_rss_mb"] > 1


def test_rows_have_ids_parameters_and_metrics(swept):
    ws, _ = swept
    rows = scan_rows("small", ws)
    ids = {r["strategy_id"] for r in rows}
    assert len(ids) == len(rows) == 68
    assert "SIM01.sma_cross.fast=3,slow=20" in ids
    for row in rows:
        assert re.fullmatch(r"[A-Za-z0-9._=,@+-]{1,200}", row["strategy_id"])
        assert row["strategy_id"].startswith(f"{row['symbol']}.{row['strategy_type']}.")
        assert row["run_id"] == "small"
        assert row["sharpe_ratio"] == row["net_sharpe"]
        reasons = dict(entry.split(":") for entry in (row["undefined"] or "").split(";") if entry)
        for metric in METRICS:
            assert metric in row
            assert (row[metric] is None) == (metric in reasons), (metric, row)
        for column in ("total_trades", "total_fills", "signal_changes", "total_signals", "param.direction"):
            assert row[column] is not None
        assert row["total_signals"] == 1200
    sma_row = next(r for r in rows if r["strategy_id"] == "SIM01.sma_cross.fast=3,slow=20")
    assert (sma_row["param.fast"], sma_row["param.slow"]) == (3, 20)
    assert sma_row["param.entry"] is None  # a parameter of another type
    regimes = [c for c in sma_row if c.startswith("regime.")]
    assert {c.split(".")[-1] for c in regimes} >= {"bars", "sharpe_ratio", "contribution"}
    idle = [r for r in rows if r["strategy_type"] == "zscore_reversion"]
    assert len(idle) == 2 and all(r["signal_changes"] == 0 and r["sharpe_ratio"] is None and "cost_impact" in r["undefined"] for r in idle)


def test_scan_sorts_filters_and_pages(swept):
    ws, _ = swept
    rows = ok("scan", "small", "--limit", 0, ws=ws)["rows"]
    sharpe = [r["sharpe_ratio"] for r in rows]
    defined = [s for s in sharpe if s is not None]
    assert defined == sorted(defined, reverse=True) and sharpe[len(defined):] == [None] * (len(rows) - len(defined))  # undefined last
    ties = [r["strategy_id"] for r in rows[len(defined):]]
    assert ties == sorted(ties)
    ascending = ok("scan", "small", "--limit", 0, "--sort", "sharpe_ratio:asc", ws=ws)["rows"]
    assert [r["sharpe_ratio"] for r in ascending] == sorted(defined) + [None] * (len(rows) - len(defined))
    assert len(ok("scan", ws=ws)["rows"]) == 20
    page = ok("scan", "small", "--limit", 7, "--offset", 5, "--columns", "strategy_id,win_rate", ws=ws)["rows"]
    assert [list(r) for r in page] == [["strategy_id", "win_rate"]] * 7
    assert [r["strategy_id"] for r in page] == [r["strategy_id"] for r in rows[5:12]]
    answer = ok("scan", "small", "--limit", 0, "--where", "net_sharpe > 0.2 and symbol == 'SIM02' or total_trades < 3", ws=ws)
    want = {r["strategy_id"] for r in rows if (r["net_sharpe"] is not None and r["net_sharpe"] > 0.2 and r["symbol"] == "SIM02") or r["total_trades"] < 3}
    assert {r["strategy_id"] for r in answer["rows"]} == want and answer["matched"] == len(want) and answer["scanned"] == 68


def test_unknown_column_is_a_usage_error_that_names_the_nearest(swept):
    ws, _ = swept
    for more in (["--where", "net_sharp > 1"], ["--sort", "net_sharp"], ["--columns", "strategy_id,net_sharp"]):
        error = fails(2, "scan", "small", *more, ws=ws)
        assert "net_sharp" in error["message"] + error["where"] and "net_sharpe" in error["message"] + error["hint"]


def test_no_match_is_exit_4(swept):
    ws, _ = swept
    fails(4, "scan", "small", "--where", "net_sharpe > 1000", ws=ws)


@pytest.mark.parametrize("change, names", [
    (lambda c: c.update(strategis=[]), ["strategis", "strategies"]),
    (lambda c: c["strategies"][0].update(typ="x"), ["typ", "type"]),
    (lambda c: c["strategies"][0].update(fsat=3), ["fsat", "fast"]),
    (lambda c: c["strategies"][0].update(type="sma_cros"), ["sma_cros", "sma_cross"]),
    (lambda c: c["classifiers"][0].update(type="volatility_tercile"), ["volatility_tercile", "volatility_terciles"]),
    (lambda c: c["execution"].update(comission="1bps"), ["comission", "commission"]),
    (lambda c: c["execution"].update(fill="next_opn"), ["next_opn", "next_open"]),
    (lambda c: c["execution"]["slippage"].update(model="linaer"), ["linaer", "linear"]),
    (lambda c: c["data"][0].update(pth="x"), ["pth", "path"]),
    (lambda c: c["strategies"][0].update(where="fast < slwo"), ["slwo", "slow"]),
])
def test_an_unknown_name_in_the_config_is_refused_with_the_nearest_one_and_its_line(folder, ws, market, change, names):
    document = {"data": [{"symbol": "SIM01", "path": str(market.sim01)}], "annualization": {"periods_per_year": 252},
                "execution": {"fill": "next_open", "commission": "10bps", "slippage": {"model": "linear", "rate": "5bps"}},
                "strategies": [{"type": "sma_cross", "fast": 3, "slow": 20}], "classifiers": [{"type": "volatility_terciles", "window": 20}]}
    change(document)
    path = folder / "wrong.json"
    path.write_text(json.dumps(document, indent=1))
    line = next(i for i, text in enumerate(path.read_text().splitlines(), 1) if re.search(rf"\b{names[0]}\b", text))
    error = fails(3, "sweep", path, "--run-id", "x", ws=ws)
    said = " ".join(str(error[k]) for k in ("message", "where", "hint"))
    assert all(name in said for name in names), said
    assert f"wrong.json:{line}" in said or f"line {line}" in said, f"line {line} is not in: {said}"
    assert not (ws / "x").exists()


def test_all_faults_of_a_config_are_told_at_once(folder, ws, market):
    path = folder / "wrong.yaml"
    path.write_text(f"data:\n  - {{symbol: SIM01, path: {market.sim01}}}\nannualization: {{periods_per_year: -3}}\nstrategies:\n  - {{type: sma_cross, fast: many}}\n  - {{type: nothing}}\nextra: 1\n")
    error = fails(3, "sweep", path, ws=ws)
    for word in ("periods_per_year", "many", "nothing", "extra"):
        assert word in error["message"] + error["where"] + error["hint"]


def test_values_out_of_range_and_files_that_are_missing(folder, ws, market):
    for strategy in (sma(0, 20), sma(3.5, 20), sma("x", 20), sma(30, 20), sma([], 20), sma([3, 3], 20), {"type": "sma_cross", "fast": {"from": 9, "to": 3}, "slow": 20}):
        fails(3, "sweep", write_config(folder / "c.json", [("SIM01", market.sim01)], [strategy]), ws=ws)
    error = fails(1, "sweep", write_config(folder / "c.json", [("SIM01", folder / "none.csv")], [sma(3, 20)]), ws=ws)
    assert "none.csv" in error["where"]
    fails(1, "sweep", folder / "no-such-config.yaml", ws=ws)
    assert not ws.exists() or not any(ws.iterdir())


def test_bad_rows_in_the_data_are_named_and_nothing_is_stored(folder, ws, market):
    lines = market.sim01.read_text().splitlines()
    lines[10] = lines[10].replace(lines[10].split(",")[4], "nan")
    (folder / "bad.csv").write_text("\n".join(lines) + "\n")
    error = fails(3, "sweep", write_config(folder / "c.json", [("SIM01", folder / "bad.csv")], [sma(3, 20)]), "--run-id", "bad", ws=ws)
    assert "bad.csv:11" in error["where"]
    assert not (ws / "bad").exists()


def test_paths_are_relative_to_the_config(folder, ws, market):
    (folder / "deep").mkdir()
    shutil.copy(market.sim01, folder / "deep" / "prices.csv")
    write_config(folder / "deep" / "c.json", [("SIM01", "prices.csv")], [sma(3, 20)])
    assert ok("sweep", folder / "deep" / "c.json", ws=ws, cwd=folder)["strategies"] == 1


def test_the_same_type_may_be_listed_twice_but_not_the_same_strategy(folder, ws, market):
    config = write_config(folder / "c.json", [("SIM01", market.sim01)], [sma(3, 20), sma(4, [20, 30])])
    assert ok("sweep", config, ws=ws)["strategies"] == 3
    fails(3, "sweep", write_config(folder / "d.json", [("SIM01", market.sim01)], [sma(3, 20), sma([3, 4], 20)]), ws=ws)


@pytest.mark.parametrize("layout", ["files", "packed"])
@pytest.mark.parametrize("keep", ["all", "top:7"])
def test_same_bytes_at_one_and_two_threads(ws, small_config, layout, keep):
    for threads in (1, 2):
        ok("sweep", small_config, "--run-id", "r", "--layout", layout, "--keep-signals", keep, ws=ws / str(threads), threads=threads, env=PINNED)
    one, two = tree(ws / "1" / "r"), tree(ws / "2" / "r")
    assert one == two and len(one) > 10


def test_wall_time_stands_only_in_metadata_json(ws, small_config):
    for folder, second in (("1", "1600000000"), ("2", "1700000000")):
        ok("sweep", small_config, "--run-id", "r", ws=ws / folder, env={"SOURCE_DATE_EPOCH": second})
    one, two = tree(ws / "1" / "r"), tree(ws / "2" / "r")
    assert [p for p in one if one[p] != two[p]] == ["metadata.json"] and set(one) == set(two)
    assert json.loads((ws / "1" / "r" / "metadata.json").read_text())["created_at"].startswith("2020-09-13T12:26:40")


def test_a_run_of_many_blocks_is_the_same_at_any_thread_count(ws, folder, long_market):
    config = write_config(folder / "c.json", [("SIM01", long_market)], [sma((3, 42), (50, 109))])
    for threads in (1, 2, 5):
        ok("sweep", config, "--run-id", "r", ws=ws / str(threads), threads=threads, env=PINNED)
    trees = [tree(ws / str(t) / "r") for t in (1, 2, 5)]
    assert trees[0] == trees[1] == trees[2]


@pytest.mark.parametrize("layout", ["files", "packed"])
def test_keep_signals_stores_exactly_the_chosen(ws, small_config, layout):
    for keep, name in (("all", "all"), ("none", "none"), ("top:5", "five"), ("top:100000", "more")):
        ok("sweep", small_config, "--run-id", name, "--keep-signals", keep, "--layout", layout, ws=ws)
    rows = {name: scan_rows(name, ws) for name in ("all", "none", "five", "more")}
    def strip(rs): return [{k: v for k, v in r.items() if k != "run_id"} for r in rs]
    assert strip(rows["all"]) == strip(rows["none"]) == strip(rows["five"]) == strip(rows["more"])  # metrics of all, always
    best = [r["strategy_id"] for r in ok("scan", "all", "--limit", 5, "--sort", "sharpe_ratio", ws=ws)["rows"]]
    stored = {}
    for name in rows:
        stored[name] = ok("unpack", name, ws=ws)["strategies"]
        stored[name] = sorted(p.parent.name for p in (ws / name / "signals").glob("*/signals.parquet"))
    every = sorted(r["strategy_id"] for r in rows["all"])
    assert stored["all"] == stored["more"] == every and stored["none"] == [] and stored["five"] == sorted(best)
    for strategy in best:
        kept = (ws / "five" / "signals" / strategy / "signals.parquet").read_bytes()
        assert kept == (ws / "all" / "signals" / strategy / "signals.parquet").read_bytes()
    error = fails(1, "replay", "none", best[0], ws=ws)
    assert "not kept" in error["message"]
    for name in rows:
        assert ok("verify", name, ws=ws)["faults"] == []


def test_keep_signals_refuses_what_it_does_not_know(ws, small_config):
    for keep in ("top", "top:0", "top:-1", "top:x", "top:1.5", "best", "", "top:1e30"):
        fails(2, "sweep", small_config, "--keep-signals", keep, ws=ws)


def test_a_run_that_exists_is_refused(ws, small_config):
    ok("sweep", small_config, "--run-id", "once", ws=ws)
    before = tree(ws / "once")
    error = fails(1, "sweep", small_config, "--run-id", "once", ws=ws)
    assert "--resume" in error["hint"]
    assert tree(ws / "once") == before
    again = ok("sweep", small_config, "--run-id", "once", "--resume", ws=ws)
    assert (again["strategies"], again["resumed"]) == (68, 68)
    assert tree(ws / "once", without=["metadata.json"]) == {k: v for k, v in before.items() if k != "metadata.json"}


def test_without_a_name_the_same_sweep_has_the_same_name(ws, small_config):
    first = ok("sweep", small_config, ws=ws)["run_id"]
    fails(1, "sweep", small_config, ws=ws)
    assert ok("sweep", small_config, "--resume", ws=ws)["run_id"] == first


def test_layouts(ws, small_config, folder, long_market):
    assert ok("sweep", small_config, "--run-id", "auto", ws=ws)["layout"] == "files"
    many = write_config(folder / "many.json", [("SIM01", long_market)], [sma((3, 40), (50, 103))])  # 2,052 strategies
    assert ok("sweep", many, "--run-id", "many", ws=ws)["layout"] == "packed"
    edge = write_config(folder / "edge.json", [("SIM01", long_market)], [sma((3, 42), (50, 99))])  # 2,000 strategies
    assert ok("sweep", edge, "--run-id", "edge", "--keep-signals", "none", ws=ws)["layout"] == "files"
    fails(2, "sweep", small_config, "--layout", "flat", ws=ws)


def test_data_without_enough_bars_is_refused(folder, ws):
    (folder / "one.csv").write_text("timestamp,open,high,low,close\n2020-01-01,1,1,1,1\n")
    fails(3, "sweep", write_config(folder / "c.json", [("A", folder / "one.csv")], [sma(3, 20)]), ws=ws)
    (folder / "two.csv").write_text("timestamp,open,high,low,close\n2020-01-01,1,1,1,1\n2020-01-02,1,1,1,1\n")
    answer = ok("sweep", write_config(folder / "c.json", [("A", folder / "two.csv")], [sma(3, 20)]), "--run-id", "two", ws=ws)
    assert answer["strategies"] == 1 and answer["signal_changes"] == 0


@pytest.mark.shared
def test_sweep_of_a_real_history(ws, folder):
    from conftest import SHARED
    config = write_config(folder / "c.json", [("SPY", SHARED / "data/SPY_daily_adj.csv")], [sma([5, 10], [50, 100]), {"type": "time_series_momentum", "window": 120}],
                          [{"type": "trend", "window": 200}], ppy=252)
    assert ok("sweep", config, "--run-id", "spy", ws=ws)["strategies"] == 5
    assert tw("scan", "spy", ws=ws).rc == 0


def test_the_consensus_of_classifiers_opens_with_other_tools(folder, ws, market):
    config = write_config(folder / "c.json", [("SIM01", market.sim01)], [sma(3, 20)],
                          [{"type": "trend", "window": 50}, {"type": "hmm", "history": 100, "refit": 100}], ppy=252)
    swept = ok("sweep", config, "--run-id", "c", ws=ws)
    table = pd.read_parquet(ws / "c" / "classifiers" / "combined" / "consensus_regimes.parquet")
    trend = [c for c in table.columns if c.startswith("trend.window=50")]
    hmm = [c for c in table.columns if c.startswith("hmm.")]
    assert list(table.columns[:5]) == ["timestamp", "symbol", "state", "label", "agreement"] and len(trend) + len(hmm) == len(table.columns) - 5
    assert set(table.label) == {"", "calm", "turbulent"} and (table.label == "").eq(table.state < 0).all()
    assert table.agreement.between(0, 1).all() and str(table.timestamp.dtype) == "datetime64[ns, UTC]"
    known = table[hmm].dropna()
    assert 0 < len(known) < len(table) and (known.sum(axis=1) - 1).abs().max() < 1e-6 and ((known > 0.01) & (known < 0.99)).any(axis=None)
    assert set(table[trend].dropna().to_numpy().ravel()) == {0.0, 1.0}
    assert not ok("verify", "c", ws=ws)["unprotected"]
    about = [json.loads(p.read_text()) for p in (ws / "c" / "classifiers").glob("*/metadata.json")]
    assert all(isinstance(a["diagnostics"], list) for a in about)
    assert "SIM01.hmm" not in str(swept.get("notes")) or any(a["diagnostics"] for a in about)


def test_a_run_not_yet_tested_for_luck_says_how(folder, ws, market):
    ok("sweep", write_config(folder / "c.json", [("SIM01", market.sim01)], [sma([3, 4], 20)], ppy=252), "--run-id", "c", ws=ws)
    for column in ("dsr", "psr"):
        assert "tradewind overfit" in fails(2, "scan", "c", "--sort", column, ws=ws)["hint"]


def closes(path, days, weekends, seed):
    """A price file of closes alone: a seeded walk with or without weekends."""
    import numpy as np
    times = pd.date_range("2018-01-01", periods=days, freq="D" if weekends else "B", tz="UTC")
    prices = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0003, 0.01, days)))
    pd.DataFrame({"timestamp": times.strftime("%Y-%m-%dT%H:%M:%SZ"), "close": prices}).to_csv(path, index=False)
    return path


def mixed_config(path, data, **more):
    path.write_text(json.dumps({"data": data, "strategies": [sma([3, 5], [20, 40])], **more}))
    return path


def test_each_symbol_is_annualised_by_its_own_calendar(folder, ws):
    share = {"symbol": "SHARE", "path": str(closes(folder / "share.csv", 900, False, 1))}
    crypto = {"symbol": "CRYPTO", "path": str(closes(folder / "crypto.csv", 1300, True, 2))}
    fill = {"execution": {"fill": "next_close"}}
    of = {}
    for name, data in {"both": [share, crypto], "turned": [crypto, share], "crypto": [crypto], "share": [share]}.items():
        ok("sweep", mixed_config(folder / f"{name}.json", data, **fill), "--run-id", name, ws=ws)
        of[name] = {r["strategy_id"]: {k: v for k, v in r.items() if k != "run_id"} for r in scan_rows(name, ws)}
    assert of["both"] == of["turned"] == of["crypto"] | of["share"]
    about = json.loads((ws / "both" / "metadata.json").read_text())
    assert [d["periods_per_year"] for d in about["execution"]["data"]] == [261, 365] and about["periods_per_year"] == 365
    told = ok("sweep", mixed_config(folder / "told.json", [share | {"periods_per_year": 100}, crypto], annualization={"periods_per_year": 365}, **fill), "--run-id", "told", ws=ws)
    assert told["periods_per_year"] == 365
    rows = {r["strategy_id"]: r["sharpe_ratio"] for r in scan_rows("told", ws)}
    for name, row in of["share"].items():
        assert rows[name] == pytest.approx(row["sharpe_ratio"] * (100 / 261) ** 0.5, rel=1e-12)
    replayed = ok("replay", "both", *[r for r in of["share"]][:1], ws=ws)
    assert replayed["metrics"]["sharpe_ratio"] == of["share"][replayed["members"][0]["strategy_id"]]["sharpe_ratio"]


def test_a_short_history_takes_the_calendar_of_one_that_can_tell(folder, ws):
    young = {"symbol": "YOUNG", "path": str(closes(folder / "young.csv", 50, False, 1))}
    old = {"symbol": "OLD", "path": str(closes(folder / "old.csv", 900, False, 2))}
    fill = {"execution": {"fill": "next_close"}}
    notes = ok("sweep", mixed_config(folder / "c.json", [young, old], **fill), "--run-id", "r", ws=ws)["notes"]
    assert any("YOUNG" in n and "of OLD" in n for n in notes)
    assert "YOUNG" in fails(3, "sweep", mixed_config(folder / "d.json", [young], **fill), ws=ws)["message"]


def test_closes_alone_are_refused_before_the_first_byte_unless_filled_at_a_close(folder, ws, market):
    shut = {"symbol": "SHUT", "path": str(closes(folder / "shut.csv", 900, False, 1))}
    full = {"symbol": "SIM01", "path": str(market.sim01)}
    error = fails(3, "sweep", mixed_config(folder / "c.json", [full, shut], annualization={"periods_per_year": 252}), "--run-id", "r", ws=ws)
    assert "SHUT has closes only" in error["message"] and "next_close" in error["hint"]
    assert not (ws / "r").exists(), "the name is not taken"
    own = mixed_config(folder / "d.json", [full, shut | {"fill": "next_close"}], annualization={"periods_per_year": 252})
    ok("sweep", own, "--run-id", "r", ws=ws)
    about = json.loads((ws / "r" / "metadata.json").read_text())["execution"]
    assert about["fill"] == "next_open" and [d.get("fill") for d in about["data"]] == [None, "next_close"]
    of_all = mixed_config(folder / "e.json", [shut], annualization={"periods_per_year": 252}, execution={"fill": "next_close"})
    ok("sweep", of_all, "--run-id", "all", ws=ws)
    of_run = {r["strategy_id"]: r["net_return"] for r in scan_rows("r", ws)}
    assert all(of_run[r["strategy_id"]] == r["net_return"] for r in scan_rows("all", ws))
    for run in ("r", "all"):  # replays fill by symbol, too
        for row in scan_rows(run, ws):
            assert ok("replay", run, row["strategy_id"], ws=ws)["metrics"]["net_return"] == row["net_return"]
