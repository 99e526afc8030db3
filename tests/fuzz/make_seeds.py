#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the first inputs of the fuzz targets anew: tests/fuzz/make_seeds.py (with script/bootstrap's Python and a release build).

Only for when a format has changed. What the command writes is taken where it is small; what carries checksums comes without them too, so that
a changed byte gets as far as the reader behind. Inputs that a crash left (crash-*) stay as they are."""
import gzip
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin/tradewind"
CORPUS = ROOT / "tests/fuzz/corpus"
sys.path.insert(0, str(ROOT / "tests/e2e"))


def put(target, name, content):
    path = CORPUS / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def run(*arguments, cwd):
    subprocess.run([BIN, "--quiet", "--json", "--workspace", "ws", *arguments], cwd=cwd, check=True, stdout=subprocess.DEVNULL)


SWEEP = """data:
  - {symbol: A, path: A.csv, zone: America/New_York}
annualization: {periods_per_year: 252, risk_free: 0.01}
execution: {fill: next_open, commission: 10bps, slippage: {model: sqrt, rate: 5bps}}
strategies:
  - {type: sma_cross, direction: long_short, fast: {from: 3, to: 4, step: 1}, slow: [6, 8], where: fast < slow}
classifiers:
  - {type: volatility_terciles, window: 20}
  - {type: trend, window: 20}
"""
LIVE = """total_capital: 1000
cycle_interval: 0            # seconds
strategies:
  enabled: [arbitrage, momentum, trend]
  capital_allocation: {arbitrage: 0.5, momentum: 0.3, trend: 0.2}
  momentum: {min_momentum: 0.05}
  trend: {type: bar, strategy: sma_cross, fast: 5, slow: 20, direction: long_short, max_markets: 10}
  max_trades_per_cycle: 3
limits: {max_order: 25%, max_loss: 100, max_orders_per_second: 20}
execution: {stale_seconds: 15}
simulation: {seed: 42, markets: 40, depth: 6}
paper: {latency_ms: 50, jitter_ms: 20}
news: {file: news.jsonl, url: "https://example.org/${SET}", poll_seconds: 60}
metrics_port: 9100
"""
FOREIGN = {
    "yfinance.csv": "Price,Close,High,Low,Open,Volume\nTicker,B,B,B,B,B\nDate,,,,,\n2022-01-03,2,3,1,1,5\n2022-01-04,2,3,1,2,5\n",
    "binance.csv": "1735668000000,1,3,1,2,1.5,1735668059999,4,12,0.5,1,0\n1735689600000000,2,3,1,2,1.5,1735689659999999,4,12,0.5,1,0\n",
    "metatrader.csv": "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\n2023.01.03\t00:00:00\t1.1\t1.2\t1.0\t1.15\n2023.01.03\t00:01:00\t1.1\t1.2\t1.0\t1.15\n",
    "nasdaq.csv": 'Date,Close/Last,Volume,Adj Close\n02/24/2023,$1,116.74,34.5M,5\n02/23/2023,"$1,117.14",N/A,"5"\n',
    "zones.csv": "date,close\n20230103 09:30:00 US/Eastern,5\n2023-11-05 01:30 America/New_York,6\nFeb 24, 2023 9:30 PM UTC,7\n20230103T093000Z,8\n",
    "german.csv": "title\nDatum;Schluss\n13.01.2023 09:30;1.234,50\n13.01.2023 09:31;1.234,75\n",
}
EVENTS = """nats: {url: "nats://localhost:4222", subject_prefix: tradewind, subscribe: true}
webhooks:
  - &hook
    url: https://example.org/${SET}
    on: [sweep.completed]
    template: '{"text": "{{type}}: {{subject}} {{data.strategies}}"}'
    headers: {Authorization: "Bearer ${SET}"}
    secret_env: SET
    timeout: 10
  - *hook
"""


def texts():
    put("csv", "daily.csv", "timestamp,open,high,low,close,volume\n2024-01-02,10,11,9.5,10.5,1000\n2024-01-03,10.5,12,10,11.75,\n2024-01-04,11.75,12,11,11,3e3\n")
    put("csv", "intraday.csv", "\ufeffDate;Close\r\n2024-03-10 09:30:00;10,5\r\n2024-03-10 09:31:00;10,75\r\n")
    put("csv", "offsets.csv", 'time,close\n2024-01-02T09:30:00Z,1\n2024-01-02T09:30:00.5+01:00,2\n1704189600,"3"\n')
    put("csv", "series.csv", 'timestamp,a,label\n2024-01-02,0.01,"up, surely"\n2024-01-03,nan,down\n')
    put("csv", "signals.csv", "timestamp,strategy,signal,confidence\n2024-01-02,s1,1,0.5\n2024-01-03,s1,-1,1\n")
    put("csv", "prices.csv.gz", gzip.compress(b"timestamp,close\n2024-01-02,10\n2024-01-03,11\n", mtime=0))
    for name, text in FOREIGN.items():
        put("csv", name, text)
    with io.BytesIO() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo("a.csv"), FOREIGN["yfinance.csv"])
        put("csv", "one.csv.zip", packed.getvalue())
    times = pa.array([1704153600, 1704240000], pa.timestamp("s"))
    with io.BytesIO() as packed:
        pyarrow.feather.write_feather(pa.table({"('Close', 'B')": pa.array([1.5, 2.5]).cast(pa.decimal128(9, 4)), "__index_level_0__": times}), packed, compression="uncompressed")
        put("parquet", "prices.feather", packed.getvalue())
    put("config", "sweep.yaml", SWEEP)
    put("config", "live.yaml", LIVE)
    put("config", "events.yaml", EVENTS)
    put("config", "polymarket.yaml", "market_data: polymarket\nstrategies: {enabled: [news]}\npolymarket: {}\n")
    put("config", "plain.json", '{"a": [1, "2", null, true, {"b": "\\u00e9\\n"}], "c": 1e-3}')
    for name, text in {"plain": "net_sharpe > 1 and (win_rate >= 0.55 or total_trades > 500)", "words": "symbol in ('SPY', \"QQQ\") && not strategy == 'x'",
                       "sums": "-a + b*2 - c/d <= 1e-3 | !(a != b)", "quoted": "`regime.a=1.up` = 3"}.items():
        put("expression", name, text)
    rss = """<?xml version="1.0"?><rss version="2.0"><channel><title>t</title><item><title>Bill &amp; vote &lt;b&gt;passes&lt;/b&gt;</title>
<guid>1</guid><pubDate>Mon, 06 Sep 2021 16:45:00 +0200</pubDate><description><![CDATA[<p>It is not certain.</p>]]></description></item></channel></rss>"""
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>a</id><title type="html">A win</title><updated>2021-09-06T16:45:00Z</updated>
<summary>no doubt</summary><content>x</content></entry></feed>"""
    put("news", "rss.xml", rss)
    put("news", "atom.xml", atom)
    put("news", "lines.jsonl", '{"id": "1", "time": "2024-01-02T03:04:05Z", "source": "s", "headline": "Wins", "text": "t", "market_ids": ["0xabc"]}\n{"headline": "h", "time": 1700000000.5}\n')
    put("news", "time", "Mon, 06 Sep 2021 16:45:00 +0200")


def venue():
    from polymarket_shapes import book, event, market, token
    markets = [market(1, events=[{"id": "7"}], feesEnabled=True, tags=[{"label": "x"}]), market(2, clobTokenIds=None), market(3, closed=True, outcomePrices='["1", "0"]')]
    put("polymarket", "events.json", json.dumps({"events": [event(1, markets, negRisk=True)], "next_cursor": "abc"}))
    put("polymarket", "markets.json", json.dumps(markets[:2]))
    first = book(token(1, 0), [(0.40, 100), (0.39, "1e2")], [(0.52, 100)])
    put("polymarket", "books.json", json.dumps([{**first, "timestamp": "1700000000000"}]))
    put("polymarket", "clob.json", json.dumps({"condition_id": markets[0]["conditionId"], "closed": True, "is_50_50_outcome": False, "tokens": [
        {"token_id": token(1, o), "outcome": name, "price": 1 - o, "winner": o == 0} for o, name in enumerate(("Yes", "No"))]}))


def shortened(value):
    """A document with all its parts and few of each."""
    if isinstance(value, dict): return {k: shortened(v) for k, v in list(value.items())}
    if isinstance(value, list): return [shortened(v) for v in value[:2]]
    return value


def without_checksums(segment):
    """As an older version wrote it: its keys for checksums are called something else."""
    return segment.replace(b"tradewind.pages", b"tradewind.pagez").replace(b"tradewind.frame", b"tradewind.framz")


def a_run(folder):
    run("data", "simulate", "--out", "A.csv", "--symbols", "1", "--bars", "80", "--seed", "3", cwd=folder)
    config = SWEEP.replace(", zone: America/New_York", "")
    (folder / "sweep.yaml").write_text(config)
    (folder / "small.yaml").write_text(config[:config.index("classifiers:")])
    for name, layout in {"sweep": "files", "small": "packed"}.items():
        run("sweep", f"{name}.yaml", "--run-id", layout, "--layout", layout, cwd=folder)
    files, packed = folder / "ws/files", folder / "ws/packed"
    put("run_metadata", "run.json", (files / "metadata.json").read_text().replace(str(folder), "/data"))
    put("run_metadata", "classifier.json", next((files / "classifiers").glob("*/metadata.json")).read_bytes())
    put("run_metadata", "parameters.json", '{"fast": 3, "slow": 6.5, "name": "x", "on": true}')
    segment = next((packed / "catalog").glob("*.arrow")).read_bytes()
    put("catalog", "sealed.arrow", segment)
    put("catalog", "open.arrow", without_checksums(segment))
    put("catalog", "checksums", next((files / "catalog").glob("*.sha256")).read_bytes())
    parquet = {"signals": next((files / "signals").glob("*/signals.parquet")), "packed": next((packed / "signals").rglob("*.parquet")),
               "states": next((files / "classifiers").glob("A.trend*/states.parquet")), "consensus": files / "classifiers/combined/consensus_regimes.parquet"}
    for name, path in parquet.items():
        put("parquet", name + ".parquet", path.read_bytes())
        table = pq.read_table(path).slice(0, 20)
        kept = {k: v for k, v in table.schema.metadata.items() if name == "consensus" or k == b"tradewind.format"}
        pq.write_table(table.replace_schema_metadata(kept), CORPUS / "parquet" / (name + "_open.parquet"), compression="none", use_dictionary=name == "consensus", store_schema=False)
    run("analyze", "files", "--min-sharpe", "-9", "--min-trades", "0", "--min-win-rate", "0", "--max-drawdown", "1", cwd=folder)
    put("analysis", "analysis.json", json.dumps(shortened(json.loads((files / "analytics/analysis.json").read_text()))))


def foreign_parquet():
    times = pa.array([1704153600 * 10**9, 1704240000 * 10**9], pa.timestamp("ns", "UTC"))
    prices = pa.table({"timestamp": times, "open": [1.0, 2], "high": [2.0, 3], "low": [0.5, 1], "close": [1.5, 2], "volume": pa.array([None, 5.0])})
    pq.write_table(prices, CORPUS / "parquet/prices.parquet", compression="none")
    series = pa.table({"date": pa.array(["2024-01-02", "2024-01-03"]), "a": pa.array([1, None], pa.int32()), "b": pa.array([0.5, 1], pa.float32()), "label": ["x", "y"]})
    pq.write_table(series, CORPUS / "parquet/series.parquet", compression="gzip")
    foreign = pa.table({"timestamp": times.cast(pa.timestamp("us", "UTC")), "signal": [1.0, -1], "strategy": ["s", "s"]})
    pq.write_table(foreign, CORPUS / "parquet/foreign.parquet", compression="none", use_dictionary=False)


def a_journal(folder):
    (folder / "live.yaml").write_text("total_capital: 1000\ncycle_interval: 0\nstrategies: {enabled: [arbitrage, momentum]}\n")
    run("live", "live.yaml", "--session", "s", "--cycles", "40", cwd=folder)
    run("live", "rebalance", "arbitrage=0.4", "momentum=0.6", "--session", "s", cwd=folder)
    run("live", "halt", "--session", "s", cwd=folder)
    run("live", "resume", "--session", "s", cwd=folder)
    run("live", "disable", "momentum", "--session", "s", cwd=folder)
    run("live", "live.yaml", "--session", "s", "--cycles", "30", cwd=folder)
    with sqlite3.connect(folder / "ws/_live/s/journal.sqlite") as database:
        rows = database.execute("select sequence, time, kind, body, checksum from journal order by sequence").fetchall()
        schema = [sql for (sql,) in database.execute("select sql from sqlite_master where sql is not null and name not like 'sqlite_%'")]
        marks = database.execute("select cycle, time, equity from marks order by cycle limit 3").fetchall()
    lines = [f"{row[2]} {row[3]}\n" for row in rows]
    put("journal", "records", "".join(lines[:16]))
    put("journal", "later", lines[0] + "".join(line for line in lines if not line.startswith(("order_", "entry_", "trade_"))))
    small = folder / "small.sqlite"
    with sqlite3.connect(small) as database:
        database.execute("pragma page_size=512")
        for sql in schema: database.execute(sql)
        database.executemany("insert into journal values(?, ?, ?, ?, ?)", rows[:4])
        database.executemany("insert into marks values(?, ?, ?)", marks)
        database.execute("insert into identity values(1, 'x')")
        database.execute("insert into statistics values(1, '{}')")
    put("journal", "journal.sqlite", small.read_bytes())
    with sqlite3.connect(small) as database: database.execute("update journal set checksum = null")
    put("journal", "open.sqlite", small.read_bytes())


def main():
    for path in CORPUS.glob("*/*"):
        if not path.name.startswith("crash-"): path.unlink()
    folder = Path(tempfile.mkdtemp())
    texts()
    venue()
    a_run(folder)
    foreign_parquet()
    a_journal(folder)
    shutil.rmtree(folder)
    total = sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file())
    print(f"{total} bytes")


if __name__ == "__main__":
    main()
