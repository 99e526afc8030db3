# SPDX-License-Identifier: Apache-2.0
"""`tradewind live` on Polymarket's shapes, served on this machine: the way from the wire to a session's account."""
import json
from collections import Counter
from decimal import Decimal

import pytest

import polymarket_shapes as shapes
from conftest import ok, tw


def config(folder, address, more="", strategies="enabled: [arbitrage]", name="live.yaml", sections="", refresh=2):
    path = folder / name
    path.write_text(f"""total_capital: 1000
cycle_interval: 0.3
market_data: polymarket
polymarket: {{gamma_url: "{address}", clob_url: "{address}", refresh_markets: {refresh}, attempts: 2, timeout: 3{more}}}
strategies:
  {strategies}
{sections}
""")
    return path


def quotes(table):
    """Books from {(market, outcome in the venue's order): (bid, ask)}."""
    by_token = {shapes.token(*of): prices for of, prices in table.items()}
    def of(token_id):
        bid, ask = by_token[token_id]
        return shapes.book(token_id, [(bid, 500)], [(ask, 500)])
    return of


@pytest.mark.parametrize("markets, levels", [(1, 1), (2, 12), (40, 25)])
def test_ordinary_books_are_read(folder, ws, markets, levels):
    asked = Counter()
    events = [shapes.event(1, [shapes.market(i) for i in range(1, markets + 1)])]
    with shapes.venue(events, shapes.ordinary_book(levels), asked) as address:
        js = ok("live", config(folder, address), "--session", "s", "--cycles", 3, ws=ws)
    assert js["statistics"]["cycles_completed"] == 3 and js["statistics"]["total_trades"] == 0
    assert asked["/books"] >= 3
    assert ok("verify", "s", ws=ws)["faults"] == []


def test_a_set_that_costs_less_than_a_dollar_is_bought(folder, ws):
    """The books that are shown are the books that are traded: both outcomes at 0.45, paid to the cent."""
    def cheap(token_id): return shapes.book(token_id, [(0.40, 100)], [(0.45, 20)])
    with shapes.venue([shapes.event(1, [shapes.market(1)])], cheap) as address:
        js = ok("live", config(folder, address), "--session", "s", "--cycles", 6, ws=ws)
    arbitrage = js["strategies"]["arbitrage"]
    assert arbitrage["opportunities_taken"] >= 1 and js["statistics"]["total_trades"] >= 1


def test_over_tls_with_a_certificate_of_ones_own(folder, ws):
    events = [shapes.event(1, [shapes.market(1), shapes.market(2)])]
    with shapes.venue(events, shapes.ordinary_book(5), tls=shapes.certificate(folder)) as address:
        trusted = config(folder, address, f', ca_file: "{folder / "cert.pem"}"')
        assert ok("live", trusted, "--session", "s", "--cycles", 2, ws=ws)["statistics"]["cycles_completed"] == 2
        refused = tw("live", config(folder, address, name="untrusted.yaml"), "--session", "u", "--cycles", 2, ws=ws, quiet=False)
    assert "certificate" in refused.err and refused.js["statistics"]["total_trades"] == 0, refused.err


def implication_world(asked, polls):
    """The first market implies the second and is priced as if it did not. After so many polls both are closed: the second has come true, of
    the first nobody knows yet. Their books are gone."""
    over = lambda: asked["/books"] >= polls
    books = quotes({(1, 0): (0.58, 0.60), (1, 1): (0.40, 0.42), (2, 0): (0.48, 0.50), (2, 1): (0.50, 0.52)})
    def events():
        if not over(): return [shapes.event(i, [shapes.market(i)]) for i in (1, 2)]
        ended = {"closed": True, "acceptingOrders": False}
        return [shapes.event(1, [shapes.market(1, **ended, outcomePrices='["0.5", "0.5"]')], closed=True),
                shapes.event(2, [shapes.market(2, **ended, outcomePrices='["1", "0"]')], closed=True)]
    return events, lambda token_id: None if over() else books(token_id)


def test_nothing_is_sent_to_a_closed_market(folder, ws):
    asked = Counter()
    events, books = implication_world(asked, 8)
    rule = f'implications: [{{if: "{shapes.condition(1)}", then: "{shapes.condition(2)}"}}]'
    strategies = f"enabled: [arbitrage]\n  arbitrage: {{buy_sets: false, sell_sets: false, multi_outcome: false, {rule}}}"
    with shapes.venue(events, books, asked) as address:
        js = ok("live", config(folder, address, strategies=strategies, refresh=0.5), "--session", "s", "--cycles", 20, ws=ws)
        assert asked["/books"] >= 8
        assert js["orders"]["sent"] == 2, js["orders"]
        assert [(p["market"], p["outcome"]) for p in js["positions"]] == [(shapes.condition(1), "no")], "the shares wait for the resolution"
        again = ok("live", config(folder, address, strategies=strategies, refresh=0.5), "--session", "s", "--cycles", 4, ws=ws)
        assert again["orders"]["sent"] == 2 and len(again["positions"]) == 1, "neither after a restart"


@pytest.mark.parametrize("names, yes_asks, trades", [
    (["No", "Yes"], (0.90, 0.08, 0.08), 0),  # by place the first would look like 0.12, and the three like 0.28
    (["Yes", "No"], (0.90, 0.08, 0.08), 0),
    (["No", "Yes"], (0.30, 0.30, 0.30), 1),
    (["Lakers", "Celtics"], (0.30, 0.30, 0.30), 0),  # which of the two is meant by the event cannot be told
])
def test_names_decide_which_outcome_is_yes(folder, ws, names, yes_asks, trades):
    swapped = names[0] == "No"
    first = shapes.market(1, negRisk=True, outcomes=json.dumps(names))
    events = [shapes.event(1, [first, *(shapes.market(i, negRisk=True) for i in (2, 3))], negRisk=True, enableNegRisk=True)]
    table = {}
    for i, ask in enumerate(yes_asks, 1):
        yes = 1 if swapped and i == 1 else 0
        table[i, yes] = (round(ask - 0.02, 2), ask)
        table[i, 1 - yes] = (round(1 - ask, 2), round(1 - ask + 0.02, 2))
    with shapes.venue(events, quotes(table)) as address:
        js = ok("live", config(folder, address), "--session", "s", "--cycles", 6, ws=ws)
    assert (js["statistics"]["total_trades"] > 0) == (trades > 0), js["strategies"]["arbitrage"]


@pytest.mark.parametrize("off", [True, False])
def test_an_open_market_beyond_its_stated_end(folder, ws, off):
    """0 switches the rules about a market's end off: markets stay open beyond it."""
    asked = Counter()
    def rising(token_id):
        price = 0.30 + 0.02 * min(asked["/books"], 10)
        if token_id == shapes.token(1, 0): return shapes.book(token_id, [(round(price - 0.01, 2), 900)], [(round(price, 2), 900)])
        return shapes.book(token_id, [(round(1 - price, 2), 900)], [(round(1 - price + 0.01, 2), 900)])
    rules = ", min_hours_to_end: 0, exit_hours_before_end: 0" if off else ""
    strategies = f"enabled: [momentum]\n  cooldown_seconds: 0\n  momentum: {{window: 5, entry: 1, min_edge: 0.0{rules}}}"
    with shapes.venue([shapes.event(1, [shapes.market(1, endDate="2026-06-17T00:00:00Z")])], rising, asked) as address:
        js = ok("live", config(folder, address, strategies=strategies), "--session", "s", "--cycles", 16, ws=ws)
    assert (js["statistics"]["total_trades"] > 0) == off
    assert ("near_resolution" in js["reasons"]) != off, js["reasons"]


@pytest.mark.parametrize("sections, traded", [("", False), ("execution: {stale_venue_seconds: 7200}", True), ("execution: {stale_venue_seconds: 0}", True)])
def test_a_book_the_venue_stamped_long_ago_is_stale(folder, ws, sections, traded):
    def old(token_id): return shapes.book(token_id, [(0.40, 100)], [(0.45, 20)], age=3600)
    with shapes.venue([shapes.event(1, [shapes.market(1)])], old) as address:
        js = ok("live", config(folder, address, sections=sections), "--session", "s", "--cycles", 6, ws=ws)
    assert (js["statistics"]["total_trades"] > 0) == traded
    books = js["statistics"]["books"]
    assert books["open"] == 1 and books["stale"] == (0 if traded else 1)
    assert books["oldest_received_seconds_ago"] < 60 and books["oldest_stamped_seconds_ago"] > 3000, "both times are shown"


@pytest.mark.parametrize("said, traded", [
    ({"feesEnabled": False}, True),
    ({"feesEnabled": True, "feeSchedule": {"rate": 0.04, "exponent": 1}}, True),
    ({"feesEnabled": True}, False),
    ({"feesEnabled": True, "feeSchedule": {"rate": -0.04, "exponent": 1}}, False),
    ({"feesEnabled": True, "feeSchedule": {"rate": 1000, "exponent": 1}}, False),
    ({"feesEnabled": None}, False),  # nothing at all is said
])
def test_a_market_whose_fees_are_not_known_is_not_traded(folder, ws, said, traded):
    def cheap(token_id): return shapes.book(token_id, [(0.40, 100)], [(0.45, 20)])
    with shapes.venue([shapes.event(1, [shapes.market(1, **said)])], cheap) as address:
        js = ok("live", config(folder, address), "--session", "s", "--cycles", 6, ws=ws)
    assert (js["statistics"]["total_trades"] > 0) == traded
    assert js["statistics"]["books"]["unknown_fees"] == (0 if traded else 1) and js["statistics"]["books"]["open"] == 1
    fees = [Decimal(f["fee"]) for t in ok("live", "trades", "--session", "s", ws=ws)["trades"] for f in t["fills"]]
    assert any(fees) == ("feeSchedule" in said and traded)


def test_a_headline_is_traded_once_also_after_a_restart(folder, ws):
    """It is bought, the price rises and the profit is taken; then the price is low again, and the feed still has the headline."""
    asked = Counter()
    (folder / "news.jsonl").write_text(json.dumps({"id": "n1", "source": "wire", "headline": "Thing confirmed", "market_ids": [shapes.condition(1)]}) + "\n")
    def book(token_id):
        high = 8 <= asked["/books"] < 12
        price = 0.70 if high else 0.50
        if token_id == shapes.token(1, 0): return shapes.book(token_id, [(round(price - 0.01, 2), 900)], [(round(price + 0.01, 2), 900)])
        return shapes.book(token_id, [(round(0.99 - price, 2), 900)], [(round(1.01 - price, 2), 900)])
    strategies = "enabled: [news]\n  cooldown_seconds: 0\n  news: {take_profit: 0.1}"
    settings = dict(strategies=strategies, sections="news: {file: news.jsonl}")
    with shapes.venue([shapes.event(1, [shapes.market(1)])], book, asked) as address:
        js = ok("live", config(folder, address, **settings), "--session", "s", "--cycles", 24, ws=ws)
        assert (js["statistics"]["total_trades"], js["strategies"]["news"]["trades_closed"]) == (1, 1)
        js = ok("live", config(folder, address, **settings), "--session", "s", "--cycles", 6, ws=ws)
    assert js["statistics"]["total_trades"] == 1
