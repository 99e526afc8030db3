# SPDX-License-Identifier: Apache-2.0
"""Recorded order books: imported from every format, looked at with other tools, checked, refused."""
import datetime as dt
import json
import random

import pytest

from conftest import fails, ok, tree, tw

GAMMA = [{"conditionId": "0x" + "a" * 64, "question": "Rain?", "slug": "rain", "outcomes": '["Yes","No"]', "outcomePrices": '["1","0"]', "clobTokenIds": '["11","12"]',
          "active": True, "closed": True, "closedTime": "2026-03-01 12:00:00+00", "endDate": "2026-03-01T00:00:00Z", "enableOrderBook": True, "acceptingOrders": True,
          "orderPriceMinTickSize": 0.01, "orderMinSize": 5, "feesEnabled": False, "umaResolutionStatus": "resolved"}]


def lines(path, frames):
    path.write_text("".join(json.dumps(f) + "\n" for f in frames))
    return path


def frames(seed=1, count=200):
    """A walk of one market's books, both tokens, with trades."""
    g, market, out, t = random.Random(seed), "0x" + "a" * 64, [], 1_770_000_000_000
    for token in ("11", "12"):
        out.append({"event_type": "book", "market": market, "asset_id": token, "timestamp": str(t), "bids": [{"price": "0.4", "size": "100"}], "asks": [{"price": "0.6", "size": "50.5"}]})
    for _ in range(count):
        t += g.randrange(1, 4000)
        if g.random() < 0.2:
            out.append({"event_type": "last_trade_price", "market": market, "asset_id": g.choice(["11", "12"]), "timestamp": str(t), "price": "0.5", "size": "3", "side": g.choice(["BUY", "SELL"])})
        else:
            side = g.choice(["BUY", "SELL"])
            price = g.randrange(20, 45) if side == "BUY" else g.randrange(55, 80)
            out.append({"event_type": "price_change", "market": market, "timestamp": str(t),
                        "price_changes": [{"asset_id": "11", "price": f"0.{price}", "size": str(g.randrange(0, 90)), "side": side},
                                          {"asset_id": "12", "price": f"0.{100 - price}", "size": str(g.randrange(0, 90)), "side": "SELL" if side == "BUY" else "BUY"}]})
    return out


def events(ws, name):
    import pyarrow.parquet as pq
    return pq.read_table(ws / "_books" / name / "events").to_pylist()


def test_frames_become_events_that_any_tool_reads(folder):
    ws, source = folder / "ws", frames()
    gamma = folder / "gamma.json"
    gamma.write_text(json.dumps(GAMMA))
    js = ok("books", "import", "ws", lines(folder / "f.jsonl", source), "--markets", gamma, "--into", "one", ws=ws)
    assert js["rows"] == len(source) and js["markets"] == 1 and js["resolved"] == 1 and js["prints"] is True and js["sizes"] is True
    rows = events(ws, "one")
    assert len(rows) == js["events"] and [r["received"] for r in rows] == sorted(r["received"] for r in rows)
    expected = []
    for f in source:  # our own reading of the frames
        outcome = lambda token: 0 if token == "11" else 1
        micros = lambda text: round(float(text) * 1e6)
        if f["event_type"] == "book":
            expected.append(("book", outcome(f["asset_id"]), 0, 0, 0))
            expected += [("level", outcome(f["asset_id"]), 0, micros(l["price"]), micros(l["size"])) for l in f["bids"]]
            expected += [("level", outcome(f["asset_id"]), 1, micros(l["price"]), micros(l["size"])) for l in f["asks"]]
        for c in f.get("price_changes", []):
            expected.append(("level", outcome(c["asset_id"]), 0 if c["side"] == "BUY" else 1, micros(c["price"]), micros(c["size"])))
        if f["event_type"] == "last_trade_price":
            expected.append(("print", outcome(f["asset_id"]), 0 if f["side"] == "BUY" else 1, micros(f["price"]), micros(f["size"])))
    kinds = ["book", "level", "print", "tick", "trading", "payout"]
    assert [(kinds[r["kind"]], r["outcome"], r["side"], r["price"], r["shares"]) for r in rows[:-1]] == expected
    paid = rows[-1]
    assert kinds[paid["kind"]] == "payout" and paid["price"] == 1_000_000
    assert paid["received"] == dt.datetime(2026, 3, 1, 14, tzinfo=dt.timezone.utc)  # two hours after the close: nobody knew before
    (market,) = json.loads((ws / "_books/one/markets.json").read_text())
    assert market["question"] == "Rain?" and market["described"] and "payout" not in json.dumps(market) and "1.0" not in market["outcomes"]
    check = ok("books", "check", "one", ws=ws)
    assert check["sound"] and check["crossed"] == 0 and check["untrusted_share"] < 0.05 and check["print_events"] == sum(k[0] == "print" for k in expected)


def test_the_same_files_give_the_same_bytes_and_a_name_is_taken_once(folder):
    source = lines(folder / "f.jsonl", frames(3))
    for ws in ("a", "b"): ok("books", "import", "ws", source, "--into", "one", ws=folder / ws)
    assert tree(folder / "a") == tree(folder / "b")
    before = tree(folder / "a")
    assert "there already" in fails(1, "books", "import", "ws", source, "--into", "one", ws=folder / "a")["message"] and tree(folder / "a") == before
    assert ok("books", "info", "one", ws=folder / "a")["notes"]  # who the market is was not told


def test_the_order_of_files_does_not_matter(folder):
    whole = frames(5, 400)
    a, b = lines(folder / "a.jsonl", whole[:200]), lines(folder / "b.jsonl", whole[200:])
    ok("books", "import", "ws", a, b, "--into", "ab", ws=folder / "ws")
    ok("books", "import", "ws", b, a, "--into", "ba", ws=folder / "ws")
    strip = lambda rows: [{k: v for k, v in r.items() if k not in ("market", "outcome")} for r in rows]
    assert strip(events(folder / "ws", "ab")) == strip(events(folder / "ws", "ba"))


def test_typed_rows_say_what_frames_say(folder):
    import pyarrow as pa
    import pyarrow.parquet as pq
    from decimal import Decimal
    rows = []
    blank = dict.fromkeys(["bids", "asks", "price", "size", "side", "new_tick_size"])
    for f in frames(7):
        at = dt.datetime.fromtimestamp(int(f["timestamp"]) / 1000, dt.timezone.utc)
        base = {**blank, "timestamp_received": at, "timestamp": at, "market": f["market"].encode(), "event_type": f["event_type"]}
        if f["event_type"] == "book":
            rows.append({**base, "asset_id": f["asset_id"], **{k: json.dumps([[l["price"], l["size"]] for l in f[k]]) for k in ("bids", "asks")}})
        elif f["event_type"] == "last_trade_price":
            rows.append({**base, "asset_id": f["asset_id"], "price": Decimal(f["price"]), "size": Decimal(f["size"]), "side": f["side"]})
        for c in f.get("price_changes", []):
            rows.append({**base, "asset_id": c["asset_id"], "price": Decimal(c["price"]), "size": Decimal(c["size"]), "side": c["side"]})
    ts = pa.timestamp("ms", "UTC")
    schema = pa.schema([("timestamp_received", ts), ("timestamp", ts), ("market", pa.binary(66)), ("event_type", pa.string()), ("asset_id", pa.string()), ("bids", pa.string()),
                        ("asks", pa.string()), ("price", pa.decimal128(9, 4)), ("size", pa.decimal128(18, 6)), ("side", pa.string()), ("new_tick_size", pa.decimal128(9, 4))])
    pq.write_table(pa.Table.from_pylist(rows, schema), folder / "f.parquet", row_group_size=50)
    ok("books", "import", "ws", lines(folder / "f.jsonl", frames(7)), "--into", "frames", ws=folder / "ws")
    js = ok("books", "import", "pmxt-v2", folder / "f.parquet", "--into", "typed", ws=folder / "ws")
    assert js["rows"] == len(rows) and events(folder / "ws", "typed") == events(folder / "ws", "frames")


def test_quotes_without_sizes_and_outcomes_that_count(folder):
    import pyarrow as pa
    import pyarrow.parquet as pq
    t = lambda m: dt.datetime(2026, 7, 10, 20, m)
    pq.write_table(pa.table({"ts": pa.array([t(0), t(2), t(4), t(0), t(2)], pa.timestamp("us")), "slug": ["a", "a", "a", "b", "b"], "bid": [0.4, 0.4, 0.41, None, 0.2], "ask": [0.5, 0.5, 0.5, 0.3, 0.3]}), folder / "q.parquet")
    pq.write_table(pa.table({"slug": ["a", "b"], "question": ["A?", "B?"], "category": ["sports", "sports"]}), folder / "m.parquet")
    pq.write_table(pa.table({"slug": ["a", "b"], "y": [1, 0], "source": ["api", "convergence"]}), folder / "y.parquet")
    js = ok("books", "import", "quotes", folder / "q.parquet", "--markets", folder / "m.parquet", folder / "y.parquet", "--into", "q", ws=folder / "ws")
    assert js["rows"] == 5 and js["sizes"] is False and js["prints"] is False and js["resolved"] == 1
    rows = events(folder / "ws", "q")
    assert sum(r["kind"] == 0 for r in rows) == 4  # a quote that says the same again changes nothing
    assert all(r["shares"] == -1 for r in rows if r["kind"] == 1)
    assert ok("books", "check", "q", ws=folder / "ws")["unresolved"] == {"its outcome is inferred from prices, not told by the venue": 1}


@pytest.mark.parametrize("arguments, code, words", [
    (["import", "ws", "cut.jsonl", "--into", "x"], 3, "cut"),
    (["import", "betfair", "good.jsonl", "--into", "x"], 3, "market change"),
    (["import", "quotes", "good.jsonl", "--into", "x"], 3, "Parquet"),
    (["import", "ws", "none.jsonl", "--into", "x"], 1, "none.jsonl"),
    (["import", "ws", "good.jsonl", "--into", "../x"], 2, "--into"),
    (["import", "csv", "good.jsonl", "--into", "x"], 2, "format"),
    (["info", "nothing"], 1, "no recorded books"),
    (["check", "nothing"], 1, "no recorded books"),
])
def test_what_is_wrong_is_told(folder, arguments, code, words):
    good = lines(folder / "good.jsonl", frames(2, 20)).read_text()
    (folder / "cut.jsonl").write_text(good[:-40])
    run = tw("books", *[folder / a if a.endswith(".jsonl") else a for a in arguments], ws=folder / "ws")
    assert run.rc == code and words in run.out + run.err, (run.rc, run.err)
    assert not (folder / "ws/_books/x").exists()


def test_what_would_be_counted_twice_or_mean_two_things_is_not(folder):
    source = lines(folder / "f.jsonl", frames(3, 20))
    (folder / "copy.jsonl").write_bytes(source.read_bytes())
    for files in ([source, source], [source, folder / "copy.jsonl"]):
        assert "same file" in fails(2, "books", "import", "ws", *files, "--into", "x", ws=folder / "ws")["message"]
    third = [*frames(3, 0), {"event_type": "last_trade_price", "market": "0x" + "a" * 64, "asset_id": "999", "timestamp": "1770000001000", "price": "0.1", "size": "777", "side": "BUY"}]
    js = ok("books", "import", "ws", lines(folder / "t.jsonl", third), "--into", "third", ws=folder / "ws")
    assert js["prints"] is False and any("third token" in n for n in js["notes"])
    seconds = [{**f, "timestamp": str(int(f["timestamp"]) // 1000)} for f in frames(3, 0)]
    assert ok("books", "import", "ws", lines(folder / "s.jsonl", seconds), "--into", "s", ws=folder / "ws")["from"].startswith("2026-02-02")


def test_one_program_writes_a_recording(folder):
    import subprocess
    from conftest import command
    for i, seed in enumerate((1, 2)): lines(folder / f"{i}.jsonl", frames(seed, 20000))
    both = [subprocess.Popen(command("books", "import", "ws", folder / f"{i}.jsonl", "--into", "r", ws=folder / "ws"), stdout=subprocess.PIPE, stderr=subprocess.PIPE) for i in (0, 1)]
    assert sorted(p.wait() for p in both) == [0, 1]
    check = tw("books", "check", "r", ws=folder / "ws")
    assert check.rc in (0, 1) and "sound" in check.js
