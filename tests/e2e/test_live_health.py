# SPDX-License-Identifier: Apache-2.0
"""How a session's accounts do, and who is told of what happens to it."""
import json
import signal
import time

import pytest

from conftest import Listener, fails, ok, serving, start, stop, tw, wait_for

WIDE = "limits: {max_loss: 99%, max_daily_loss: 99%}"
ALL = "strategies: {enabled: [arbitrage, momentum, statistical_arb, news]}"


def written(folder, text, name="live.yaml"):
    path = folder / name
    path.write_text(text)
    return path


def days(cycles_a_day=1, more="", strategies=ALL):
    return f"total_capital: 1000\ncycle_interval: 0\nsimulation: {{step_seconds: {86400 // cycles_a_day}, edge: generous}}\n{WIDE}\n{strategies}\n{more}"


def test_streaming_figures_of_account_and_strategies(folder, ws):
    js = ok("live", written(folder, days()), "--session", "s", "--cycles", 150, ws=ws)
    for one in (js, *js["strategies"].values()):
        s = one["streaming"]
        assert s["marks"] == 150 and s["years"] == pytest.approx(150 / 365.25, rel=0.01)
        assert 0 <= s["current_drawdown"] <= s["max_drawdown"] <= 1
    row = {r["strategy_id"]: r for r in ok("scan", "s", "--limit", "0", ws=ws)["rows"]}
    for name, one in js["strategies"].items():
        s = one["streaming"]
        assert s["total_return"] == pytest.approx(one["roi_percent"] / 100, abs=1e-9)
        assert s["max_drawdown"] == pytest.approx(row[name]["max_drawdown"], abs=1e-9)
        if s["sharpe_ratio"] is not None:
            assert s["sharpe_ratio"] == pytest.approx(row[name]["sharpe_ratio"], rel=0.02)
    assert js["streaming"]["volatility"] > 0
    assert js["streaming"]["total_return"] == pytest.approx(float(js["account"]["equity"]) / 1000 - 1, abs=1e-9)
    status = ok("live", "status", ws=ws)
    assert status["streaming"] == js["streaming"]
    assert all(status["strategies"][n]["streaming"] == one["streaming"] and status["strategies"][n]["drift"] == one["drift"] for n, one in js["strategies"].items())


def test_nothing_is_annualised_before_a_quarter_of_a_year(folder, ws):
    js = ok("live", written(folder, days()), "--session", "s", "--cycles", 80, ws=ws)
    for one in (js, *js["strategies"].values()):
        s = one["streaming"]
        assert all(s[k] is None and s["undefined"][k] == "short_sample" for k in ("volatility", "sharpe_ratio", "sortino_ratio"))
        assert s["max_drawdown"] is not None and s["total_return"] is not None


def test_a_session_in_pieces_has_the_figures_of_one_that_ran_through(folder, ws):
    path = written(folder, days())
    whole = ok("live", path, "--session", "whole", "--cycles", 120, ws=ws)
    for cycles in (1, 40, 39):
        ok("live", path, "--session", "cut", "--cycles", cycles, ws=ws)
    js = ok("live", path, "--session", "cut", "--cycles", 40, ws=ws)
    status = ok("live", "status", "--session", "cut", ws=ws)
    assert js["streaming"]["marks"] == whole["streaming"]["marks"] == 120
    for name, one in js["strategies"].items():
        assert status["strategies"][name]["streaming"] == one["streaming"] and status["strategies"][name]["drift"] == one["drift"], name


def test_a_strategy_whose_trades_disappoint_raises_an_alarm(folder, ws):
    """In a fair world no trade earns what it was made for."""
    text = f"total_capital: 1000\ncycle_interval: 0\nsimulation: {{edge: none}}\n{WIDE}\nstrategies: {{enabled: [news, arbitrage]}}\n"
    done = tw("live", written(folder, text), "--session", "s", "--cycles", 2500, ws=ws, quiet=False)
    drift = done.js["strategies"]["news"]["drift"]
    assert drift["of"] == "trades" and drift["alarm"] == "worse" and drift["shortfall"] > drift["threshold"] and drift["expected_mean"] > 0
    closed = done.js["calibration"]["news"]["news"]
    assert 0 <= closed["trades"] - drift["observed"] <= 3 and closed["realized_profit"] < closed["expected_profit"]
    assert "news earns less than it expects of its trades" in done.err
    assert done.js["strategies"]["arbitrage"]["drift"]["undefined"] == {"alarm": "too_few"}
    said = tw("live", "status", ws=ws, json_=False).out
    assert "news earns less than was expected of it" in said and "drawdown" in said


@pytest.mark.parametrize("running", [False, True])
def test_moved_capital_is_no_return(folder, ws, running):
    text = days(strategies="strategies: {enabled: [arbitrage, momentum]}")
    path = written(folder, text.replace("cycle_interval: 0", "cycle_interval: 0.01") if running else text)
    if running:
        process = start("live", path, "--session", "s", ws=ws)
        wait_for(lambda: tw("live", "status", ws=ws).rc == 0)
        for share in (0.9, 0.2, 0.7):
            ok("live", "rebalance", f"arbitrage={share}", f"momentum={1 - share:.1f}", ws=ws)
        js = json.loads(stop(process, signal.SIGINT)[0])
    else:
        ok("live", path, "--session", "s", "--cycles", 40, ws=ws)
        ok("live", "rebalance", "arbitrage=0.9", "momentum=0.1", ws=ws)
        js = ok("live", path, "--session", "s", "--cycles", 40, ws=ws)
    status = ok("live", "status", ws=ws)
    for name, one in js["strategies"].items():
        assert status["strategies"][name]["streaming"] == one["streaming"], name
        assert one["streaming"]["total_return"] == pytest.approx(one["roi_percent"] / 100, abs=1e-9)
        assert one["streaming"]["max_drawdown"] < 0.4, name
    rows = {r["strategy_id"]: r for r in ok("scan", "s", "--limit", "0", ws=ws)["rows"]}
    for name, one in js["strategies"].items():
        for key in ("total_return", "max_drawdown"):
            assert rows[name][key] == pytest.approx(one["streaming"][key], abs=1e-9), (name, key)


def hook(address, more=""):
    return f"events: {{webhooks: [{{url: '{address}/hook', on: [session.changed]{more}}}]}}\n"


def test_who_asks_is_told_what_happens(folder, ws):
    listener = Listener()
    with serving(listener.handler) as address:
        limits = "strategies:\n  enabled: [momentum, news]\n  news: {limits: {max_loss: 0.01, then: stop}}\n"
        text = f"total_capital: 1000\ncycle_interval: 0\n{WIDE}\n{limits}{hook(address)}"
        path = written(folder, text)
        ok("live", path, "--session", "s", "--cycles", 300, ws=ws)
        assert listener.changes()[0] == ("started", "") and listener.changes()[-1] == ("ended", "")
        assert ("strategy_stopped", "news") in listener.changes()
        event = listener.events[0]
        assert event["type"] == "tradewind.session.changed" and event["subject"] == "s" and "momentum" in event["data"]["message"]
        del listener.events[:]
        ok("live", "halt", "--reason", "a look first", ws=ws)
        assert listener.events == [], "nothing runs that could tell"
        (ws / "_live/s/HALT").write_text("")
        done = tw("live", path, "--session", "s", "--cycles", 5, ws=ws)
        assert done.rc == 6 and "HALTED" in listener.events[0]["data"]["message"]
    for file in (ws / "_live/s").iterdir():
        assert b"/hook" not in file.read_bytes(), file
    assert "/hook" not in (ws / "s/metadata.json").read_text()


def test_halts_and_resumptions_of_a_running_session_are_told(folder, ws):
    listener = Listener()
    with serving(listener.handler) as address:
        path = written(folder, f"total_capital: 1000\ncycle_interval: 0.01\n{WIDE}\n{ALL}\n{hook(address)}")
        process = start("live", path, "--session", "s", ws=ws)
        try:
            deadline = time.monotonic() + 60
            while tw("live", "status", ws=ws).rc != 0 and time.monotonic() < deadline: time.sleep(0.05)
            ok("live", "halt", "--reason", "a look first", ws=ws)
            ok("live", "resume", ws=ws)
        finally:
            stop(process, signal.SIGINT)
        assert process.returncode == 0
    assert [c for c, _ in listener.changes()] == ["started", "halted", "resumed", "ended"]
    assert listener.events[1]["data"]["message"] == "a look first"


def test_a_webhook_that_hangs_holds_up_no_cycle(folder, ws):
    listener = Listener(slow=3)
    with serving(listener.handler) as address:
        path = written(folder, f"total_capital: 1000\ncycle_interval: 0\n{WIDE}\n{ALL}\n{hook(address, ', timeout: 0.3, max_attempts: 1')}")
        done = tw("live", path, "--session", "s", "--cycles", 60, ws=ws, quiet=False)
        assert done.rc == 0 and "did not get" in done.err
        assert done.js["performance"]["overall_grade"]["median_cycle_time_ms"] < 200
        assert (ws / "s/metadata.json").exists()


@pytest.mark.parametrize("text, says", [("events: {webhoks: []}\n", "webhooks"), ("events: {webhooks: [{url: 'ftp://x'}]}\n", "http"),
                                        ("events: {webhooks: [{url: 'http://x', on: [session.chnged]}]}\n", "session.changed"), ("events: 5\n", "events")])
def test_wrong_settings_of_events_are_told(folder, ws, text, says):
    error = fails(3, "live", written(folder, text), "--cycles", 1, ws=ws)
    assert says in json.dumps(error) and not (ws / "_live").exists()
