# SPDX-License-Identifier: Apache-2.0
"""`tradewind analyze`: the document others build on, what it leaves in the run, and how it refuses."""
import json
import math
import re
import shutil
from types import SimpleNamespace

import pytest

from conftest import METRICS, SHARED, fails, ok, scan_rows, sma, tree, tw, write_config

EASY = ["--min-sharpe", 0.1, "--min-win-rate", 0, "--max-drawdown", 1, "--min-trades", 3]
NUMBER = (int, float)
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


@pytest.fixture(scope="module")
def analysed(session_folder, small_config):
    ws = session_folder / "analysed"
    ok("sweep", small_config, "--run-id", "r", ws=ws)
    return SimpleNamespace(ws=ws, js=ok("analyze", "r", *EASY, ws=ws))


def is_number(x, null=False):
    return (null and x is None) or (isinstance(x, NUMBER) and not isinstance(x, bool) and math.isfinite(x))


def check_metrics(one, unit):
    for name in METRICS:
        assert name in one and is_number(one[name], null=True), name
        if one[name] is None and "undefined" in one: assert one["undefined"][name], name
    assert all(isinstance(one[k], int) for k in ("total_trades", "total_fills", "bars"))
    assert one["unit"] == unit


def check_document(js):
    """Every key of the contract with its type."""
    assert js["schema"] == "tradewind.analyze/1" and re.fullmatch("[0-9a-f]{64}", js["input_hash"]) and isinstance(js["qualified"], bool)
    p = js["provenance"]
    assert p["tradewind_version"] and isinstance(p["seed"], int) and p["symbols"] and isinstance(p["config"], dict)
    assert all(set(d) == {"symbol", "file", "sha256"} and re.fullmatch("[0-9a-f]{64}", d["sha256"]) for d in p["data"])
    assert TIME.match(p["start"]) and TIME.match(p["end"]) and p["fill"] in ("next_open", "same_close") and p["slippage_model"] in ("linear", "sqrt")
    assert all(is_number(p[k]) for k in ("bars", "periods_per_year", "commission_rate", "slippage_bps", "risk_free"))
    assert set(js["criteria"]) == set("""min_sharpe min_win_rate max_drawdown min_trades required_regimes min_regime_performance max_correlation max_selections
        auto_execute_replay target_regimes min_dsr""".split())
    split = js["split"]
    assert TIME.match(split["boundary"]) and split["selection_bars"] + split["holdout_bars"] == p["bars"] and 0 < split["holdout"] <= 0.9
    assert js["funnel"][0]["stage"] == "scanned" and js["funnel"][-1]["stage"] == "selected"
    for before, stage in zip(js["funnel"], js["funnel"][1:]):
        assert stage["strategies"] + stage["rejected"] == before["strategies"] and isinstance(stage["reason"], str)
    labels = {c["classifier_id"]: c["labels"] for c in js["classifiers"]}
    for c in js["classifiers"]:
        assert {"classifier_type", "symbol", "regime_counts", "avg_regime_duration", "transition_matrix", "best", "score"} <= set(c)
    assert sum(c["best"] for c in js["classifiers"]) <= 1
    ids = [s["strategy_id"] for s in js["strategies"]]
    assert len(set(ids)) == len(ids)
    for s in js["strategies"]:
        assert {"strategy_type", "symbol", "parameters"} <= set(s) and s["status"] in ("selected", "candidate", "rejected")
        assert bool(s["reason"]) == (s["status"] != "selected")
        assert all(isinstance(v, (int, float, bool, str)) for v in s["parameters"].values())
        check_metrics(s["selection"], "trade"), check_metrics(s["holdout"], "trade"), check_metrics(s["full"], "trade")
        assert all(s[k] is None or 0 <= s[k] <= 1 for k in ("psr", "dsr"))
        assert s["sharpe_interval"] is None or s["sharpe_interval"][0] <= s["sharpe_interval"][1]
        q = s["returns"]["quantiles"]
        assert q is None or (len(q) == 7 and q == sorted(q))
        for classifier, regimes in s["regimes"].items():
            assert set(regimes) <= set(labels[classifier])
            for one in regimes.values():
                assert {"bars", "runs", "occupancy", "mean", "volatility", "sharpe_ratio", "contribution", "worst_run_drawdown", "drawdown_share", "intervals"} <= set(one)
    o = js["overfitting"]
    assert set("""trials effective_trials clustered_trials best sharpe_per_period psr expected_max_sharpe dsr dsr_clustered min_track_record pbo pbo_splits
        loss_probability""".split()) <= set(o)
    if js["correlation"] is not None:
        c = js["correlation"]
        n = len(c["strategies"])
        assert sorted(c["order"]) == list(range(n)) and len(c["families"]) == n and len(c["matrix"]) == n
        for i in range(n):
            assert len(c["matrix"][i]) == n and abs(c["matrix"][i][i] - 1) < 1e-9
        assert all(set(r) >= {"first", "second", "correlation"} for r in c["redundant"])
    assert isinstance(js["patterns"]["tested"], int) and isinstance(js["patterns"]["structural"], int)
    for one in js["patterns"]["significant"]:
        assert {"pattern_id", "form", "pattern_type", "sequence", "regime", "occurrences", "support", "confidence", "avg_return", "effect", "p_adjusted", "holdout_effect", "profitable"} <= set(one)
    ranks = [c["rank"] for c in js["combinations"]]
    assert ranks == sorted(set(ranks))
    for c in js["combinations"]:
        assert {"strategy_id", "classifier_id", "score", "selection_sharpe", "holdout_sharpe", "dsr", "trade_in", "avoid", "selected", "reason"} <= set(c)
        if c["classifier_id"]: assert sorted(c["trade_in"] + c["avoid"]) == sorted(labels[c["classifier_id"]])
    if js["ensemble"] is not None: check_ensemble(js)
    for one in js["findings"] + js["recommendations"]:
        assert one["kind"] and one["text"] and isinstance(one["strategies"], list) and isinstance(one["numbers"], dict)
        assert "nan" not in one["text"].lower() and "inf" not in one["text"].lower().split(), one["text"]
    for one in js["recommendations"]:
        assert one["reason"]
    for one in js["findings"]:
        assert set(one["strategies"]) <= set(ids)
    assert js["recommendations"] and all(isinstance(n, str) for n in js["notes"])


def check_ensemble(js):
    e = js["ensemble"]
    best = {}
    for c in js["combinations"]: best.setdefault(c["strategy_id"], c)
    assert [m["strategy_id"] for m in e["members"]] == e["strategies"]
    for member in e["members"]:  # what was scored is held
        scored = best[member["strategy_id"]]
        assert member["classifier_id"] == scored["classifier_id"] and member["run_id"] == js["run_id"]
        assert member["held_in"] == (None if scored["classifier_id"] is None else scored["trade_in"])
        if member["classifier_id"]: assert member["classifier_id"].split(".")[0] == member["strategy_id"].split(".")[0]
        assert scored["held_selection_sharpe"] is not None
    assert ("ungated" in [p["kind"] for p in e["performance"]]) == any(m["classifier_id"] for m in e["members"])
    assert {"objective", "status", "classifier_id", "fallback", "excluded", "adaptive"} <= set(e)
    assert ("adaptive" in [p["kind"] for p in e["performance"]]) == (e["adaptive"] is not None)
    for weights in [e["global_weights"], *e["weights"].values()]:
        assert set(weights) <= set(e["strategies"]) and sum(weights.values()) <= 1 + 1e-9 and all(w > 0 for w in weights.values())
    kinds = [path["kind"] for path in e["performance"]]
    assert kinds[0] == "ensemble" and set(kinds) <= {"ensemble", "adaptive", "static", "ungated", "equal", "single", "baseline"} and {"equal", "single", "baseline"} <= set(kinds)
    for path in e["performance"]:
        check_metrics(path["selection"], path["selection"]["unit"]), check_metrics(path["holdout"], path["holdout"]["unit"])
        assert is_number(path["switching_costs"], null=True) and is_number(path["turnover"], null=True)
    curves = js["curves"]
    n = len(curves["timestamp"])
    assert 0 < n <= 1500 and curves["timestamp"] == sorted(curves["timestamp"]) and curves["boundary"] == js["split"]["boundary"]
    for series in curves["series"]:
        assert len(series["equity"]) == n and len(series["drawdown"]) == n and all(0 <= d <= 1 for d in series["drawdown"])
    assert [s["name"] for s in curves["series"]] == [p["name"] for p in e["performance"]]
    if e["classifier_id"]: assert {r["label"] for r in curves["regimes"]} <= {*e["weights"], "", None, "unknown"}
    monthly = js["monthly_returns"]
    assert len(monthly["returns"]) == len(monthly["years"]) and all(len(year) == 12 for year in monthly["returns"])
    rolling = js["rolling_sharpe"]
    assert rolling["window"] >= 20 and all(len(s["values"]) == len(rolling["timestamp"]) for s in rolling["series"])
    surface = js["parameter_surface"]
    if surface is not None:
        assert len(surface["z"]) == len(surface["y"]["values"]) and all(len(row) == len(surface["x"]["values"]) for row in surface["z"])


def test_the_document_keeps_the_contract(analysed):
    check_document(analysed.js)
    assert analysed.js["qualified"] and analysed.js["ensemble"] is not None
    assert analysed.js["funnel"][0]["strategies"] == 68
    stored = json.loads((analysed.ws / "r/analytics/analysis.json").read_text())
    assert stored == {k: v for k, v in analysed.js.items() if k != "milliseconds"}
    assert "milliseconds" in analysed.js


def test_the_curves_start_at_one_and_end_at_the_total_return(analysed):
    for series, path in zip(analysed.js["curves"]["series"], analysed.js["ensemble"]["performance"]):
        assert series["equity"][-1] == pytest.approx((1 + path["selection"]["total_return"]) * (1 + path["holdout"]["total_return"]), rel=1e-9)


def test_the_run_is_whole_and_everything_is_protected(analysed):
    verified = ok("verify", "r", ws=analysed.ws)
    assert verified["faults"] == [] and verified.get("unprotected", []) == []
    for name in ("analysis", "regime_performance", "correlation_matrix", "optimal_weights"):
        assert isinstance(json.loads((analysed.ws / f"r/analytics/{name}.json").read_text()), dict)


def test_scan_shows_what_the_analysis_found(analysed):
    rows = {r["strategy_id"]: r for r in scan_rows("r", analysed.ws)}
    for s in analysed.js["strategies"]:
        row = rows[s["strategy_id"]]
        assert row["psr"] == s["psr"] and row["dsr"] == s["dsr"]
        assert row["selection_sharpe"] == s["selection"]["sharpe_ratio"] and row["holdout_sharpe"] == s["holdout"]["sharpe_ratio"]
        assert row["sharpe_ratio"] == s["full"]["sharpe_ratio"]
    best = ok("scan", "r", "--sort", "selection_sharpe", "--where", "dsr >= 0", "--limit", 3, ws=analysed.ws)["rows"]
    assert [r["strategy_id"] for r in best] == [s["strategy_id"] for s in analysed.js["strategies"] if s["dsr"] is not None][:3]


def test_a_repeat_is_the_same_and_fast(analysed):
    before = tree(analysed.ws / "r")
    again = ok("analyze", "r", *EASY, ws=analysed.ws)
    again.pop("milliseconds")
    assert again == {k: v for k, v in analysed.js.items() if k != "milliseconds"}
    assert tree(analysed.ws / "r") == before
    anew = ok("analyze", "r", *EASY, "--no-cache", ws=analysed.ws, threads=1)
    anew.pop("milliseconds")
    def lasting(files): return {k: v for k, v in files.items() if not k.startswith("catalog/upkeep-")}  # commits are numbered
    assert anew == again and lasting(tree(analysed.ws / "r")) == lasting(before)


def test_the_layout_makes_no_difference(analysed, folder, small_config):
    import pyarrow.parquet as pq
    documents = {}
    for layout in ("files", "packed"):
        ok("sweep", small_config, "--run-id", "r", "--layout", layout, ws=folder / layout)
        documents[layout] = ok("analyze", "r", *EASY, ws=folder / layout)
        documents[layout].pop("milliseconds")
    assert documents["files"] == documents["packed"]
    selected = documents["packed"]["ensemble"]["strategies"]
    named = json.loads((folder / "packed/r/metadata.json").read_text())["signal_files"]
    assert selected and sorted(named) == sorted(selected)  # what is selected is always a file of its own
    for strategy in selected: assert pq.read_table(folder / "packed/r" / named[strategy]) == pq.read_table(folder / "files/r/signals" / strategy / "signals.parquet")
    assert ok("verify", "r", ws=folder / "packed")["faults"] == []
    ok("pack", "r", ws=folder / "files")
    ok("analyze", "r", *EASY, "--no-cache", ws=folder / "files")
    assert ok("verify", "r", ws=folder / "files")["faults"] == []


def test_the_table_tells_the_same(analysed):
    table = tw("analyze", "r", *EASY, ws=analysed.ws, json_=False)
    assert table.rc == 0 and table.js is None
    for words in ("scanned", "selected", "buy and hold", "DSR", "held out"):
        assert words in table.out, words
    for one in analysed.js["recommendations"]: assert one["text"] in table.out
    for one in analysed.js["combinations"]:
        if one["selected"]: assert one["strategy_id"] in table.out
    assert "nan" not in re.findall(r"[a-z]+", table.out.lower())


def test_nothing_qualifies_is_an_answer_not_a_failure(folder, small_config):
    ok("sweep", small_config, "--run-id", "r", ws=folder)
    js = ok("analyze", "r", "--min-sharpe", 50, ws=folder)
    check_document(js)
    assert js["qualified"] is False and js["recommendations"][0]["kind"] == "trade_nothing"
    assert js["funnel"][-1]["strategies"] == 0 and not any(c["selected"] for c in js["combinations"])
    table = tw("analyze", "r", "--min-sharpe", 50, ws=folder, json_=False)
    assert table.rc == 0 and "Trade nothing" in table.out


def test_costs_and_criteria_from_the_command_line(analysed, folder):
    shutil.copytree(analysed.ws, folder / "ws")
    js = ok("analyze", "r", *EASY, "--commission", "50bps", "--slippage", "0.1%", "--slippage-model", "sqrt", "--objective", "min_variance", "--max-weight", 0.6, "--holdout", 0.4, "--seed", 9,
            "--max-selections", 2, ws=folder / "ws")
    p = js["provenance"]
    assert (p["commission_rate"], p["slippage_bps"], p["slippage_model"], p["seed"]) == (0.005, 0.001, "sqrt", 9)
    assert js["split"]["holdout"] == 0.4 and js["criteria"]["max_selections"] == 2 and js["input_hash"] != analysed.js["input_hash"]
    before, after = ({s["strategy_id"]: s["full"] for s in of["strategies"] if s["full"]["total_fills"]} for of in (analysed.js, js))
    assert all(after[i]["total_costs"] > before[i]["total_costs"] and after[i]["gross_return"] == before[i]["gross_return"] for i in before.keys() & after.keys()), "one set of costs"
    assert any("costs are not the run's own" in n for n in js["notes"])
    assert scan_rows("r", folder / "ws") == scan_rows("r", analysed.ws), "the catalog stays of the run's own costs"
    if js["ensemble"]:
        assert js["ensemble"]["objective"] == "min_variance" and len(js["ensemble"]["strategies"]) <= 2
        assert all(w <= 0.6 + 1e-9 for w in js["ensemble"]["global_weights"].values())


@pytest.mark.parametrize("code,arguments,words", [
    (2, [], "run"), (2, ["r", "--holdout", 0], "holdout"), (2, ["r", "--holdout", 1], "holdout"), (2, ["r", "--holdout", "x"], "holdout"), (2, ["r", "--max-drawdown", 2], "max_drawdown"),
    (2, ["r", "--max-selections", 0], "max_selections"), (2, ["r", "--objective", "luck"], "objective"), (2, ["r", "--commission", "cheap"], "cheap"), (2, ["r", "--commission=-5bps"], "-5bps"),
    (2, ["r", "--required-regimes", "bulll"], "bulll"), (1, ["rr"], "'r'"), (1, ["../r"], ""),
])
def test_bad_input_is_refused(analysed, code, arguments, words):
    before = tree(analysed.ws / "r")
    error = fails(code, "analyze", *arguments, ws=analysed.ws) if arguments != ["../r"] else tw("analyze", *arguments, ws=analysed.ws).js
    assert words in " ".join(str(error[k]) for k in ("message", "where", "hint"))
    assert tree(analysed.ws / "r") == before


def test_an_unknown_regime_names_the_nearest(analysed):
    label = analysed.js["classifiers"][0]["labels"][0]
    error = fails(2, "analyze", "r", "--required-regimes", label + "x", ws=analysed.ws)
    assert f"'{label}'" in error["hint"]


def test_a_run_that_was_imported_has_no_prices(folder):
    (folder / "s.csv").write_text("timestamp,signal\n2020-01-01,1\n2020-02-01,0\n")
    ok("import-signals", folder / "s.csv", "--run-id", "imported", ws=folder / "ws")
    error = fails(3, "analyze", "imported", ws=folder / "ws")
    assert "imported" in error["message"] and "reindex imported --data" in error["hint"]


def test_data_that_changed_or_went_away(folder, market):
    shutil.copy(market.sim01, folder / "p.csv")
    config = write_config(folder / "c.json", [("SIM01", "p.csv")], [sma([3, 5], [20, 40])], ppy=252)
    ok("sweep", config, "--run-id", "r", ws=folder / "ws")
    text = (folder / "p.csv").read_text()
    (folder / "p.csv").write_text(text[:text.rstrip().rindex("\n") + 1])
    assert "not what" in fails(3, "analyze", "r", *EASY, ws=folder / "ws")["message"]
    (folder / "p.csv").unlink()
    fails(1, "analyze", "r", *EASY, ws=folder / "ws")
    (folder / "p.csv").write_text(text)
    check_document(ok("analyze", "r", *EASY, ws=folder / "ws"))


@pytest.mark.shared
def test_real_data(folder):
    data = [("SPY", SHARED / "data/SPY_daily_adj.csv"), ("BTC", SHARED / "data/BTCUSD_daily.csv")]
    strategies = [sma([5, 20, 50], [60, 100, 200]), {"type": "time_series_momentum", "direction": "long_short", "window": [21, 63, 126]},
                  {"type": "rsi_reversion", "direction": "long_short", "window": [2, 7], "lower": [20, 30], "upper": [70, 80]}]
    config = write_config(folder / "c.json", data, strategies, [{"type": "trend", "window": 100}, {"type": "volatility_terciles", "window": 20}], ppy=252, fill="next_open", commission="5bps")
    ok("sweep", config, "--run-id", "real", ws=folder / "ws")
    js = ok("analyze", "real", "--min-sharpe", 0.3, "--min-win-rate", 0.2, "--max-drawdown", 0.9, "--min-trades", 10, ws=folder / "ws")
    check_document(js)
    assert js["funnel"][0]["strategies"] == 40 and len({c["symbol"] for c in js["classifiers"]}) == 2
    assert ok("verify", "real", ws=folder / "ws")["faults"] == []


def test_every_strategy_that_falls_has_its_reason(analysed):
    document = json.loads((analysed.ws / "r" / "analytics" / "selection.json").read_text())
    assert set(document["strategies"]) == {r["strategy_id"] for r in scan_rows("r", analysed.ws)} and document["left_out"] == 0
    assert all(bool(of["reason"]) == (of["status"] != "selected") for of in document["strategies"].values())
    shown = {s["strategy_id"]: (s["status"], s["reason"]) for s in analysed.js["strategies"]}
    assert all((document["strategies"][i]["status"], document["strategies"][i]["reason"]) == of for i, of in shown.items())
    count = {stage["stage"]: stage["rejected"] for stage in analysed.js["funnel"]}
    statuses = [of["status"] for of in document["strategies"].values()]
    assert statuses.count("selected") == analysed.js["funnel"][-1]["strategies"] and statuses.count("rejected") == sum(n for stage, n in count.items() if stage not in ("max_correlation", "selected"))


def test_weights_that_were_judged_are_not_replaced_by_others(market, folder):
    ws = folder / "ws"
    ok("sweep", write_config(folder / "c.yaml", [("SIM01", market.sim01)], [sma([3, 5, 8], [20, 40])], ppy=252), "--run-id", "r", ws=ws)
    stored = ws / "r/analytics/optimal_weights.json"
    ok("ensemble", "r", "--where", "total_trades > 0", "--objective", "min_variance", ws=ws)
    own = json.loads(stored.read_text())
    assert own["qualified"] is False and own["verdict"] is None and own["weights"]
    ok("analyze", "r", "--min-sharpe=-9", "--min-win-rate", 0, "--max-drawdown", 1, "--min-trades", 1, ws=ws)
    judged = stored.read_bytes()
    again = ok("ensemble", "r", "--where", "total_trades > 0", "--objective", "min_variance", ws=ws)
    assert stored.read_bytes() == judged and json.loads(judged)["verdict"]["level"] and any("stay as they are" in n for n in again["notes"])
    assert ok("verify", "r", ws=ws)["faults"] == []


def test_the_ensemble_stands_beside_holding(analysed, folder):
    shutil.copytree(analysed.ws, folder / "ws")
    told, replayed = analysed.js["ensemble"]["benchmark"], ok("replay", "r", "--ensemble", ws=folder / "ws")["benchmark"]
    assert told["name"] == "buy and hold" and told["of"] == "holdout" and told["bars"] == analysed.js["split"]["holdout_bars"] == replayed["bars"]
    for name in ("alpha", "beta", "correlation", "information_ratio", "tracking_error", "up_capture", "down_capture", "batting_average"):
        assert told[name] == pytest.approx(replayed[name], rel=1e-9), name


def test_a_report_shows_what_was_analysed(analysed, folder):
    import shutil
    shutil.copytree(analysed.ws, folder / "ws")
    own = ok("analyze", "r", "--min-sharpe", "0.2", "--min-win-rate", "0", "--max-drawdown", "1", "--min-trades", "4", ws=folder / "ws")
    stored = (folder / "ws/r/analytics/analysis.json").read_bytes()
    page = ok("report", "r", "--out", folder / "r.html", ws=folder / "ws")
    assert page["verdict"] == own["verdict"] and (folder / "ws/r/analytics/analysis.json").read_bytes() == stored
    ok("report", "r", "--min-sharpe", "5", "--out", folder / "r.html", ws=folder / "ws")
    assert (folder / "ws/r/analytics/analysis.json").read_bytes() != stored


def test_luck_against_a_benchmark_of_ones_own(analysed, folder, market):
    import shutil
    shutil.copytree(analysed.ws, folder / "ws")
    for benchmark, said in (("SIM02", "SIM02"), (str(market.sim02), str(market.sim02)), ("none", 0)):
        js = ok("analyze", "r", *EASY, "--benchmark", benchmark, ws=folder / "ws")
        assert js["overfitting"]["benchmark"] == said and js["input_hash"] != analysed.js["input_hash"]
        if said and js["ensemble"]: assert js["ensemble"]["benchmark"]["name"] == said
    assert "neither a symbol" in fails(2, "analyze", "r", "--benchmark", "XYZ", ws=folder / "ws")["message"]
