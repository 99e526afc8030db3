# SPDX-License-Identifier: Apache-2.0
"""Ensembles replayed by their analysis, by a configuration and once more; events of a sweep; an analysis that starts by itself."""
import csv
import json
import shutil
import socket
import subprocess
import time
from types import SimpleNamespace

import pytest

from conftest import fails, ok, sma, start, stop

EASY = ["--min-sharpe", "0.1", "--min-win-rate", "0", "--max-drawdown", "1", "--min-trades", "3"]
PATH_KEYS = ("sharpe_ratio", "total_return", "max_drawdown", "total_costs")


def write_json(path, document):
    path.write_text(json.dumps(document))
    return path


def sweep_config(folder, market):
    data = [{"symbol": s.upper(), "path": str(getattr(market, s))} for s in ("sim01", "sim02")]
    strategies = [sma([3, 8], [20, 40]), {"type": "rsi_reversion", "direction": "long_short", "window": [7, 14], "lower": [20, 30], "upper": [70, 80]}]
    classifiers = [{"type": "volatility_terciles", "window": [20, 60]}, {"type": "trend", "window": 100}]
    return write_json(folder / "sweep.json", {"data": data, "annualization": {"periods_per_year": 252}, "strategies": strategies, "classifiers": classifiers})


@pytest.fixture(scope="module")
def run(session_folder, market):
    folder = session_folder / "ensemble-replay"
    folder.mkdir()
    config = sweep_config(folder, market)
    swept = ok("sweep", config, "--run-id", "r", "--trace", "2", "--analyze", ws=folder / "ws")
    return SimpleNamespace(folder=folder, ws=folder / "ws", config=config, swept=swept, analysis=ok("analyze", "r", *EASY, ws=folder / "ws"))


def test_a_sweep_records_events_and_starts_its_analysis(run):
    assert run.swept["events"] > 0 and run.swept["analysis"].endswith("r/analytics/analysis.json")
    fill = next(e for e in ok("trace", "r", "0", ws=run.ws)["descendants"] if e["type"] == "fill")
    assert 0 < fill["payload"]["cost"] < 0.01 and fill["payload"]["price"] > 0
    assert ok("verify", "r", ws=run.ws)["faults"] == []


def test_the_ensemble_of_an_analysis(run):
    js = ok("replay", "r", "--ensemble", ws=run.ws)
    expected = next(p for p in run.analysis["ensemble"]["performance"] if p["kind"] == "ensemble")["holdout"]
    for key in ("sharpe_ratio", "total_return", "max_drawdown"):
        assert js["metrics"][key] == pytest.approx(expected[key], rel=1e-9)
    assert set(js["baselines"]) == {"static_weights", "equal_weight", "buy_and_hold"} and js["replay_run"].startswith("replay-r-")
    rows = {r["strategy_id"]: r for r in ok("scan", js["replay_run"], "--limit", "0", ws=run.ws)["rows"]}
    assert rows["ensemble"]["sharpe_ratio"] == pytest.approx(js["metrics"]["sharpe_ratio"], rel=1e-9)


def test_a_stored_replay_is_made_again(run):
    first = ok("replay", "r", "--ensemble", ws=run.ws)
    again = ok("replay", first["replay_run"], ws=run.ws)
    assert {k: again["metrics"][k] for k in PATH_KEYS} == {k: first["metrics"][k] for k in PATH_KEYS}
    assert again["replay_run"] == first["replay_run"] and again["switches"] == first["switches"]


@pytest.fixture(scope="module")
def alone(run):
    """A run on one symbol: its ensemble has weights by regime, and weights that adapt."""
    config = json.loads(run.config.read_text())
    config["data"] = config["data"][:1]
    config["classifiers"] = [{"type": "hmm", "history": 120}]
    ok("sweep", write_json(run.folder / "alone.json", config), "--run-id", "alone", ws=run.ws)
    return ok("analyze", "alone", *EASY, ws=run.ws)


def test_weights_that_adapt_are_replayed_as_they_were_judged(run, alone, folder):
    judged = next(p for p in alone["ensemble"]["performance"] if p["kind"] == "adaptive")["holdout"]
    first = ok("replay", "alone", "--ensemble", "--adaptive", "--weights-out", folder / "w.csv", ws=run.ws)
    assert first["adaptive"] is True and first["replay_run"] != ok("replay", "alone", "--ensemble", ws=run.ws)["replay_run"]
    for key in ("sharpe_ratio", "total_return", "max_drawdown", "total_costs"):
        assert first["metrics"][key] == judged[key], key
    again = ok("replay", first["replay_run"], ws=run.ws)
    assert {k: again["metrics"][k] for k in PATH_KEYS} == {k: first["metrics"][k] for k in PATH_KEYS} and again["adaptive"] is True
    stored = json.loads((run.ws / first["replay_run"] / "analytics/replay.json").read_text())["config"]
    assert stored["adaptive"] == alone["ensemble"]["adaptive"]["rule"] and stored["regime_weights"] == []
    mine = {"run": "alone", "strategies": alone["ensemble"]["members"], "classifier": alone["ensemble"]["classifier_id"],
            "adaptive": stored["adaptive"], "from": stored["from"]}
    of_file = ok("replay", write_json(folder / "mine.json", mine), ws=run.ws)
    assert of_file["metrics"]["total_return"] == first["metrics"]["total_return"]
    # What is held at first is what the probabilities aim at: a mixture of the regimes' weights.
    rule, (held, *_) = stored["adaptive"], csv.DictReader((folder / "w.csv").open())
    for i, member in enumerate(alone["ensemble"]["members"]):
        weights = [r["weights"][i] for r in rule["regimes"].values()] + [rule["all"]["weights"][i]]
        assert min(weights) * 0.9 - 0.01 <= float(held[member["strategy_id"]]) <= max(weights) * 1.1 + 0.01


@pytest.mark.parametrize("arguments, words", [
    (["alone", "--adaptive"], "--ensemble"),
    (["alone", "--ensemble", "--adaptive", "--confirm-bars", "2"], "no regime to wait for"),
    (["alone", "--ensemble", "--adaptive", "--target-regimes", "low"], "no regime to wait for"),
    (["r", "--ensemble", "--adaptive"], "no weights that adapt"),
])
def test_weights_that_adapt_are_not_ignored(run, alone, arguments, words):
    error = fails(4 if arguments[0] == "r" else 2, "replay", *arguments, ws=run.ws)
    assert words in error["message"] + error["hint"]


@pytest.mark.parametrize("change, words", [
    ({"weights": {}}, "beside"), ({"classifier": None}, "classifier"), ({"adaptive": {"cost_rate": 0}}, "adapt"), ({"adaptive": 5}, "adapt")])
def test_a_damaged_rule_in_a_file(run, alone, folder, change, words):
    mine = {"run": "alone", "strategies": alone["ensemble"]["members"], "classifier": alone["ensemble"]["classifier_id"],
            "adaptive": alone["ensemble"]["adaptive"]["rule"]} | change
    error = fails(3, "replay", write_json(folder / "mine.json", {k: v for k, v in mine.items() if v is not None}), ws=run.ws)
    assert words in json.dumps(error)


def test_patterns_of_the_market_are_part_of_the_analysis(alone):
    patterns = alone["patterns"]
    assert patterns["symbol"] == "SIM01" and patterns["tested_transitions"] >= 1 and patterns["transitions"]
    assert {"from", "to", "occurrences", "p_adjusted"} <= set(patterns["transitions"][0])
    assert patterns["model"]["rows"] > 500 and patterns["model"]["skilled"] in (True, False)
    advised = [r for r in alone["recommendations"] if r["kind"] == "watch_pattern"]
    shown = (1 if patterns["significant"] else 0) + sum(t["significant"] for t in patterns["transitions"]) + patterns["model"]["skilled"]
    assert len(advised) == shown


def test_target_regimes_stay_in_cash_elsewhere(run):
    members = run.analysis["ensemble"]["members"]
    labels = sorted({label for m in members for label in m["held_in"] or []})
    if any(m["classifier_id"] is None for m in members):  # nothing keeps those out
        assert "target_regimes" in fails(2, "replay", "r", "--ensemble", "--target-regimes", labels[0], ws=run.ws)["hint"]
        return
    narrowed = ok("replay", "r", "--ensemble", "--target-regimes", labels[0], ws=run.ws)
    assert narrowed["replay_run"] != ok("replay", "r", "--ensemble", ws=run.ws)["replay_run"]
    error = fails(2, "replay", "r", "--ensemble", "--target-regimes", labels[0] + "x", ws=run.ws)
    assert labels[0] in error["hint"]


def test_an_ensemble_of_ones_own(run):
    ids = [s["strategy_id"] for s in run.analysis["strategies"] if s["symbol"] == "SIM01"][:2]
    classifier = next(c for c in run.analysis["classifiers"] if c["symbol"] == "SIM01" and c["classifier_type"] == "trend")
    document = {"run": "r", "strategies": {ids[0]: 0.5, ids[1]: 0.5}, "classifier": classifier["classifier_id"], "weights": {"up": {ids[0]: 1}}, "from": "2017-01-02"}
    js = ok("replay", write_json(run.folder / "own.json", document), ws=run.ws)
    assert js["first"] >= "2017-01-02" and js["classifier_id"] == classifier["classifier_id"] and js["switches"] > 0
    plain = {"run": "r", "strategies": {ids[0]: 1}}
    alone = ok("replay", write_json(run.folder / "plain.json", plain), ws=run.ws)
    assert alone["metrics"]["total_return"] == pytest.approx(ok("replay", "r", ids[0], ws=run.ws)["metrics"]["total_return"], rel=1e-12)


@pytest.mark.parametrize("change, part", [({"weights": {"upp": {}}}, "upp"), ({"strategies": {}}, "names no strategy"), ({"strategies": []}, "names no strategy"), ({"strategies": [{"strategy_id": "x", "weight": 1, "held_in": ["up"]}]}, "classifier_id"), ({"weights": None}, "classifier"), ({"from": "soon"}, "soon"), ({"hold": 1}, "hold")])
def test_a_wrong_configuration(run, change, part):
    strategy = run.analysis["strategies"][0]["strategy_id"]
    classifier = next(c["classifier_id"] for c in run.analysis["classifiers"] if c["symbol"] == run.analysis["strategies"][0]["symbol"] and c["classifier_type"] == "trend")
    document = {"run": "r", "strategies": {strategy: 1}, "classifier": classifier, "weights": {"up": {strategy: 1}}, **change}
    document = {k: v for k, v in document.items() if v is not None}
    error = fails(3, "replay", write_json(run.folder / "wrong.json", document), ws=run.ws)
    assert part in error["message"] + error["where"] + error["hint"]


def test_a_run_without_analysis(run, folder):
    ok("sweep", run.config, "--run-id", "bare", ws=folder / "ws")
    assert "tradewind analyze bare" in fails(1, "replay", "bare", "--ensemble", ws=folder / "ws")["hint"]


@pytest.fixture
def nats(folder):
    if shutil.which("nats-server") is None:
        pytest.skip("nats-server is not installed; script/bootstrap does so")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(["nats-server", "-a", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0: break
        time.sleep(0.05)
    yield f"nats://127.0.0.1:{port}"
    server.terminate()
    server.wait()


def test_an_analysis_starts_by_itself(run, folder, nats):
    events = write_json(folder / "events.json", {"events": {"nats": {"url": nats}}, "criteria": {"min_sharpe": 0.1, "min_win_rate": 0, "max_drawdown": 1, "min_trades": 3}})
    follower = start("follow", events, "--count", "1", ws=folder / "ws")
    try:
        for attempt in range(20):  # until the follower listens: what is published before is not heard
            name = f"told-{attempt}"
            ok("sweep", run.config, "--run-id", name, "--events", events, ws=folder / "ws")
            for _ in range(20):
                if follower.poll() is not None: break
                time.sleep(0.1)
            if follower.poll() is not None: break
        out, err = follower.communicate(timeout=60)
    finally:
        stop(follower)
    js = json.loads(out)
    assert js["schema"] == "tradewind.follow/1" and js["failures"] == [] and len(js["analyses"]) == 1, err
    assert (folder / "ws" / js["analyses"][0]["run_id"] / "analytics/analysis.json").exists()


def test_follow_wants_a_server(folder):
    assert "nats" in fails(3, "follow", write_json(folder / "e.json", {"events": {}}), ws=folder / "ws")["where"]
    assert "events" in fails(3, "follow", write_json(folder / "f.json", {"criteria": {}}), ws=folder / "ws")["message"]
