# SPDX-License-Identifier: Apache-2.0
"""Paper trading sessions through the command."""
import contextlib
import http.server
import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.request
from collections import Counter
from decimal import Decimal

import pytest

import polymarket_shapes as shapes
from conftest import HANG, fails, ok, serving, start, stop, tree, tw, wait_for

ALL = "enabled: [arbitrage, momentum, statistical_arb, news]"


WIDE = "limits: {max_loss: 99%, max_daily_loss: 99%}"


def config(folder, text=f"total_capital: 1000\ncycle_interval: 0\n{WIDE}\nstrategies:\n  {ALL}\n", name="live.yaml"):
    path = folder / name
    path.write_text(text)
    return path


def table(ws, session, file, query):
    with sqlite3.connect(ws / "_live" / session / file) as database:
        return database.execute(query).fetchall()


def check_account(ws, session):
    """The journal's account is the venue's: every entry booked once, every order at the venue journaled first."""
    booked = [json.loads(b) for (b,) in table(ws, session, "journal.sqlite", "select body from journal where kind='entry_booked' order by sequence")]
    entries = [json.loads(b) for (b,) in table(ws, session, "venue.sqlite", "select body from entries order by sequence")]
    assert booked == entries
    created = {json.loads(b)["order"]["id"] for (b,) in table(ws, session, "journal.sqlite", "select body from journal where kind='order_created'")}
    at_venue = {i for (i,) in table(ws, session, "venue.sqlite", "select id from orders")}
    assert at_venue <= created
    return entries


def test_a_session_trades_accounts_and_becomes_a_run(folder, ws):
    js = ok("live", config(folder), "--session", "s", "--cycles", 150, ws=ws)
    assert js["schema"] == "tradewind.live/1" and js["session"] == "s" and js["cycles"] == 150
    assert set(js["account"]) == {"cash", "equity", "realized_profit", "unrealized_profit", "fees"}
    assert js["statistics"]["cycles_completed"] == 150 and js["statistics"]["total_trades"] > 0
    assert set(js["statistics"]) >= {"enabled_strategies", "total_capital", "total_opportunities", "total_profit", "overall_roi_percent", "best_strategy"}
    assert set(js["strategies"]) == {"arbitrage", "momentum", "statistical_arb", "news"}
    assert sum(Decimal(s["equity"]) for s in js["strategies"].values()) == Decimal(js["account"]["equity"])
    for s in js["strategies"].values():
        assert s["opportunities_found"] == s["opportunities_taken"] + sum(s["reasons"].values())
        assert Decimal(s["equity"]) == Decimal(s["capital"]) + Decimal(s["realized_profit"]) + Decimal(s["unrealized_profit"])
        assert s["opportunities_taken"] <= s["opportunities_sent"]
    assert js["simulated"] is True and js["venue"] == "paper" and js["market_data"] == "simulated"
    found = sum(s["opportunities_found"] for s in js["strategies"].values())
    assert found == js["statistics"]["total_opportunities"]
    assert js["performance"]["overall_grade"]["grade"] in ("A+", "A", "B", "C", "D", "F")
    cash = Decimal(1000) + sum(Decimal(e["cash"]) for e in check_account(ws, "s"))
    assert cash == Decimal(js["account"]["cash"])

    rows = ok("scan", "s", "--sort", "strategy_id:asc", ws=ws)["rows"]
    assert [r["strategy_id"] for r in rows] == sorted(js["strategies"])
    runs = ok("runs", ws=ws)["rows"]
    assert [(r["run_id"], r["workflow_type"]) for r in runs] == [("s", "live")]
    for row in rows:
        growth = Decimal(js["strategies"][row["strategy_id"]]["equity"]) / Decimal(js["strategies"][row["strategy_id"]]["capital"])
        assert abs(float(growth) - 1 - row["total_return"]) < 1e-6
    assert ok("verify", "s", ws=ws)["faults"] == []
    ok("analyze", "s", "--min-sharpe", 0, "--min-win-rate", 0, "--min-trades", 0, "--max-drawdown", 1, ws=ws)
    ok("report", "s", "--min-sharpe", 0, "--min-win-rate", 0, "--min-trades", 0, "--max-drawdown", 1, "--out", folder / "r.html", ws=ws)


def recompute(trades, capital):
    """Every figure of a session from its trades alone; the account's cash and each strategy's profit, fees, payouts and trades."""
    cash, by = Decimal(capital), {}
    for trade in trades:
        of = by.setdefault(trade["strategy"], {"profit": Decimal(0), "fees": Decimal(0), "taken": 0, "closed": 0})
        lines = trade["fills"] + trade["payouts"]
        flow = sum((Decimal(line["cash"]) for line in lines), Decimal(0))
        cash += flow
        held = {}
        for line in trade["fills"]:
            sign = 1 if line["side"] == "buy" else -1
            shares, price, fee = Decimal(line["shares"]), Decimal(line["price"]), Decimal(line["fee"])
            assert abs(Decimal(line["cash"]) + sign * price * shares + fee) <= Decimal("0.000001")
            held[line["market_id"], line["outcome"]] = held.get((line["market_id"], line["outcome"]), 0) + sign * shares
            of["fees"] += fee
        paid = {}
        for line in trade["payouts"]:
            held[line["market_id"], line["outcome"]] = held.get((line["market_id"], line["outcome"]), 0) - Decimal(line["shares"])
            assert abs(Decimal(line["price"]) * Decimal(line["shares"]) - Decimal(line["cash"])) <= Decimal("0.00001")
            if line["kind"] == "payout":
                paid.setdefault(line["market_id"], {})[line["outcome"]] = Decimal(line["price"])
        assert all(sum(p.values()) == 1 for p in paid.values() if len(p) == 2)
        of["taken"] += bool(lines)
        if trade["closed"]:
            assert not any(held.values()), trade
            assert Decimal(trade["profit"]) == flow
            of["profit"] += flow
            of["closed"] += bool(lines)
    return cash, by


@pytest.mark.parametrize("edge", ["generous", "realistic"])
def test_trades_recompute_to_every_figure_of_the_session(folder, ws, edge):
    recompute_sessions(folder, ws, edge, 3)


@pytest.mark.long
def test_trades_recompute_to_every_figure_of_forty_sessions(folder, ws):
    for edge in ("none", "realistic", "generous", "adversarial"):
        recompute_sessions(folder, ws, edge, 10, prefix=edge)


def recompute_sessions(folder, ws, edge, seeds, prefix="s"):
    for seed in range(seeds):
        text = f"total_capital: 1000\ncycle_interval: 0\nseed: {seed}\nlimits: {{max_loss: 90%, max_daily_loss: 90%}}\nsimulation: {{edge: {edge}, life_steps: 150}}\nstrategies:\n  {ALL}\n"
        js = ok("live", config(folder, text), "--session", f"{prefix}{seed}", "--cycles", 400, ws=ws)
        told = ok("live", "trades", "--session", f"{prefix}{seed}", "--out", folder / "t.csv", ws=ws)
        assert told["simulated"] is True and told["schema"] == "tradewind.live_trades/1"
        cash, by = recompute(told["trades"], 1000)
        assert cash == Decimal(js["account"]["cash"])
        assert len(told["trades"]) > 20
        for name, s in js["strategies"].items():
            of = by.get(name, {"profit": 0, "fees": 0, "taken": 0, "closed": 0})
            assert Decimal(s["total_profit"]) == of["profit"] and Decimal(s["fees"]) == of["fees"]
            assert (s["opportunities_taken"], s["trades_closed"]) == (of["taken"], of["closed"])
        lines = (folder / "t.csv").read_text().splitlines()
        assert len(lines) - 1 == sum(len(t["fills"]) + len(t["payouts"]) for t in told["trades"])
    assert "there is no session 'no'" in fails(1, "live", "trades", "--session", "no", ws=ws)["message"]
    fails(2, "live", "trades", "--session", f"{prefix}0", "--out", folder / "t.xlsx", ws=ws)


def test_an_order_does_not_meet_the_book_it_was_computed_from(folder, ws):
    """Every fill comes from a book received after the order arrived: a step later, here."""
    text = f"total_capital: 1000\ncycle_interval: 0\nsimulation: {{edge: generous}}\nstrategies:\n  {ALL}\n"
    ok("live", config(folder, text), "--session", "s", "--cycles", 200, ws=ws)
    orders = fills = short = 0
    for trade in ok("live", "trades", "--session", "s", ws=ws)["trades"]:
        sent = {o["order_id"]: o for o in trade["orders"]}
        orders += len(sent)
        short += sum(o["kind"] == "limit" and Decimal(o["filled"]) < Decimal(o["shares"]) for o in sent.values())
        for fill in trade["fills"]:
            fills += 1
            assert fill["time"] > sent[fill["order_id"]]["time"]
    assert fills > 100 and short > 20, (orders, fills, short)


def test_status_has_every_key_from_the_first_second_and_is_one_moment(folder, ws):
    text = "total_capital: 1000\ncycle_interval: 0\nsimulation: {edge: generous}\nstrategies: {enabled: [arbitrage, momentum]}\n"
    process = start("live", config(folder, text), "--session", "s", "--cycles", 100000, ws=ws)
    try:
        seen = 0
        deadline = time.time() + 20
        while seen < 8 and time.time() < deadline:
            status = tw("live", "status", "--session", "s", ws=ws)
            if status.rc != 0:
                continue
            seen += 1
            js = status.js
            assert {"account", "statistics", "strategies", "performance", "reasons", "positions", "orders", "simulated"} <= set(js)
            assert js["cycles"] == js["statistics"]["cycles_completed"]
            assert Decimal(js["account"]["realized_profit"]) == sum(Decimal(s["realized_profit"]) for s in js["strategies"].values())
            assert Decimal(js["account"]["cash"]) == sum(Decimal(s["cash"]) for s in js["strategies"].values())
            assert js["statistics"]["total_trades"] == sum(s["opportunities_taken"] for s in js["strategies"].values())
            for s in js["strategies"].values():
                assert s["opportunities_found"] == s["opportunities_taken"] + sum(s["reasons"].values())
        assert seen == 8
    finally:
        process.kill()
        process.wait()
    js = ok("live", "status", "--session", "s", ws=ws)  # what is left by kill -9 is one moment too
    assert js["cycles"] == js["statistics"]["cycles_completed"] > 0
    assert Decimal(js["account"]["cash"]) == sum(Decimal(s["cash"]) for s in js["strategies"].values())
    assert recompute(ok("live", "trades", "--session", "s", ws=ws)["trades"], 1000)[0] == Decimal(js["account"]["cash"])


def test_the_same_seed_gives_the_same_account(folder, ws):
    a = ok("live", config(folder), "--session", "a", "--cycles", 80, ws=ws)
    b = ok("live", config(folder), "--session", "b", "--cycles", 80, ws=ws)
    assert a["account"] == b["account"] and a["reasons"] == b["reasons"]


def test_strategies_on_threads_give_the_same_account(folder, ws):
    text = f"total_capital: 1000\ncycle_interval: 0\nuse_multiprocessing: {{}}\nmax_workers: 3\nstrategies:\n  {ALL}\n"
    alone, together = (ok("live", config(folder, text.format(on), f"{on}.yaml"), "--session", on, "--cycles", 100, ws=ws) for on in ("false", "true"))
    for key in ("account", "strategies", "reasons", "positions", "orders"):
        assert alone[key] == together[key], key


def test_suggestions_are_applied_and_measured_on_request(folder, ws):
    text = "total_capital: 1000\ncycle_interval: 0\ntarget_cycle_time_ms: 0.001\nuse_caching: false\n"
    js = ok("live", config(folder, text), "--session", "not", "--cycles", 60, ws=ws)
    assert js["applied"] == [] and all("caching" not in one["change"] for one in js["suggestions"]), "a session keeps no cache"
    js = ok("live", config(folder, text + "apply_suggestions: true\n"), "--session", "yes", "--cycles", 150, ws=ws)
    for one in js["applied"]:
        assert one["verdict"] in ("helped", "hurt", "no_difference", "too_few_cycles")
        assert one["kept"] == (one["verdict"] in ("helped", "too_few_cycles"))
    assert len({one["key"] for one in js["applied"]}) == len(js["applied"])
    assert all("caching" not in one["change"] for one in js["suggestions"]), "a session keeps no cache"


def test_news_over_http(folder, ws):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = b'{"headline": "Fed cuts rates"}\nnot json\n' if self.path == "/lines" else b"nothing of the kind"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with serving(Handler) as address:
        for page, says in (("lines", "news: line 2: is not a JSON object"), ("other", "news: ")):
            text = f"cycle_interval: 0.02\nnews: {{url: '{address}/{page}'}}\nstrategies: {{enabled: [news]}}\n"
            done = tw("live", config(folder, text), "--session", page, "--cycles", 100, ws=ws, quiet=False)
            assert done.rc == 0 and says in done.err, done.err


def test_a_session_goes_on_and_status_says_the_same(folder, ws):
    ok("live", config(folder), "--session", "s", "--cycles", 40, ws=ws)
    js = ok("live", config(folder), "--session", "s", "--cycles", 40, ws=ws)
    assert js["cycles"] == 80 and js["statistics"]["cycles_completed"] == 80
    status = ok("live", "status", ws=ws)
    assert status["account"] == js["account"] and status["cycles"] == 80 and status["running"] is False


def test_commands_are_validated_journaled_and_latch(folder, ws):
    path = config(folder)
    ok("live", path, "--session", "s", "--cycles", 20, ws=ws)
    fails(2, "live", "rebalance", "arbitrage=0.5", "momentum=0.6", ws=ws)
    fails(2, "live", "enable", "arbitrag", ws=ws)
    ok("live", "rebalance", "arbitrage=0.1", "momentum=0.3", "statistical_arb=0.3", "news=0.3", ws=ws)
    ok("live", "disable", "momentum", "--exit", ws=ws)
    status = ok("live", "status", ws=ws)
    assert status["strategies"]["arbitrage"]["allocation"] == 0.1 and "momentum" not in status["statistics"]["enabled_strategies"]
    ok("live", "halt", "--reason", "enough", ws=ws)
    before = table(ws, "s", "journal.sqlite", "select count(*) from journal where kind='order_created'")
    done = tw("live", path, "--session", "s", "--cycles", 30, ws=ws)
    assert done.rc == 6 and done.js["statistics"]["trading_state"] == "HALTED" and done.js["statistics"]["trading_state_reason"] == "enough"
    assert table(ws, "s", "journal.sqlite", "select count(*) from journal where kind='order_created'") == before
    ok("live", "resume", ws=ws)
    ok("live", path, "--session", "s", "--cycles", 30, ws=ws)
    assert table(ws, "s", "journal.sqlite", "select count(*) from journal where kind='order_created'") > before
    check_account(ws, "s")


@pytest.mark.parametrize("how", ["signal", "file", "command"])
def test_the_kill_switch_stops_a_running_session(folder, ws, how):
    path = config(folder, "total_capital: 1000\ncycle_interval: 0.01\n")
    process = start("live", path, "--session", "s", ws=ws)
    deadline = time.monotonic() + 60
    while tw("live", "status", ws=ws).rc != 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    if how == "signal": process.send_signal(signal.SIGUSR1)
    if how == "file": (ws / "_live/s/HALT").write_text("")
    if how == "command": ok("live", "halt", ws=ws)
    while tw("live", "status", ws=ws).rc != 6 and time.monotonic() < deadline:
        time.sleep(0.02)
    orders = table(ws, "s", "journal.sqlite", "select count(*) from journal where kind='order_created'")
    time.sleep(0.3)
    assert table(ws, "s", "journal.sqlite", "select count(*) from journal where kind='order_created'") == orders
    stop(process, signal.SIGINT)
    assert process.returncode == 6
    if how == "file":
        (ws / "_live/s/HALT").unlink()
    ok("live", "resume", ws=ws)


def test_a_signal_is_an_event_and_not_a_state(folder, ws):
    process = start("live", config(folder), "--session", "s", "--cycles", 1000000, ws=ws)
    try:
        wait_for(lambda: tw("live", "status", "--session", "s", ws=ws).rc == 0)
        for _ in range(2):
            process.send_signal(signal.SIGUSR1)
            wait_for(lambda: tw("live", "status", "--session", "s", ws=ws).rc == 6)
            ok("live", "resume", "--session", "s", ws=ws)
            time.sleep(0.5)
            assert tw("live", "status", "--session", "s", ws=ws).rc == 0, "it stays resumed"
        (ws / "_live" / "s" / "HALT").touch()
        wait_for(lambda: tw("live", "status", "--session", "s", ws=ws).rc == 6)
        assert "remove the file" in fails(2, "live", "resume", "--session", "s", ws=ws)["hint"]
        (ws / "_live" / "s" / "HALT").unlink()
        ok("live", "resume", "--session", "s", ws=ws)
    finally:
        stop(process)


def test_a_strategy_is_added_to_a_session_that_runs_and_to_one_that_does_not(folder, ws):
    text = "total_capital: 1000\ncycle_interval: 0.02\nstrategies:\n  enabled: [news]\n"
    path = config(folder, text)
    process = start("live", path, "--session", "s", ws=ws)
    try:
        wait_for(lambda: tw("live", "status", "--session", "s", ws=ws).rc == 0)
        assert "neither the session nor its configuration" in fails(2, "live", "enable", "arbitrage", "--session", "s", ws=ws)["message"]
        config(folder, text + "  arbitrage: {}\n")
        assert "no capital yet" in ok("live", "enable", "arbitrage", "--session", "s", ws=ws)["answer"]
        ok("live", "rebalance", "news=0.5", "arbitrage=0.5", "--session", "s", ws=ws)
        wait_for(lambda: Decimal(ok("live", "status", "--session", "s", ws=ws)["strategies"]["arbitrage"]["capital"]) > 400)
        assert "given twice" in fails(2, "live", "rebalance", "news=.5", "news=.5", "arbitrage=.5", "--session", "s", ws=ws)["message"]
    finally:
        stop(process)
    config(folder, text + "  arbitrage: {}\n  momentum: {limits: {max_loss: 1}}\n")
    done = tw("live", path, "--session", "s", "--cycles", 20, ws=ws, quiet=False)
    assert done.rc in (0, 6) and "momentum is new to the session" in done.err
    status = tw("live", "status", "--session", "s", ws=ws).js
    assert set(status["strategies"]) == {"news", "arbitrage", "momentum"}
    assert sum(Decimal(s["equity"]) for s in status["strategies"].values()) == Decimal(status["account"]["equity"])


def test_a_share_of_a_limit_is_of_the_strategys_own_capital(folder, ws):
    """Two per cent of the hundred dollars it has, not of the thousand there are; after a rebalance of what it has then."""
    text = "total_capital: 1000\ncycle_interval: 0\nsimulation: {edge: none}\nstrategies:\n  enabled: [arbitrage, news]\n" \
           "  capital_allocation: {arbitrage: 0.9, news: 0.1}\n  news: {limits: {max_loss: 2%}}\n"
    js = ok("live", config(folder, text), "--session", "s", "--cycles", 1500, ws=ws)
    assert re.fullmatch(r"max_loss: 2\.\d+ lost, 2 allowed", js["strategies"]["news"]["stopped_by"])
    assert js["reasons"]["loss_limit"] > 0 and js["strategies"]["arbitrage"].get("stopped_by") is None
    ok("live", "rebalance", "arbitrage=0.5", "news=0.5", ws=ws)
    ok("live", "enable", "news", ws=ws)
    js = ok("live", config(folder, text), "--session", "s", "--cycles", 4000, ws=ws)
    lost, allowed = map(float, re.fullmatch(r"max_loss: (\S+) lost, (\S+) allowed", js["strategies"]["news"]["stopped_by"]).groups())
    assert 9 < allowed < lost < 12 and allowed == pytest.approx(0.02 * float(js["strategies"]["news"]["capital"]), abs=1e-5)
    assert "share of up to 100%" in fails(3, "live", config(folder, text.replace("2%", "200%")), "--session", "t", ws=ws)["message"]


def test_fees_follow_the_date(folder, ws):
    """The simulated venue takes nothing at first, then more and more; from a date on nobody knows, so nothing is traded any more."""
    changes = [("2026-01-01", 0.0), ("2026-01-01T00:20:00Z", 0.02), ("2026-01-01T00:40:00Z", 0.04)]
    listed = ", ".join(f"{{from: {when}, rate: {rate}}}" for when, rate in changes)
    text = f"total_capital: 1000\ncycle_interval: 0\n{WIDE}\nstrategies:\n  enabled: [arbitrage, news]\n" \
           f"simulation: {{edge: generous, fees: [{listed}, {{from: 2026-01-01T01:00:00Z}}]}}\n"
    js = ok("live", config(folder, text), "--session", "s", "--cycles", 480, ws=ws)
    fills = [f for t in ok("live", "trades", "--session", "s", ws=ws)["trades"] for f in t["fills"]]
    seen = set()
    for fill in fills:
        assert fill["time"] < "2026-01-01T01:00:00Z"
        rate = [rate for when, rate in changes if when <= fill["time"]][-1]
        price, shares = Decimal(fill["price"]), Decimal(fill["shares"])
        assert Decimal(fill["fee"]) == (shares * Decimal(str(rate)) * price * (1 - price)).quantize(Decimal("0.00001"), "ROUND_DOWN"), fill
        seen.add(rate)
    assert seen == {0.0, 0.02, 0.04}, "each schedule was in force"
    assert js["statistics"]["books"]["unknown_fees"] > 30
    for wrong, says in (("[{rate: 0.04}]", "from"), ("[{from: someday, rate: 0.04}]", "is no time"), ("{}", "must be a list"), ("[]", "must be a list"),
                        ("[{from: 2026-01-02, rate: 0.04}, {from: 2026-01-01, rate: 0.04}]", "not later"), ("[{from: 2026-01-01, rate: -1}]", "rate"),
                        ("[{from: 2026-01-01, rate: 0.9}]", "ten cents"), ("[{from: 2026-01-01, rat: 0.04}]", "rat")):
        told = fails(3, "live", config(folder, f"simulation: {{fees: {wrong}}}\n"), "--session", "w", ws=ws)
        assert says in json.dumps(told), told


def test_the_report_of_a_session_tells_what_was_expected_and_what_was_earned(folder, ws):
    text = f"total_capital: 1000\ncycle_interval: 0\n{WIDE}\nsimulation: {{edge: generous}}\nstrategies:\n  {ALL}\n"
    ok("live", config(folder, text), "--session", "s", "--cycles", 200, ws=ws)
    kinds = ok("live", "status", "--session", "s", ws=ws)["calibration"]
    ok("report", "s", "--out", folder / "s.html", ws=ws)
    page = (folder / "s.html").read_text()
    section = page[page.index('<section id="session"'):page.index('<section id="provenance"')]
    shown = lambda number: f"{number:.2f}".replace("-", "−")
    assert sum(len(of) for of in kinds.values()) >= 3
    for strategy, of in kinds.items():
        for kind, figures in of.items():
            row = next(r for r in section.split("<tr")[1:] if f">{strategy}<" in r and f">{kind.replace('_', ' ')}<" in r)
            assert shown(figures["expected_profit"]) in row and shown(figures["realized_profit"]) in row and f">{figures['legs']}<" in row, row
            for cents in figures["markout_cents"].values(): assert cents is None or shown(cents) in row
            if figures["legs"]: assert f"{100 * figures['legs_short'] / figures['legs']:.1f} %" in row
    assert "no money was at stake" in section
    shutil.rmtree(ws / "_live")  # a run that was copied without its session's folder
    ok("report", "s", "--out", folder / "t.html", ws=ws)
    assert '<section id="session"' not in (folder / "t.html").read_text()


def test_bytes_that_are_no_text_stop_nothing(folder, ws):
    """Headlines, reasons and rows of the inbox come from anywhere; what is kept of them is text."""
    (folder / "news.jsonl").write_bytes(b'{"headline": "Fed \xff surges, wins and rallies"}\n' * 3 + b"[" * 200_000 + b"\n")
    path = config(folder, f"total_capital: 1000\ncycle_interval: 0\nnews: {{file: news.jsonl}}\nstrategies:\n  {ALL}\n")
    assert ok("live", path, "--session", "s", "--cycles", 20, ws=ws)["strategies"]["news"]["details"]["items_seen"] >= 1
    with sqlite3.connect(ws / "_live/s/journal.sqlite") as database:
        for row in (b'{"do": "reduce", "reason": "\xfe"}', b'{"do": "x", "allocation": ' + b"[" * 100_000):
            database.execute("insert into inbox(body) values (cast(? as text))", (row,))
    ok("live", "halt", "--reason", "gone \udcff", ws=ws)
    status = tw("live", "status", ws=ws)
    assert status.rc == 6 and status.js["statistics"]["trading_state_reason"] == "gone \ufffd"
    assert ok("live", "resume", ws=ws)["accepted"]
    ok("live", path, "--session", "s", "--cycles", 20, ws=ws)
    taken = [json.loads(b) for (b,) in table(ws, "s", "journal.sqlite", "select body from journal where kind='command_taken' order by sequence")]
    assert [one["accepted"] for one in taken] == [True, False, True, True]


def test_a_session_replaces_no_run_but_its_own(folder, ws, small_config):
    ok("sweep", small_config, "--run-id", "first", ws=ws)
    before = tree(ws / "first")
    path = config(folder, "cycle_interval: 0\n", "first.yaml")
    error = fails(1, "live", path, "--cycles", 3, ws=ws)
    assert error["name"] == "already_exists" and "--session" in error["hint"]
    assert tree(ws / "first") == before and not (ws / "_live").exists()
    # Its own run is replaced again and again; that of an earlier session of the same name is not.
    for _ in range(2):
        ok("live", path, "--session", "mine", "--cycles", 3, ws=ws)
    shutil.move(ws / "_live/mine", folder / "mine")
    assert fails(1, "live", path, "--session", "mine", "--cycles", 3, ws=ws)["name"] == "already_exists"
    assert not (ws / "_live/mine").exists()
    shutil.move(folder / "mine", ws / "_live/mine")
    ok("live", path, "--session", "mine", "--cycles", 3, ws=ws)


def test_a_run_that_came_meanwhile_is_left_alone(folder, ws, small_config):
    process = start("live", config(folder, "cycle_interval: 0.01\n"), "--session", "s", ws=ws)
    deadline = time.monotonic() + 60
    while tw("live", "status", ws=ws).js.get("cycles", 0) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    ok("sweep", small_config, "--run-id", "s", ws=ws)
    before = tree(ws / "s")
    out, _ = stop(process, signal.SIGINT)
    assert process.returncode == 1 and json.loads(out)["name"] == "already_exists"
    assert tree(ws / "s") == before


def test_a_day_has_one_first_mark_whatever_is_restarted(folder, ws):
    for _ in range(3):
        ok("live", config(folder), "--session", "s", "--cycles", 5, ws=ws)
    days = table(ws, "s", "journal.sqlite", "select body from journal where kind='day_started'")
    assert [json.loads(body)["equity"] for (body,) in days] == ["1000"]


@pytest.mark.parametrize("how", [signal.SIGUSR1, "HALT"])
def test_a_silent_venue_holds_up_neither_the_kill_switch_nor_the_end(folder, ws, how):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)  # takes every connection, answers none
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        text = f"market_data: polymarket\npolymarket: {{gamma_url: '{address}', clob_url: '{address}', timeout: 60}}\n"
        process = start("live", config(folder, text), "--session", "s", ws=ws)
        deadline = time.monotonic() + 60
        while tw("live", "status", "--session", "s", ws=ws).rc != 0 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)  # in the middle of the first request
        begun = time.monotonic()
        if how == "HALT":
            (ws / "_live/s/HALT").write_text("")
        else:
            process.send_signal(how)
        while tw("live", "status", "--session", "s", ws=ws).rc != 6 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert time.monotonic() - begun < 2
        begun = time.monotonic()
        stop(process, signal.SIGTERM)
        assert time.monotonic() - begun < 2 and process.returncode == 6


@contextlib.contextmanager
def hanging_venue(when):
    """Takes every connection and answers none; or answers until it is asked for books a third time, and then says nothing more."""
    if when == "from the start":
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(64)
            yield f"http://127.0.0.1:{silent.getsockname()[1]}"
        return
    asked, over = Counter(), threading.Event()
    books = shapes.ordinary_book(3)
    def book_of(token_id):
        if asked["/books"] > 2: over.wait(HANG)
        return books(token_id)
    with shapes.venue([shapes.event(1, [shapes.market(1)])], book_of, asked) as address:
        try:
            yield address
        finally:
            over.set()


@pytest.mark.parametrize("venue", ["from the start", "amid its answers"])
@pytest.mark.parametrize("how", ["signal", "file", "command"])
def test_a_halt_takes_effect_at_once_whatever_the_venue_does(folder, ws, how, venue):
    """From the moment it is there to the moment the session's journal gives to it: 0.2 s. The middle one of five, as this machine may be
    busy; between two requests it would be a minute."""
    def halts(): return [t for t, b in table(ws, "s", "journal.sqlite", "select time, body from journal where kind='state_changed'") if "HALTED" in b]
    def commands(): return table(ws, "s", "journal.sqlite", "select count(*) from inbox")[0][0]
    def pull(process):
        if how == "command":
            before, there, moment = commands(), commands(), 0
            halting = start("live", "halt", "--session", "s", ws=ws)
            while there == before: moment, there = time.time_ns(), commands()  # it came after this look at the clock
            halting.communicate(timeout=HANG)
            return moment
        moment = time.time_ns()
        process.send_signal(signal.SIGUSR1) if how == "signal" else (ws / "_live/s/HALT").touch()
        return moment
    with hanging_venue(venue) as address:
        text = f"market_data: polymarket\ncycle_interval: 0.05\npolymarket: {{gamma_url: '{address}', clob_url: '{address}', timeout: 60}}\n"
        process = start("live", config(folder, text), "--session", "s", ws=ws)
        try:
            wait_for(lambda: tw("live", "status", "--session", "s", ws=ws).rc == 0)
            time.sleep(1)  # into the request that is never answered
            took = []
            for n in range(5):
                moment = pull(process)
                wait_for(lambda: len(halts()) > n)
                took.append((halts()[n] - moment) / 1e9)
                (ws / "_live/s/HALT").unlink(missing_ok=True)
                ok("live", "resume", "--session", "s", ws=ws)
        finally:
            stop(process, signal.SIGTERM)
    assert sorted(took)[2] < 0.2 and max(took) < 5, took


def test_an_account_behind_the_journal_is_told_and_halts(folder, ws):
    ok("live", config(folder), "--session", "s", "--cycles", 60, ws=ws)
    assert table(ws, "s", "journal.sqlite", "select count(*) from journal where kind='entry_booked'")[0][0] > 0
    for file in (ws / "_live/s").glob("venue.sqlite*"):
        file.unlink()
    done = tw("live", config(folder), "--session", "s", "--cycles", 5, ws=ws)
    assert done.rc == 6 and "behind the journal" in done.js["statistics"]["trading_state_reason"]


def test_damage_of_a_journal_is_named(folder, ws):
    path = config(folder)
    ok("live", path, "--session", "s", "--cycles", 20, ws=ws)
    journal = ws / "_live/s/journal.sqlite"
    kept = journal.read_bytes()
    for change, says in (("update marks set cycle = 4000000000000000000 where cycle = 20", "marks"),
                         ("update journal set body = replace(body, '\"1000\"', '\"9000\"') where sequence = 1", "record 1")):
        with sqlite3.connect(journal) as database:
            database.execute(change)
        database.close()
        error = fails(1, "live", path, "--session", "s", "--cycles", 1, ws=ws)
        assert error["name"] == "corrupt" and says in error["where"], error
        journal.write_bytes(kept)
    ok("live", path, "--session", "s", "--cycles", 1, ws=ws)


def test_secrets_come_from_the_environment_and_are_written_nowhere(folder, ws):
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    with serving(Handler) as address:
        text = f"cycle_interval: 0.02\nnews: {{url: '{address}/feed?api_key=${{NEWS_KEY}}&x=also-s3cret'}}\nstrategies: {{enabled: [news]}}\n"
        path = config(folder, text)
        assert "NEWS_KEY" in fails(3, "live", path, "--session", "s", "--cycles", 1, ws=ws)["message"]
        done = tw("live", path, "--session", "s", "--cycles", 30, ws=ws, quiet=False, env={"NEWS_KEY": "s3cret"})
        assert done.rc == 0 and asked == ["/feed?api_key=s3cret&x=also-s3cret"]
        for file in [*ws.rglob("*")]:
            assert file.is_dir() or b"s3cret" not in file.read_bytes(), file
        assert "s3cret" not in done.out + done.err
        literal = config(folder, text.replace("${NEWS_KEY}", "s3cret"), "literal.yaml")
        error = fails(3, "live", literal, "--session", "t", ws=ws)
        assert "holds a secret: 'api_key'" in error["message"] and "s3cret" not in json.dumps(error)
    assert (ws / "_live/s").stat().st_mode & 0o777 == 0o700


def log_lines(ws, session):
    """The log as (level, text) of every line; each has its time."""
    lines = (ws / "_live" / session / "session.log").read_text(encoding="utf-8").splitlines()
    return [re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warn|error) (.+)", line).groups() for line in lines]


def test_a_halted_and_resumed_session_is_in_its_log(folder, ws):
    """… in order, and no secret is."""
    (folder / "news.jsonl").write_bytes(b'{"headline": \xff\n')
    text = f"total_capital: 1000\ncycle_interval: 0\n{WIDE}\nnews: {{file: news.jsonl, url: 'http://me:${{NEWS_KEY}}@127.0.0.1:1/feed?key=${{NEWS_KEY}}'}}\nstrategies:\n  {ALL}\n"
    env = {"NEWS_KEY": "s3cret"}
    ok("live", config(folder, text), "--session", "s", "--cycles", 60, ws=ws, env=env)
    ok("live", "halt", "--reason", "enough \n\x1b", ws=ws)
    assert tw("live", config(folder, text), "--session", "s", "--cycles", 5, ws=ws, env=env).rc == 6
    fails(2, "live", "enable", "arbitrag", ws=ws)
    ok("live", "resume", ws=ws)
    ok("live", "disable", "momentum", "--exit", ws=ws)
    ok("live", config(folder, text + "log_level: debug\n"), "--session", "s", "--cycles", 20, ws=ws, env=env)
    lines = log_lines(ws, "s")
    rest = iter(lines)
    for level, start in [
            ("info", "session 's' is new, with a capital of 1000"),
            ("info", "session 's' starts: configuration live.yaml, strategies arbitrage, momentum, statistical_arb, news, simulated true, venue paper, market_data simulated, world realistic, news http://127.0.0.1:1/feed"),
            ("info", "the account agrees with the venue's: cash 1000"), ("info", "a day begins"), ("info", "session ends after 60 cycles, trading is ACTIVE: account {"),
            ("warn", "trading is HALTED: enough \\x0A\\x1B"), ("info", "command 1 is carried out: {"), ("info", "session 's' is resumed after 60 cycles: configuration live.yaml"),
            ("info", "session ends after 65 cycles, trading is HALTED"), ("warn", "command 2 is refused: {"), ("info", "trading is ACTIVE"), ("info", "command 3 is carried out"),
            ("info", "strategy momentum is disabled, its positions are left"), ("info", "session 's' is resumed after 65 cycles"), ("info", "session ends after 85 cycles")]:
        assert any(line[0] == level and line[1].startswith(start) for line in rest), (start, lines)
    assert any(level == "debug" and text.startswith("order_created {") for level, text in lines)
    assert any(level == "warn" and text.startswith("news: ") for level, text in lines)
    log = ws / "_live/s/session.log"
    assert "s3cret" not in log.read_text() and log.stat().st_mode & 0o777 == 0o600
    assert "log_level" in fails(3, "live", config(folder, "log_level: loud\n"), "--session", "t", ws=ws)["message"]


def test_what_fails_again_and_again_fills_no_log(folder, ws):
    text = "cycle_interval: 0.01\nmarket_data: polymarket\npolymarket: {gamma_url: 'http://127.0.0.1:1', clob_url: 'http://127.0.0.1:1', timeout: 1}\n"
    ok("live", config(folder, text), "--session", "s", "--cycles", 5, ws=ws, timeout=100)
    failed = [text for level, text in log_lines(ws, "s") if text.startswith("markets: ")]
    assert len(failed) == 2 and failed[1] == failed[0] + " (4 more)", failed


@pytest.mark.parametrize("how", ["folder", "full"])
def test_a_log_that_cannot_be_written_stops_nothing(folder, ws, how):
    log = ws / "_live/s/session.log"
    log.parent.mkdir(parents=True)
    log.mkdir() if how == "folder" else log.symlink_to("/dev/full")
    mode = os.stat("/dev/full").st_mode
    done = tw("live", config(folder, "cycle_interval: 0\nlog_level: debug\n"), "--session", "s", "--cycles", 60, ws=ws, quiet=False)
    assert done.rc == 0 and done.js["cycles"] == 60
    assert ("the log cannot be written" in done.err) == (how == "folder") and os.stat("/dev/full").st_mode == mode
    ok("live", "halt", ws=ws)
    assert tw("live", "status", ws=ws).rc == 6
    check_account(ws, "s")


def test_only_one_process_runs_a_session(folder, ws):
    path = config(folder, "total_capital: 1000\ncycle_interval: 0.01\n")
    process = start("live", path, "--session", "s", ws=ws)
    deadline = time.monotonic() + 60
    while tw("live", "status", ws=ws).rc != 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "another process" in fails(1, "live", path, "--session", "s", "--cycles", 1, ws=ws)["message"]
    stop(process, signal.SIGINT)
    assert process.returncode == 0


def test_kill_9_loses_and_doubles_nothing(folder, ws, kills=200):
    path = config(folder)
    chance = random.Random(3)
    for _ in range(kills):
        process = start("live", path, "--session", "s", ws=ws)
        time.sleep(0.03 + 0.15 * chance.random())
        stop(process, signal.SIGKILL)
    js = ok("live", path, "--session", "s", "--cycles", 5, ws=ws)
    entries = check_account(ws, "s")
    assert Decimal(js["account"]["cash"]) == Decimal(1000) + sum(Decimal(e["cash"]) for e in entries)
    assert js["statistics"]["trading_state"] == "ACTIVE" and js["orders"]["working"] == 0
    created = table(ws, "s", "journal.sqlite", "select count(*), count(distinct json_extract(body, '$.order.id')) from journal where kind='order_created'")[0]
    assert created[0] == created[1] > 0


@pytest.mark.parametrize("text, says", [
    ("total_capitl: 5\n", "total_capital"), ("total_capital: -5\n", "total_capital"), ("strategies: {enabled: [arbitrag]}\n", "arbitrage"),
    ("strategies: {enabled: [arbitrage], capital_allocation: {arbitrage: 0.9}}\n", "0.9"), ("strategies: {enabled: [arbitrage], arbitrage: {min_profit_margn: 1}}\n", "min_profit_margin"),
    ("limits: {max_order: lots}\n", "max_order"), ("strategies: {enabled: [x], x: {type: bar, strategy: sma_crss}}\n", "sma_cross"), ("market_data: simulatd\n", "simulated"),
    ("strategies: {enabled: ['../x'], '../x': {type: bar, strategy: sma_cross}}\n", "../x"), ("seed: 1\n---\nseed: 2\n", "second document"), ("cycle_interval: [1]\n", "cycle_interval"),
    ("news: {url: 'file:///etc/passwd'}\n", "neither http:// nor https://"), ("\nstrategies: {enabled: ['a b']}\n", "live.yaml:2")])
def test_a_wrong_configuration_is_told_in_full(folder, ws, text, says):
    error = fails(3, "live", config(folder, text), "--cycles", 1, ws=ws)
    assert says in json.dumps(error)
    assert not (ws / "_live").exists()


def test_wrong_uses_are_told(folder, ws):
    fails(2, "live", ws=ws)
    fails(1, "live", "status", ws=ws)
    fails(1, "live", "halt", "--session", "nobody", ws=ws)
    fails(2, "live", config(folder), "--venue", "polymarket", ws=ws)
    ok("live", config(folder), "--session", "s", "--cycles", 3, ws=ws)
    assert "total_capital" in fails(3, "live", config(folder, "total_capital: 7\n"), "--session", "s", ws=ws)["message"]


@pytest.mark.parametrize("text, key", [("seed: 2\n", "seed"), ("simulation: {edge: none}\n", "simulation"), ("market_data: polymarket\n", "market_data")])
def test_a_session_goes_on_in_the_world_it_began_in(folder, ws, text, key):
    ok("live", config(folder, "total_capital: 1000\ncycle_interval: 0\n"), "--session", "s", "--cycles", 3, ws=ws)
    assert f"another `{key}`" in fails(3, "live", config(folder, "total_capital: 1000\ncycle_interval: 0\n" + text), "--session", "s", "--cycles", 3, ws=ws)["message"]
    ok("live", config(folder, "total_capital: 1000\ncycle_interval: 0.001\n"), "--session", "s", "--cycles", 3, ws=ws)


@pytest.mark.parametrize("file", ["journal.sqlite", "journal.sqlite.lock", "venue.sqlite", "session.log"])
def test_nothing_is_written_through_a_link_of_a_session(folder, ws, file):
    link = ws / "_live/s" / file
    link.parent.mkdir(parents=True)
    link.symlink_to(folder / "elsewhere")
    done = tw("live", config(folder), "--session", "s", "--cycles", 3, ws=ws, quiet=False)
    assert not (folder / "elsewhere").exists()
    if file == "session.log":
        assert done.rc == 0 and "a symbolic link stands in its place" in done.err
    else:
        assert done.rc == 1 and "symbolic link" in done.js["hint"] and file in done.js["where"], done.out


def test_what_stands_where_a_session_is_to_be_is_told(folder, ws):
    (ws / "_live").mkdir(parents=True)
    (ws / "_live/s").write_text("a file")
    assert "a file stands where" in fails(1, "live", config(folder), "--session", "s", ws=ws)["hint"]
    (ws / "_live/s").unlink()
    (ws / "_live/s").mkdir()
    (ws / "_live/s/journal.sqlite").write_bytes(b"no database" * 500)
    for arguments in (["live", config(folder)], ["live", "status"], ["live", "trades"], ["live", "halt"]):
        error = fails(1, *arguments, "--session", "s", ws=ws)
        assert "is damaged" in error["message"] and "from a copy" in error["hint"], error


@contextlib.contextmanager
def file_system(folder, size):
    """A small file system in memory; left out where tests may not mount one."""
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True).returncode != 0:
        pytest.skip("file systems cannot be mounted here")
    try:
        yield lambda options: subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize("killed", [False, True])
def test_a_session_on_a_read_only_disk_can_be_looked_at(folder, killed):
    """Whether it ended, or was killed and left its write-ahead log; what has to be written there is refused."""
    path = config(folder)
    with file_system(folder / "disk", "64m") as remount:
        ws = folder / "disk/w?s #1"
        js = ok("live", path, "--session", "s", "--cycles", 40, ws=ws)
        if killed:
            process = start("live", path, "--session", "s", "--cycles", 100000, ws=ws)
            wait_for(lambda: tw("live", "status", ws=ws).js["cycles"] > 40)
            stop(process)
        before = ok("live", "status", ws=ws) if killed else js
        remount("ro")
        assert ok("live", "status", ws=ws)["account"] == before["account"]
        assert len(ok("live", "trades", ws=ws)["trades"]) > 0
        for arguments in (["live", "halt"], ["live", path, "--session", "s"], ["live", path, "--session", "new"], ["live", "trades", "--out", folder / "disk/x.csv"]):
            error = fails(1, *arguments, ws=ws)
            assert error["hint"] and error["where"], error


def test_a_full_disk_loses_nothing(folder):
    path = config(folder)
    with file_system(folder / "disk", "1m") as remount:
        ws = folder / "disk/ws"
        error = fails(1, "live", path, "--session", "s", "--cycles", 400, ws=ws)
        assert "full" in error["message"] and "space" in error["hint"], error
        seen = ok("live", "status", ws=ws)
        assert seen["cycles"] > 0
        remount("size=64m")
        assert ok("live", path, "--session", "s", "--cycles", 5, ws=ws)["cycles"] >= seen["cycles"] + 5
        check_account(ws, "s")


@pytest.mark.parametrize("out, says", [("nowhere/trades.csv", "make it first"), ("folder.csv", "a folder has that name"), ("live.yaml/trades.csv", "a file stands where")])
def test_trades_that_cannot_be_written_say_why_and_leave_nothing(folder, ws, out, says):
    ok("live", config(folder), "--session", "s", "--cycles", 3, ws=ws)
    (folder / "folder.csv").mkdir()
    before = sorted(folder.iterdir())
    error = fails(1, "live", "trades", "--out", folder / out, ws=ws)
    assert says in error["hint"] and str(folder / out) in error["where"], error
    assert sorted(folder.iterdir()) == before and list((folder / "folder.csv").iterdir()) == []


def test_bar_strategies_and_ensembles_trade(folder, ws):
    text = """total_capital: 1000
cycle_interval: 0
strategies:
  enabled: [trend]
  trend: {type: bar, strategy: sma_cross, fast: 3, slow: 12, direction: long_short, max_markets: 10}
limits: {max_loss: 100%, max_daily_loss: 100%}
"""
    js = ok("live", config(folder, text), "--session", "s", "--cycles", 200, ws=ws)
    assert js["strategies"]["trend"]["opportunities_taken"] > 0 and js["strategies"]["trend"]["trades_closed"] > 0



EVERYTHING = """total_capital: 5000
cycle_interval: 0.002
simulation: {step_seconds: 10, life_steps: 300, edge: generous, markets: 60}
limits: {max_loss: 100%, max_daily_loss: 100%}
strategies:
  enabled: [arbitrage, momentum, statistical_arb, news, channel]
  cooldown_seconds: 25
  max_trades_per_cycle: 20
  channel: {type: bar, strategy: donchian_breakout, entry: 30, exit: 30, direction: long_short, max_markets: 10, share_per_market: 0.01, max_spread: 1}
"""


def record(ws, session):
    """All that a session did: its trades with orders, fills and markouts, and its equity at every cycle."""
    return (ok("live", "trades", "--session", session, ws=ws)["trades"], table(ws, session, "journal.sqlite", "select cycle, equity from marks order by cycle"),
            json.loads(table(ws, session, "journal.sqlite", "select body from counters")[0][0]))


@pytest.mark.parametrize("kills", [25, pytest.param(200, marks=pytest.mark.long)])
def test_a_session_killed_anywhere_is_the_session_never_killed(folder, kills):
    """Every strategy, same seed: the same trades, fill for fill, and the same equity at every cycle."""
    path = config(folder, EVERYTHING)
    whole, cut = folder / "whole", folder / "cut"
    cycles = 16 * kills
    ok("live", path, "--session", "s", "--cycles", cycles, ws=whole)
    chance = random.Random(5)
    cycle = lambda: (table(cut, "s", "journal.sqlite", "select max(cycle) from marks")[0][0] or 0) if (cut / "_live/s/journal.sqlite").exists() else 0
    moments = [0]
    while len(moments) <= kills and moments[-1] < cycles - 20:
        process = start("live", path, "--session", "s", "--cycles", cycles - 10 - moments[-1], ws=cut)
        wait_for(lambda: cycle() > moments[-1] or process.poll() is not None, 60)
        time.sleep(0.03 * chance.random())
        stop(process, signal.SIGKILL)
        moments.append(cycle())
    js = ok("live", path, "--session", "s", "--cycles", cycles - moments[-1], ws=cut)
    assert len(moments) > kills / 3 and js["cycles"] == cycles, moments
    expected, found = record(whole, "s"), record(cut, "s")
    for one, other in zip(expected[0], found[0], strict=True):
        assert other == one
    assert found[1:] == expected[1:]
    assert {"arbitrage", "momentum", "news", "channel"} <= {trade["strategy"] for trade in expected[0] if trade["fills"]}


def test_the_metrics_endpoint_tells_of_the_session(folder, ws):
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = start("live", config(folder, f"total_capital: 1000\ncycle_interval: 0.02\nmetrics_port: {port}\n"), "--session", "s", ws=ws)
    deadline = time.monotonic() + 60
    text = ""
    while "tradewind_equity_dollars" not in text and time.monotonic() < deadline:
        try:
            text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
        except OSError:
            time.sleep(0.05)
    stop(process, signal.SIGINT)
    assert text.endswith("# EOF\n") and 'tradewind_strategy_equity_dollars{strategy="arbitrage"}' in text and "tradewind_cycles_total" in text
