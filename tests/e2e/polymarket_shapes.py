# SPDX-License-Identifier: Apache-2.0
"""Polymarket's public answers on the loopback: markets with the shapes of its Gamma and CLOB interfaces, over HTTP or TLS."""
import http.server
import json
import ssl
import subprocess
import time
import urllib.parse

from conftest import serving

FIRST_TOKEN = 7_000_000_000_000_000_000_000


def condition(number):
    return f"0x{0xabc000 + number:064x}"


def token(number, outcome):
    return str(FIRST_TOKEN + number * 10 + outcome)


def market(number, **other):
    return {"id": str(number), "question": f"Will thing {number} happen?", "conditionId": condition(number), "slug": f"thing-{number}",
            "endDate": "2030-01-01T00:00:00Z", "outcomes": '["Yes", "No"]', "outcomePrices": '["0.5", "0.5"]', "volume": "200000", "volumeNum": 200000,
            "liquidity": "5000", "liquidityNum": 5000, "active": True, "closed": False, "archived": False, "enableOrderBook": True,
            "acceptingOrders": True, "orderPriceMinTickSize": 0.01, "orderMinSize": 5, "clobTokenIds": json.dumps([token(number, 0), token(number, 1)]),
            "negRisk": False, "feesEnabled": False, **other}


def event(number, markets, **other):
    return {"id": str(1000 + number), "slug": f"event-{number}", "title": f"Event {number}", "active": True, "closed": False,
            "tags": [{"id": "2", "label": "Politics", "slug": "politics"}], "markets": markets, "negRisk": False, "enableNegRisk": False,
            "negRiskAugmented": False, **other}


def book(token_id, bids, asks, age=0):
    """`age`: seconds since the venue stamped it."""
    number = (int(token_id) - FIRST_TOKEN) // 10
    return {"market": condition(number), "asset_id": token_id, "timestamp": str(int((time.time() - age) * 1000)), "hash": "x",
            "bids": [{"price": str(p), "size": str(s)} for p, s in bids], "asks": [{"price": str(p), "size": str(s)} for p, s in asks],
            "min_order_size": "5", "tick_size": "0.01", "neg_risk": False}


def ordinary_book(levels):
    """Books of either outcome that leave nothing to earn: 0.40 to 0.52."""
    def of(token_id):
        return book(token_id, [(round(0.40 - 0.001 * i, 3), 100 + i) for i in range(levels)], [(round(0.52 + 0.001 * i, 3), 100 + i) for i in range(levels)])
    return of


def venue(events, book_of, asked=None, tls=None):
    """A handler that answers as the venue does. `events`: a list, or a function that gives the list of the moment; `book_of` gives a token's
    book, None where there is none (any more). `asked` counts requests by path."""
    now = events if callable(events) else lambda: events
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, document, status=200):
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            where = urllib.parse.urlparse(self.path)
            if asked is not None: asked[where.path] += 1
            query = urllib.parse.parse_qs(where.query)
            if where.path in ("/events/keyset", "/events"):
                return self.answer({"events": [e for e in now() if not e["closed"]], "next_cursor": ""})
            if where.path == "/markets":
                wanted, ended = query.get("condition_ids", []), query.get("closed") == ["true"]
                return self.answer([{**m, "events": [{k: v for k, v in e.items() if k != "markets"}]} for e in now() for m in e["markets"]
                                    if m["conditionId"] in wanted and m["closed"] == ended])
            self.answer({"error": "not found"}, 404)

        def do_POST(self):
            if asked is not None: asked[self.path] += 1
            tokens = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            books = [book_of(each["token_id"]) for each in tokens]
            self.answer([one for one in books if one is not None])

        def log_message(self, *args):
            pass

    return serving(Handler, tls)


def certificate(folder):
    """A key and a self-signed certificate for localhost."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
