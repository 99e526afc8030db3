# SPDX-License-Identifier: Apache-2.0
"""`tradewind live` on Polymarket's shapes, served on this machine: the way from the wire to a session's account."""
from collections import Counter

import pytest

import polymarket_shapes as shapes
from conftest import ok, tw


def config(folder, address, more="", strategies="enabled: [arbitrage]", name="live.yaml"):
    path = folder / name
    path.write_text(f"""total_capital: 1000
cycle_interval: 0.3
market_data: polymarket
polymarket: {{gamma_url: "{address}", clob_url: "{address}", refresh_markets: 2, attempts: 2, timeout: 3{more}}}
strategies:
  {strategies}
""")
    return path


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
