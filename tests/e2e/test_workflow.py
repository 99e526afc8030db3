# SPDX-License-Identifier: Apache-2.0
"""`tradewind workflow` and `tradewind demo`: from one configuration to a report, whatever happens on the way."""
import hashlib
import json
import random
import shutil
import signal
import time
from http.server import BaseHTTPRequestHandler
from types import SimpleNamespace

import pytest

from conftest import fails, ok, run_command, command, serving, sma, start, stop, tw

EASY = {"min_sharpe": 0.1, "min_win_rate": 0, "max_drawdown": 1, "min_trades": 3}
CLASSIFIERS = [{"type": "volatility_terciles", "window": [20, 60]}, {"type": "trend", "window": 100}]


def sweep_of(market, symbols=("sim01", "sim02"), **more):
    data = [{"symbol": s.upper(), "path": str(getattr(market, s))} for s in symbols]
    strategies = [sma([3, 8], [20, 40]), {"type": "rsi_reversion", "direction": "long_short", "window": [7, 14], "lower": [20, 30], "upper": [70, 80]}]
    return {"data": data, "annualization": {"periods_per_year": 252}, "strategies": strategies, "classifiers": CLASSIFIERS, **more}


def write(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def short(folder, market, **more):
    return write(folder / "w.json", {"sweep": sweep_of(market), "run_id": "mine", "criteria": EASY, "replay": True, "report": "out.html", **more})


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lasting(js):
    """Of a workflow's answer what does not depend on when and where it ran."""
    js = {k: v for k, v in js.items() if k not in ("milliseconds", "report")}
    js["replay_configurations"] = [{k: v for k, v in one.items() if k != "file"} for one in js["replay_configurations"]]
    return {**js, "phases": [p["name"] for p in js["phases"]]}


@pytest.fixture(scope="module")
def whole(session_folder, market):
    """An uninterrupted short-form workflow."""
    folder = session_folder / "whole"
    config = short(folder, market)
    js = ok("workflow", config, ws=folder / "ws")
    return SimpleNamespace(folder=folder, ws=folder / "ws", config=config, js=js, sha=sha(folder / "out.html"))


def test_the_short_form_does_everything(whole):
    js = whole.js
    assert js["schema"] == "tradewind.workflow/1" and js["workflow"] == "w" and js["run_id"] == "mine"
    assert [(p["name"], p["status"]) for p in js["phases"]] == [(n, "done") for n in ("sweep", "analyze", "select", "replay", "report")]
    assert js["scanned_runs"] == 1 and js["qualified_runs"] == 1
    assert js["runs"][0]["run_id"] == "mine" and js["runs"][0]["qualified"] is True and js["runs"][0]["reason"] == ""
    assert 1 <= len(js["selected_combinations"]) <= 3 and len(js["replay_runs"]) == len(js["replays"]) == 1
    for one in js["selected_combinations"]:
        assert one["run_id"] == "mine" and one["selected"] is True and {"strategy_id", "classifier_id", "score", "selection_sharpe", "holdout_sharpe", "dsr"} <= set(one)
    scores = [one["score"] for one in js["selected_combinations"]]
    assert scores == sorted(scores, reverse=True)
    assert js["recommendations"] and all(r["kind"] and r["text"] and r["reason"] for r in js["recommendations"])
    assert js["report"] == str(whole.folder / "out.html") and isinstance(js["milliseconds"], (int, float))
    replay = js["replays"][0]
    assert replay["run_id"] == js["replay_runs"][0] and replay["source"] == "mine"


def test_the_runs_it_leaves_are_whole(whole):
    listed = {r["run_id"]: r for r in ok("runs", ws=whole.ws)["rows"]}
    assert set(listed) == {"mine", whole.js["replay_runs"][0]}  # the journal is no run
    for run in listed:
        verified = ok("verify", run, ws=whole.ws)
        assert verified["faults"] == [] and verified.get("unprotected", []) == []


def test_the_report_is_one_page_about_its_run(whole):
    html = (whole.folder / "out.html").read_text()
    assert html.lstrip().lower().startswith("<!doctype html") and "mine" in html
    assert "http-equiv" in html or "<script" in html
    for one in whole.js["selected_combinations"]:
        assert one["strategy_id"].replace("<", "&lt;") in html


def test_the_replay_is_the_ensembles_held_out_part(whole):
    analysis = json.loads((whole.ws / "mine/analytics/analysis.json").read_text())
    held_out = analysis["ensemble"]["performance"][0]["holdout"]
    replayed = whole.js["replays"][0]["summary"]["ensemble"]["metrics"]
    for metric in ("total_return", "sharpe_ratio", "max_drawdown"):
        assert replayed[metric] == held_out[metric], metric


def gated(signals, states, held_in):
    """{time: position} of a strategy that is flat outside some regimes, bar by bar."""
    changes, position, regime, shown = {}, 0, None, 0
    for time in sorted({*signals, *states}):
        position, regime = signals.get(time, position), states.get(time, regime)
        now = position if regime is None or regime in held_in else 0
        if now != shown: changes[time] = shown = now
    return changes


def signals_of(run, strategy):
    """{time: position} of a strategy's changes."""
    import pyarrow.parquet as pq
    return {str(r["timestamp"]): r["signal"] for r in pq.read_table(run / "signals" / strategy / "signals.parquet").to_pylist()}


def states_of(run, classifier):
    """{time: label or None} of a classifier, or of a symbol's consensus."""
    import pyarrow.parquet as pq
    if classifier.endswith(".consensus"):
        table = pq.read_table(run / "classifiers/combined/consensus_regimes.parquet", columns=["timestamp", "symbol", "state", "label"])
        return {str(r["timestamp"]): r["label"] if r["state"] >= 0 else None for r in table.to_pylist() if r["symbol"] == classifier.split(".")[0]}
    labels = json.loads((run / "classifiers" / classifier / "metadata.json").read_text())["labels"]
    table = pq.read_table(run / "classifiers" / classifier / "states.parquet", columns=["timestamp", "state"])
    return {str(r["timestamp"]): labels[r["state"]] if r["state"] >= 0 else None for r in table.to_pylist()}


def test_what_was_scored_is_what_is_held(whole, folder):
    shutil.copytree(whole.ws / "mine", folder / "unpacked/mine")
    ok("unpack", "mine", ws=folder / "unpacked")
    analysis = json.loads((whole.ws / "mine/analytics/analysis.json").read_text())
    best = {c["strategy_id"]: c for c in reversed(analysis["combinations"])}
    (configuration,) = whole.js["replay_configurations"]
    assert configuration["strategies"] == analysis["ensemble"]["members"]
    assert json.loads((whole.ws / "mine/analytics/optimal_weights.json").read_text())["members"] == analysis["ensemble"]["members"]
    boundary = analysis["split"]["boundary"]
    checked = 0
    for member in configuration["strategies"]:
        scored = best[member["strategy_id"]]
        assert member["classifier_id"] == scored["classifier_id"] and member["held_in"] == (scored["trade_in"] if scored["classifier_id"] else None)
        if member["classifier_id"] is None: continue
        assert member["classifier_id"].split(".")[0] == member["strategy_id"].split(".")[0]
        checked += 1
        signals = signals_of(folder / "unpacked/mine", member["strategy_id"])
        states = states_of(whole.ws / "mine", member["classifier_id"])
        expected = {t: s for t, s in gated(signals, states, member["held_in"]).items() if t >= boundary[:10]}
        stored = signals_of(whole.ws / whole.js["replay_runs"][0], member["strategy_id"])
        assert {t: s for t, s in stored.items() if t >= boundary[:10]} == expected and len(expected) > 5
    assert checked, "without gates this shows nothing"


def test_a_configuration_is_replayed_and_traded_from_its_file(whole, folder):
    (configuration,) = whole.js["replay_configurations"]
    again = ok("replay", configuration["file"], ws=whole.ws)
    assert again["replay_run"] == configuration["replay_run"] == whole.js["replay_runs"][0]
    assert again["metrics"]["total_return"] == whole.js["replays"][0]["summary"]["ensemble"]["metrics"]["total_return"]
    symbols = sorted({m["strategy_id"].split(".")[0] for m in configuration["strategies"] if m["weight"] > 0})
    named = ", ".join(f"{s}: SIM-0000{i + 2}" for i, s in enumerate(symbols))
    live = f"""total_capital: 1000
cycle_interval: 0
simulation: {{life_steps: 1000000, step_seconds: 60}}
limits: {{max_loss: 100%, max_daily_loss: 100%}}
strategies:
  enabled: [mine]
  mine: {{type: ensemble, file: "{configuration['file']}", symbols: {{{named}}}, max_spread: 1}}
"""
    ws = folder / "ws"
    shutil.copytree(whole.ws, ws)
    done = ok("live", write(folder / "live.yaml", live), "--session", "from-file", "--cycles", 60, ws=ws)
    members = [m for m in configuration["strategies"] if m["weight"] > 0]
    assert done["strategies"]["mine"]["details"]["members"] == len(members)
    assert done["strategies"]["mine"]["details"].get("gated_members", 0) == sum(m["classifier_id"] is not None for m in members)
    unjudged = {k: v for k, v in configuration.items() if k not in ("file", "replay_run", "verdict")}
    mine = write(folder / "own.json", unjudged)
    error = fails(3, "live", write(folder / "own.yaml", live.replace(configuration["file"], str(mine))), "--session", "no", "--cycles", 1, ws=ws)
    assert "not judged" in error["message"] and "trade_unqualified" in error["hint"]


def test_runs_are_held_together(market, folder):
    ws = folder / "ws"
    for name, symbol in (("a", "sim01"), ("b", "sim02")): ok("sweep", write(folder / f"{name}.json", sweep_of(market, (symbol,), classifiers=[{"type": "trend", "window": 100}])), "--run-id", name, ws=ws)
    js = ok("workflow", write(folder / "both.json", {"runs": "all", "criteria": {**EASY, "max_correlation": 1}, "replay": True}), ws=ws)
    chosen = [(c["run_id"], c["strategy_id"]) for c in js["selected_combinations"]]
    assert {run for run, _ in chosen} == {"a", "b"}, "both runs must have something for this to show anything"
    (configuration,), (replay,) = js["replay_configurations"], js["replays"]
    assert sorted((m["run_id"], m["strategy_id"]) for m in configuration["strategies"]) == sorted(chosen)
    assert sum(m["weight"] for m in configuration["strategies"]) <= 1 + 1e-9 and replay["sources"] == sorted({run for run, _ in chosen})
    boundaries = [json.loads((ws / run / "analytics/analysis.json").read_text())["split"]["boundary"] for run in "ab"]
    assert configuration["from"][:10] == max(boundaries)[:10]
    summary = replay["summary"]
    assert summary["config"]["strategies"] == configuration["strategies"]
    assert sum(m["profit"] for m in summary["members"]) == pytest.approx(summary["ensemble"]["metrics"]["total_return"], abs=1e-9)
    assert ok("verify", replay["run_id"], ws=ws)["faults"] == []
    rerun = ok("replay", replay["run_id"], ws=ws)
    assert rerun["metrics"]["total_return"] == pytest.approx(summary["ensemble"]["metrics"]["total_return"], rel=1e-12)


def test_again_it_has_nothing_to_do(whole):
    before = (whole.folder / "out.html").stat().st_mtime_ns
    again = ok("workflow", whole.config, ws=whole.ws)
    status = {p["name"]: p["status"] for p in again["phases"]}
    assert status["sweep"] == status["select"] == status["replay"] == status["report"] == "resumed"
    assert lasting(again) == lasting(whole.js) and (whole.folder / "out.html").stat().st_mtime_ns == before


def test_what_was_removed_is_made_again(whole, folder):
    shutil.copytree(whole.folder, folder / "c")
    config, ws, page = folder / "c/w.json", folder / "c/ws", folder / "c/out.html"
    page.unlink()
    ok("workflow", config, ws=ws)
    assert sha(page) == whole.sha
    shutil.rmtree(ws / whole.js["replay_runs"][0])
    (ws / "mine/analytics/analysis.json").unlink()
    page.write_text("tampered")
    again = ok("workflow", config, ws=ws)
    assert sha(page) == whole.sha and lasting(again) == lasting(whole.js)
    assert ok("verify", whole.js["replay_runs"][0], ws=ws)["faults"] == []
    shutil.rmtree(ws / "mine")
    assert lasting(ok("workflow", config, ws=ws)) == lasting(whole.js) and sha(page) == whole.sha


def test_changed_criteria_do_again_what_depends_on_them(whole, folder, market):
    shutil.copytree(whole.folder, folder / "c")
    config = short(folder / "c", market, criteria={**EASY, "min_sharpe": 90})
    js = ok("workflow", config, ws=folder / "c/ws")
    assert {p["name"]: p["status"] for p in js["phases"]}["sweep"] == "resumed"
    assert js["qualified_runs"] == 0 and js["selected_combinations"] == [] and js["replay_runs"] == []
    assert js["runs"][0]["reason"] and js["recommendations"][0]["kind"] == "trade_nothing"
    assert sha(folder / "c/out.html") != whole.sha


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_seed_gives_the_same_bytes_anywhere(whole, folder, market, threads):
    config = short(folder / "elsewhere", market)
    js = ok("workflow", config, ws=folder / "other-workspace", threads=threads)
    assert sha(folder / "elsewhere/out.html") == whole.sha and lasting(js) == lasting(whole.js)


def killed_after(delay, config, at):
    """Whether the workflow was still at work when it was killed."""
    process = start("workflow", config, ws=at / "ws")
    time.sleep(delay)
    alive = process.poll() is None
    stop(process)
    return alive


def test_killed_at_any_moment_it_ends_in_the_same_report(whole, folder, market):
    begun = time.monotonic()
    config = short(folder / "timing", market)
    ok("workflow", config, ws=folder / "timing/ws")
    span = time.monotonic() - begun
    dice = random.Random(5)
    # Spread over the whole run, to its end where replay and report are.
    delays = [span * (i + dice.random()) / 10 for i in range(10)]
    for i, delay in enumerate(delays):
        at = folder / f"k{i}"
        while not killed_after(delay, config := short(at, market), at):
            delay *= 0.8  # the machine is faster than it was: a kill that comes too late shows nothing
            shutil.rmtree(at)
        js = ok("workflow", config, ws=at / "ws")
        assert sha(at / "out.html") == whole.sha, delay
        assert lasting(js) == lasting(whole.js), delay
        for run in ("mine", *js["replay_runs"]):
            assert ok("verify", run, ws=at / "ws")["faults"] == [], (delay, run)
        shutil.rmtree(at)


def wait_for(path, process):
    while not path.exists() and process.poll() is None:
        time.sleep(0.001)


def test_killed_between_late_phases_it_ends_in_the_same_report(whole, folder, market):
    """The moments that random delays hit seldom: analysis just stored, selection stored, replay half written, replay stored."""
    replay = whole.js["replay_runs"][0]
    for i, moment in enumerate(["ws/mine/analytics/analysis.json", "ws/_workflows/w/select.json", f"ws/{replay}", "ws/_workflows/w/replay.json", "out.html"]):
        at = folder / f"m{i}"
        config = short(at, market)
        process = start("workflow", config, ws=at / "ws")
        wait_for(at / moment, process)
        stop(process)
        js = ok("workflow", config, ws=at / "ws")
        assert sha(at / "out.html") == whole.sha, moment
        assert lasting(js) == lasting(whole.js), moment
        assert ok("verify", replay, ws=at / "ws")["faults"] == [], moment
        shutil.rmtree(at)


def test_killed_again_and_again_it_still_arrives(whole, folder, market):
    config = short(folder, market)
    for delay in (0.05, 0.1, 0.2, 0.3, 0.4):
        process = start("workflow", config, ws=folder / "ws")
        time.sleep(delay)
        stop(process)
    assert lasting(ok("workflow", config, ws=folder / "ws")) == lasting(whole.js) and sha(folder / "out.html") == whole.sha


def test_interrupted_it_says_so_and_goes_on(whole, folder, market):
    # A sweep large enough to be met at work.
    big = sweep_of(market)
    big["strategies"] = [sma((2, 60), (61, 160))]
    big["classifiers"] = []
    config = write(folder / "w.json", {"sweep": big, "run_id": "mine", "criteria": EASY, "report": "out.html"})
    process = start("workflow", config, ws=folder / "ws", threads=1)
    wait_for(folder / "ws/mine", process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 5, (out, err)
    assert json.loads(out)["code"] == "TW9001"
    js = ok("workflow", config, ws=folder / "ws")
    assert js["phases"][0]["status"] == "done" and js["scanned_runs"] == 1
    assert js["runs"][0]["input_hash"] and ok("verify", "mine", ws=folder / "ws")["faults"] == []


def phases_config(market, first="r1", second="r2"):
    return {"name": "big", "criteria": EASY, "phases": [
        {"name": "one", "type": "sweep", "sweep": sweep_of(market, ["sim01"]), "run_id": first},
        {"name": "two", "type": "sweep", "sweep": sweep_of(market, ["sim02"]), "run_id": second},
        {"name": "look-one", "type": "analyze", "needs": ["one"]},
        {"name": "look-two", "type": "analyze", "needs": ["two"], "criteria": {**EASY, "max_selections": 1}, "holdout": 0.4},
        {"name": "choose", "type": "select", "needs": ["look-one", "look-two"]},
        {"name": "again", "type": "replay", "needs": "choose"},
        {"name": "tell", "type": "report", "needs": ["again"], "out": "big.html"}]}


def test_the_long_form_runs_sweeps_side_by_side_and_brings_them_together(folder, market):
    config = write(folder / "c.json", phases_config(market))
    js = ok("workflow", config, ws=folder / "ws")
    assert js["workflow"] == "big" and js["scanned_runs"] == 2 and len(js["phases"]) == 7
    assert {r["run_id"] for r in js["runs"]} == {"r1", "r2"} and js["run_id"] == "r1"
    assert 1 <= len(js["selected_combinations"]) <= 3
    assert len(js["replay_runs"]) == 1 and js["replays"][0]["sources"] == sorted({c["run_id"] for c in js["selected_combinations"]})
    boundaries = [json.loads((folder / f"ws/{run}/analytics/analysis.json").read_text())["split"]["boundary"] for run in js["replays"][0]["sources"]]
    assert js["replays"][0]["summary"]["first"][:10] == max(boundaries)[:10]  # unseen by both
    html = (folder / "big.html").read_text()
    assert "r1" in html and "r2" in html
    assert json.loads((folder / "ws/r2/analytics/analysis.json").read_text())["split"]["holdout"] == 0.4
    assert json.loads((folder / "ws/r1/analytics/analysis.json").read_text())["split"]["holdout"] == 0.3
    first = sha(folder / "big.html")
    again = ok("workflow", config, ws=folder / "ws", threads=1)
    assert lasting(again) == lasting(js) and sha(folder / "big.html") == first


def test_all_runs_leaves_replays_out_and_says_why(whole, folder):
    shutil.copytree(whole.folder, folder / "c")
    config = write(folder / "c/all.yaml", f"runs: all\ncriteria: {json.dumps(EASY)}\nreplay: true\n")
    js = ok("workflow", config, ws=folder / "c/ws")
    by_id = {r["run_id"]: r for r in js["runs"]}
    replay = whole.js["replay_runs"][0]
    assert set(by_id) == {"mine", replay} and js["scanned_runs"] == 2 and js["qualified_runs"] == 1
    assert by_id["mine"]["qualified"] and not by_id[replay]["qualified"] and by_id[replay]["reason"]
    assert js["replay_runs"] == [replay] and js["report"] is None and js["run_id"] is None
    assert lasting(ok("workflow", config, ws=folder / "c/ws")) == lasting(js)


def test_runs_that_cannot_be_analysed_do_not_stop_the_others(whole, folder, market):
    shutil.copytree(whole.folder, folder / "c")
    ws = folder / "c/ws"
    (folder / "s.csv").write_text("timestamp,signal\n2020-01-01,1\n2020-02-01,0\n")
    ok("import-signals", folder / "s.csv", "--run-id", "imported", ws=ws)
    none = write(folder / "none.json", sweep_of(market))
    ok("sweep", none, "--run-id", "unkept", "--keep-signals", "none", ws=ws)
    (ws / "broken").mkdir()
    (ws / "broken/metadata.json").write_text("{")
    js = ok("workflow", write(folder / "c/all.json", {"runs": "all", "criteria": EASY}), ws=ws)
    reasons = {r["run_id"]: r["reason"] for r in js["runs"]}
    assert reasons["mine"] == "" and all(reasons[r] for r in ("imported", "unkept", "broken"))
    assert js["qualified_runs"] == 1 and js["selected_combinations"]


def test_a_named_run_must_be_there(whole):
    config = write(whole.folder / "named.json", {"runs": ["mien"], "criteria": EASY})
    error = fails(1, "workflow", config, ws=whole.ws)
    assert "'mine'" in error["hint"] and "analyze" in error["message"]
    js = ok("workflow", write(whole.folder / "one.json", {"runs": "mine", "criteria": EASY}), ws=whole.ws)
    assert js["scanned_runs"] == 1 and js["replay_runs"] == []


def test_the_table_tells_what_to_do(whole):
    shown = tw("workflow", whole.config, ws=whole.ws, json_=False)
    assert shown.rc == 0 and "1 runs scanned, 1 qualified" in shown.out and "out.html" in shown.out
    assert whole.js["recommendations"][0]["text"] in shown.out and whole.js["replay_runs"][0] in shown.out


@pytest.mark.parametrize("text,parts", [
    ("", ["empty"]),
    ("seed: 3\n", ["names nothing"]),
    ("runs: all\ncriterai: {}\n", [":2", "criterai", "'criteria'"]),
    ("runs: all\ncriteria:\n  min_sharp: 1\n  min_win_rate: 2\n", ["line 3", "criteria.min_sharp", "'min_sharpe'", ":4", "min_win_rate"]),
    ("runs: all\nholdout: 0.95\nseed: -1\n", ["holdout", "seed", ":3", "line 2"]),
    ("runs: all\nseed: 1.5\n", ["seed", "whole"]),
    ("runs: all\nreplay: {confirm_bar: 2}\n", ["confirm_bar", "'confirm_bars'"]),
    ("runs: all\nreplay: {confirm_bars: 1.5}\n", ["confirm_bars", "whole"]),
    ("runs: all\ncosts: {commission: cheap, slippage: {model: cubic}}\n", ["costs.commission", "cheap", "cubic", "costs.slippage.model"]),
    ("runs: all\ncosts: {slippage: 5bps}\n", ["costs.slippage"]),
    ("runs: all\nensemble: {objective: shrpe, max_weight: 2}\n", ["'sharpe'", "max_weight"]),
    ("runs: all\nevents: {webhooks: [{ulr: x}]}\n", ["ulr", "'url'"]),
    ("sweep: nowhere.yaml\n", ["sweep", "nowhere.yaml"]),
    ("sweep: {strategies: [{type: smacross}]}\n", ["sweep"]),
    ("name: ../up\nruns: all\n", ["../up"]),
    ("runs: all\nrun_id: x\n", ["run_id"]),
    ("phases: 3\n", ["phases", "list"]),
    ("phases: []\n", ["phases", "list"]),
    ("phases: [7]\n", ["phases[0]"]),
    ("phases:\n  - {type: analyse, runs: all}\n", [":2", "analyse", "'analyze'"]),
    ("phases:\n  - {type: analyze, runs: all}\n  - {type: select, needs: [analyse]}\n", [":3", "phases[1].needs", "'analyse'", "'analyze'"]),
    ("phases:\n  - {type: analyze, runs: all, needs: [select]}\n  - {type: select, needs: [analyze]}\n", ["analyze → select → analyze"]),
    ("phases:\n  - {type: analyze, runs: all}\n  - {type: analyze, runs: all}\n", ["'analyze'", "two phases"]),
    ("phases:\n  - {type: report}\n", ["phases[0].out", "missing"]),
    ("phases:\n  - {type: sweep}\n", ["phases[0].sweep", "missing"]),
    ("phases:\n  - {type: analyze}\n", ["phases[0]", "names nothing"]),
    ("phases:\n  - {type: select}\n", ["phases[0]", "needs an analyze phase"]),
    ("phases:\n  - {type: analyze, runs: all}\n  - {type: select, needs: analyze}\n  - {type: report, out: x.html, needs: analyze}\n", ["phases[2]", "needs a select or replay"]),
    ("phases:\n  - {type: analyze, runs: all}\n  - {type: replay, needs: [analyze]}\n", [":3", "phases[1]", "needs a select phase"]),
    ("sweep: {}\nrun_id: a/b\n", ["run_id"]),
    ("phases:\n  - {type: analyze, runs: all, out: x.html}\n", ["phases[0].out", "unknown key"]),
    ("runs: all\nphases:\n  - {type: analyze, runs: all}\n", ["runs"]),
    ("runs: [1, [2]]\n", ["runs"]),
    ("- 1\n", ["map"]),
    ("runs: all\nruns: all\n", ["runs"]),
    ("{", []),
])
def test_a_wrong_configuration_is_refused_before_any_work(folder, text, parts):
    config = write(folder / "w.yaml", text)
    error = fails(3, "workflow", config, ws=folder / "ws")
    told = " ".join(error[k] for k in ("message", "where", "hint"))
    for part in parts:
        assert part in told, (part, told)
    assert not (folder / "ws").exists()


def test_another_sweep_is_not_mixed_into_a_run_of_the_same_name(whole, folder, market):
    shutil.copytree(whole.folder, folder / "c")
    document = {"sweep": sweep_of(market, ("sim01",)), "run_id": "mine", "criteria": EASY}
    error = fails(1, "workflow", write(folder / "c/other.json", document), ws=folder / "c/ws")
    assert "another configuration" in error["message"] and "run_id" in error["hint"]
    assert ok("runs", ws=folder / "c/ws")["rows"] == ok("runs", ws=whole.ws)["rows"]


def test_no_configuration(folder):
    fails(1, "workflow", folder / "nothing.yaml", ws=folder / "ws")
    fails(2, "workflow", ws=folder / "ws")


def test_a_failing_phase_is_named_and_what_is_done_is_kept(folder, market):
    document = phases_config(market)
    copy = folder / "sim02.csv"
    shutil.copy(market.sim02, copy)
    document["phases"][1]["sweep"]["data"][0]["path"] = str(copy)
    good = copy.read_text()
    copy.write_text(good + "2030-01-01,x,y,z\n")
    config = write(folder / "c.json", document)
    error = fails(3, "workflow", config, ws=folder / "ws")
    assert "phase 'two'" in error["message"]
    copy.write_text(good)
    js = ok("workflow", config, ws=folder / "ws")
    assert {p["name"]: p["status"] for p in js["phases"]}["one"] == "resumed" and js["scanned_runs"] == 2


class Listener:
    """An HTTP server that keeps what is posted to it."""

    def __enter__(self):
        self.events = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler):
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                self.events.append((dict(handler.headers), json.loads(body)))
                handler.send_response(204)
                handler.end_headers()

            def log_message(self, *_): pass

        self.server = serving(Handler)
        self.url = self.server.__enter__() + "/hook"
        return self

    def __exit__(self, *_):
        self.server.__exit__(None, None, None)


def test_the_world_is_told(folder, market):
    with Listener() as listener:
        config = short(folder, market, events={"webhooks": [{"url": listener.url}]})
        js = ok("workflow", config, ws=folder / "ws")
        first = list(listener.events)
        ok("workflow", config, ws=folder / "ws")
        second = listener.events[len(first):]
    for headers, event in first:
        assert event["specversion"] == "1.0" and event["id"] and event["source"] and event["time"].endswith("Z")
        assert headers["X-Tradewind-Event"] == event["type"] and headers["X-Tradewind-Delivery"] == event["id"]
    def of(kind, events=first): return [e["data"] for _, e in events if e["type"] == f"tradewind.{kind}"]
    swept, ready, replayed = of("sweep.completed"), of("analysis.ready"), of("replay.completed")
    assert len(swept) == 1 and swept[0]["run_id"] == "mine" and swept[0]["status"] == "complete"
    assert len(ready) == 1 and all(r["run_id"] == "mine" and r["path"] == "mine/analytics/analysis.json" and r["selected"] for r in ready)
    assert len(replayed) == 1 and replayed[0]["result_run_id"] == js["replay_runs"][0] and replayed[0]["run_id"] == "mine"
    changes = [(c["phase"], c["status"]) for c in of("workflow.phase_changed")]
    assert changes == [(phase, status) for phase in ("sweep", "analyze", "select", "replay", "report") for status in ("running", "complete")]
    assert not of("performance.updated")
    assert of("sweep.completed", second) == of("analysis.ready", second) == [] and of("replay.completed", second) == []
    assert ("sweep", "skipped") in [(c["phase"], c["status"]) for c in of("workflow.phase_changed", second)]


def test_commands_tell_each_fact_once(folder, market):
    easy = ["--min-sharpe", -9, "--min-trades", 0, "--min-win-rate", 0, "--max-drawdown", 1]
    sweep = write(folder / "s.json", sweep_of(market))
    ws = folder / "ws"
    with Listener() as listener:
        told = ["--events", write(folder / "e.json", {"events": {"webhooks": [{"url": listener.url}]}})]
        def heard(*command):
            before = len(listener.events)
            js = ok(*command, *told, ws=ws)
            return [(e["type"].removeprefix("tradewind."), e["subject"]) for _, e in listener.events[before:]], js
        assert heard("sweep", sweep, "--run-id", "a")[0] == [("sweep.completed", "a")]
        assert heard("sweep", sweep, "--run-id", "b", "--analyze")[0] == [("sweep.completed", "b"), ("analysis.ready", "b")]
        assert heard("analyze", "a", *easy)[0] == [("analysis.ready", "a")]
        assert heard("analyze", "a", *easy)[0] == []
        assert heard("report", "b", *easy, "--out", folder / "r.html")[0] == [("analysis.ready", "b")]
        events, js = heard("replay", "a", "--ensemble")
        assert [kind for kind, _ in events].count("replay.completed") == 1 and js["replay_run"]
        for source in (["a"], [js["replay_run"]]): assert "stored" in fails(2, "replay", *source, *told, ws=ws)["message"]


def test_the_world_is_told_of_a_failure(folder, market):
    with Listener() as listener:
        config = write(folder / "w.json", {"runs": ["gone"], "events": {"webhooks": [{"url": listener.url, "on": ["workflow.phase_changed"]}]}})
        (folder / "ws").mkdir()
        fails(1, "workflow", config, ws=folder / "ws")
    changes = [event["data"] for _, event in listener.events]
    assert [(c["phase"], c["status"]) for c in changes] == [("analyze", "running"), ("analyze", "failed")]
    assert "gone" in changes[-1]["message"]


def test_a_listener_that_is_away_stops_nothing(whole, folder, market):
    with Listener() as listener:
        url = listener.url
    config = short(folder, market, events={"webhooks": [{"url": url, "max_attempts": 1}]})
    done = run_command(command("workflow", config, ws=folder / "ws", quiet=False))
    assert done.rc == 0 and lasting(done.js) == lasting(whole.js)
    assert "127.0.0.1" in done.err


@pytest.fixture(scope="module")
def demo(session_folder):
    folder = session_folder / "demo"
    folder.mkdir()
    js = ok("demo", cwd=folder)
    return SimpleNamespace(folder=folder, js=js)


def test_the_demo_finds_what_its_market_hides(demo):
    findings = {f["kind"]: f for f in demo.js["findings"]}
    assert set(findings) >= {"ruinous_regime", "dies_of_costs", "redundant_pair", "unmasked_luck"}
    assert findings["ruinous_regime"]["strategies"][0].startswith("HARBOR.") and findings["ruinous_regime"]["numbers"]["regime_sharpe"] < 0 < findings["ruinous_regime"]["numbers"]["sharpe_ratio"]
    costs = findings["dies_of_costs"]
    assert costs["strategies"][0].startswith("RIPPLE.") and costs["numbers"]["gross_sharpe"] > 0 > costs["numbers"]["net_sharpe"]
    pair = findings["redundant_pair"]
    assert {s.split(".")[0] for s in pair["strategies"]} == {"GALE", "TWIN"} and pair["numbers"]["correlation"] > 0.9
    assert findings["unmasked_luck"]["strategies"][0].startswith("DICE.")  # a random walk
    luck = findings["unmasked_luck"]["numbers"]
    assert luck["sharpe_ratio"] > 0 >= luck["holdout_sharpe"] and luck["dsr"] < 0.95
    assert demo.js["selected_combinations"] and demo.js["recommendations"] and demo.js["ranked"]


def test_the_demo_trades_on_paper(demo):
    live = demo.js["live"]
    assert live["cycles"] == 500 and live["statistics"]["total_trades"] > 0
    assert set(live["strategies"]) == {"arbitrage", "momentum", "statistical_arb", "news"}


def test_the_demos_report_is_about_its_run(demo):
    from pathlib import Path
    page = Path(demo.js["report"])
    html = (page if page.is_absolute() else demo.folder / page).read_text()
    html = html.replace("<wbr>", "")
    assert demo.js["run_id"] in html
    for finding in demo.js["findings"]:
        assert finding["strategies"][0] in html
