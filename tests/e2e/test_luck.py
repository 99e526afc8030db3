# SPDX-License-Identifier: Apache-2.0
"""How much is luck: `overfit`, and the one verdict that every output of an analysis says."""
import html
import json
import random
import re
from types import SimpleNamespace

import pytest

from conftest import fails, ok, scan_rows, tw

EASY = ["--min-sharpe", 0.1, "--min-win-rate", 0, "--max-drawdown", 1, "--min-trades", 3]


def write_columns(path, columns):
    names = list(columns)
    path.write_text("\n".join([",".join(names), *(",".join(repr(columns[n][t]) for n in names) for t in range(len(columns[names[0]])))]) + "\n")
    return path


def noise(n, bars, seed, mean=0.0):
    g = random.Random(seed)
    return {f"n{i}": [g.gauss(mean, 0.01) for _ in range(bars)] for i in range(n)}


@pytest.fixture(scope="module")
def run(session_folder, small_config):
    ws = session_folder / "luck"
    ok("sweep", small_config, "--run-id", "r", ws=ws)
    return SimpleNamespace(ws=ws, folder=session_folder)


def test_an_edge_is_believed_and_flat_trials_change_nothing_else(run):
    columns = noise(8, 1500, 3)
    columns["edge"] = [r + 0.0014 for r in noise(1, 1500, 4)["n0"]]
    before = ok("overfit", write_columns(run.folder / "edge.csv", columns))
    assert before["believed"] == ["edge"] and before["family_wise_p"] <= 0.05 and before["family_wise_method"] == "stepm" and before["flat"] == []
    assert 1 <= before["effective_trials"] <= 9 and 0 <= before["dsr_null"] <= 1 and before["benchmark"] == 0
    after = ok("overfit", write_columns(run.folder / "flat.csv", {**columns, "still": [0.0] * 1500}))
    assert after["flat"] == ["still"] and after["trials"] == 10
    for name in ("family_wise_p", "pbo", "psr", "believed", "best"): assert after[name] == before[name], name
    assert after["dsr"] is not None


def test_a_trial_that_seldom_trades_leaves_the_others_pbo_alone(run):
    columns = noise(5, 2000, 9, 0.0003)
    seldom = [0.0] * 2000
    seldom[700], seldom[1500] = 0.004, -0.003
    before = ok("overfit", write_columns(run.folder / "five.csv", columns))
    after = ok("overfit", write_columns(run.folder / "six.csv", {**columns, "seldom": seldom}))
    assert after["pbo"] == before["pbo"] and after["pbo_left_out"] == ["seldom"]


def test_holding_in_a_rising_market_is_no_skill(run):
    g = random.Random(5)
    market = [g.gauss(0.0012, 0.01) for _ in range(1500)]
    rules = {}
    for i in range(12):
        held, rule = False, []
        for r in market:
            if g.random() < 0.04: held = not held
            rule.append(r if held else 0.0)
        rules[f"rule{i}"] = rule
    file = write_columns(run.folder / "held.csv", {"market": market, **rules})
    assert ok("overfit", write_columns(run.folder / "alone.csv", rules))["believed"]
    against = ok("overfit", file, "--benchmark", "market")
    assert against["believed"] == [] and against["benchmark"] == "market" and against["trials"] == 12
    apart = write_columns(run.folder / "market.csv", {"return": market})
    assert ok("overfit", run.folder / "alone.csv", "--benchmark", apart)["family_wise_p"] == against["family_wise_p"]
    short = write_columns(run.folder / "short.csv", {"return": market[:100]})
    assert "100 rows" in fails(3, "overfit", run.folder / "alone.csv", "--benchmark", short)["message"]
    assert fails(2, "overfit", run.folder / "alone.csv", "--benchmark", "no_such_thing")["hint"]


def test_of_a_run_against_what_the_trader_could_have_had(run):
    whole = ok("overfit", "r", ws=run.ws)
    assert whole["benchmark"] == "holding" and any("holding its own symbol" in n for n in whole["notes"])
    stored = {r["strategy_id"]: (r["psr"], r["dsr"], r["family_wise_p"]) for r in scan_rows("r", ws=run.ws)}
    symbol = next(iter(stored)).split(".")[0]
    assert ok("overfit", "r", "--benchmark", symbol, ws=run.ws)["benchmark"] == symbol
    none = ok("overfit", "r", "--benchmark", "none", ws=run.ws)
    assert none["benchmark"] == 0 and any("0 in every bar" in n for n in none["notes"])
    part = ok("overfit", "r", "--where", "total_trades >= 1", ws=run.ws)
    assert part["trials"] <= whole["trials"] and any("nothing was stored" in n for n in part["notes"])
    assert {r["strategy_id"]: (r["psr"], r["dsr"], r["family_wise_p"]) for r in scan_rows("r", ws=run.ws)} == stored, "asking otherwise stores nothing"
    wrong = fails(2, "overfit", "r", "--benchmark", "NOWHERE", ws=run.ws)
    assert "NOWHERE" in wrong["message"] and symbol in wrong["hint"]
    assert fails(4, "overfit", "r", "--where", "total_trades > 1000000", ws=run.ws)
    assert fails(2, "overfit", "r", "--column", "x", ws=run.ws)


def test_every_output_says_one_verdict(run):
    js = ok("analyze", "r", *EASY, ws=run.ws)
    verdict = js["verdict"]
    assert verdict["level"] in ("nothing", "paper", "trade") and verdict["confidence"] in ("low", "moderate", "high")
    assert verdict["reasons"] and all(r["name"] and r["text"] and r["passed"] in (True, False, None) for r in verdict["reasons"])
    folder = run.ws / "r" / "analytics"
    assert json.loads((folder / "analysis.json").read_text())["verdict"] == verdict
    weights = json.loads((folder / "optimal_weights.json").read_text())
    assert weights["verdict"] == verdict and weights["qualified"] == js["qualified"]
    first = js["recommendations"][0]
    assert first["text"] + "." == verdict["headline"]
    assert {"trade_ensemble": "trade", "paper_trade": "paper", "trade_nothing": "nothing", "more_data": "nothing"}[first["kind"]] == verdict["level"]
    page = run.folder / "verdict.html"
    assert ok("report", "r", *EASY, "--out", page, ws=run.ws)["verdict"] == verdict
    text = page.read_text()
    assert re.search(r'<h1 class="headline">(.*?)</h1>', text)[1] == html.escape(verdict["headline"])
    if verdict["level"] != "nothing": assert f"<b>{verdict['confidence']}</b>" in text
    assert first["text"] in tw("analyze", "r", *EASY, ws=run.ws, json_=False).out
    config = run.folder / "luck_workflow.json"
    config.write_text(json.dumps({"name": "luck", "runs": ["r"], "criteria": {"min_sharpe": 0.1, "min_win_rate": 0, "max_drawdown": 1, "min_trades": 3}}))
    flow = ok("workflow", config, ws=run.ws)["verdict"]
    assert flow.pop("run_id") == "r" and flow == verdict
