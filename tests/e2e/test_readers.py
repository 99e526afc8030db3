# SPDX-License-Identifier: Apache-2.0
"""Price files as the tools of this trade write them, the options that decide what would be a guess, and symbols as exchanges write them."""
import json
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import SHARED, fails, ok, scan_rows, sma, tw, write_config

ROWS = 60
SYMBOLS = ["BRK.B", "BTC/USDT", "^GSPC", "EURUSD=X", "ES=F", "7203.T", "M&M.NS"]
EASY = ["--min-sharpe", "-9", "--min-win-rate", "0", "--max-drawdown", "1", "--min-trades", "1"]


@pytest.fixture(scope="module")
def bars():
    draw = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(draw.normal(0, 0.01, ROWS)))
    opened = close * (1 + draw.normal(0, 0.002, ROWS))
    table = pd.DataFrame({"Open": opened, "High": np.maximum(opened, close) * 1.01, "Low": np.minimum(opened, close) * 0.99, "Close": close}).round(4)
    table["Volume"] = draw.integers(1000, 10**7, ROWS)
    table.index = pd.bdate_range("2022-01-03", periods=ROWS)
    return table


def levels(bars):
    table = bars.copy()
    table.columns = pd.MultiIndex.from_product([bars.columns, ["MSFT"]], names=["Price", "Ticker"])
    return table.rename_axis("Date")


def decimals(bars, path):
    table = pa.Table.from_pandas(bars.rename_axis("timestamp").reset_index())
    for name in ("Open", "High", "Low", "Close"):
        i = table.schema.get_field_index(name)
        table = table.set_column(i, name, table[name].cast(pa.decimal128(18, 4)))
    pq.write_table(table, path)


def klines(bars, path):
    ms = (pd.date_range("2024-12-31 23:30", periods=ROWS, freq="min").astype("datetime64[ms]").astype("int64"))
    time = [t if t < 1735689600000 else t * 1000 for t in ms]
    end = [t + (59999 if t < 10**13 else 59999999) for t in time]
    pd.DataFrame({"t": time, **{n: bars[n].to_numpy() for n in ("Open", "High", "Low", "Close", "Volume")}, "e": end, "q": 1.5, "n": 3, "a": 1, "b": 1, "i": 0}).to_csv(path, header=False, index=False)


def nasdaq(bars, path):
    lines = ["Date,Close/Last,Volume,Open,High,Low"]
    lines += [f"{d:%m/%d/%Y},${r.Close},{r.Volume},${r.Open},${r.High},${r.Low}" for d, r in zip(bars.index[::-1], bars.iloc[::-1].itertuples())]
    path.write_text("\n".join(lines) + "\n")


def investing(bars, path):
    row = lambda d, r: f'"{d:%m/%d/%Y}","{r.Close:,}","{r.Open:,}","{r.High:,}","{r.Low:,}","{r.Volume / 1e6:.2f}M","0.1%"'
    path.write_text("﻿\"Date\",\"Price\",\"Open\",\"High\",\"Low\",\"Vol.\",\"Change %\"\n" + "\n".join(row(d, r) for d, r in zip(bars.index[::-1], (bars * 100).round(2).iloc[::-1].itertuples())) + "\n")


AS_IS = {
    "pandas index .csv": lambda b, p: b.to_csv(p), "pandas index .parquet": lambda b, p: b.to_parquet(p),
    "yfinance .csv": lambda b, p: levels(b).to_csv(p), "yfinance .parquet": lambda b, p: levels(b).to_parquet(p), "yfinance, index as column .parquet": lambda b, p: levels(b).reset_index().to_parquet(p),
    "decimals .parquet": decimals, "feather .feather": lambda b, p: b.rename_axis("date").reset_index().to_feather(p),
    "feather, uncompressed .arrow": lambda b, p: b.rename_axis("date").reset_index().to_feather(p, compression="uncompressed"),
    "trade_date .parquet": lambda b, p: b.rename_axis("trade_date").reset_index().to_parquet(p), "float epochs .csv": lambda b, p: b.set_axis(b.index.astype("int64") / 1e9).rename_axis("t").to_csv(p),
    "float epochs .parquet": lambda b, p: b.set_axis(b.index.astype("datetime64[s]").astype("int64").astype(float)).rename_axis("t").reset_index().to_parquet(p),
    "with offset .csv": lambda b, p: b.set_axis(b.index.tz_localize("UTC") + pd.Timedelta("14:30:00")).to_csv(p), "slashes .csv": lambda b, p: b.to_csv(p, date_format="%Y/%m/%d"),
    "UTC behind .csv": lambda b, p: b.to_csv(p, date_format="%Y-%m-%d %H:%M:%S UTC"), "compact .csv": lambda b, p: b.to_csv(p, date_format="%Y%m%dT%H%M%SZ"),
    "IB .csv": lambda b, p: b.rename_axis("date").to_csv(p, date_format="%Y%m%d 09:30:00 US/Eastern"), "polygon .csv": lambda b, p: b.set_axis(b.index.astype("datetime64[ns]").astype("int64")).rename_axis("window_start").to_csv(p),
    "dukascopy .csv": lambda b, p: b.rename_axis("Gmt time").to_csv(p, date_format="%d.%m.%Y 00:00:00.000"), "stooq .csv": lambda b, p: b.assign(t="000000").set_index("t", append=True).rename_axis(["<DATE>", "<TIME>"]).rename(columns=lambda c: f"<{c.upper()}>").to_csv(p, date_format="%Y%m%d"),
    "binance .csv": klines, "nasdaq .csv": nasdaq, "investing .csv": investing, "large volumes .csv": lambda b, p: b.assign(Volume=2.4e16).to_csv(p),
    "zip .csv.zip": lambda b, p: b.to_csv(p), "comments .csv": lambda b, p: p.write_text("# made by a tool\n# twice\n" + b.to_csv()),
}


@pytest.mark.parametrize("kind", AS_IS)
def test_what_tools_write_is_read_as_it_is_and_told(folder, bars, kind):
    path = folder / ("f" + kind.split()[-1])
    AS_IS[kind](bars, path)
    out = folder / "out.parquet"
    js = ok("data", "import", path, "--out", out)
    table = pd.read_parquet(out)
    assert js["rows"] == len(table) == ROWS and js["rejected"] == []
    assert table["timestamp"].is_monotonic_increasing
    scale = 100 if kind.startswith("investing") else 1
    np.testing.assert_allclose(table["close"], (bars["Close"] * scale).round(4), rtol=1e-12)
    np.testing.assert_allclose(table["low"], (bars["Low"] * scale).round(4), rtol=1e-12)
    if not kind.startswith("binance"): assert [f"{d:%Y-%m-%d}" for d in table["timestamp"]] == [f"{d:%Y-%m-%d}" for d in bars.index]
    assert js["notes"] or kind in ("feather .feather", "feather, uncompressed .arrow", "decimals .parquet", "slashes .csv", "with offset .csv")
    if "yfinance" in kind: assert js["symbol"] == "MSFT"
    assert ok("data", "info", path)["rows"] == ROWS


def metatrader(bars): return bars.assign(t="00:05:00").set_index("t", append=True).rename_axis(["<DATE>", "<TIME>"]).rename(columns=lambda c: f"<{c.upper()}>").to_csv(sep="\t", date_format="%Y.%m.%d")


UNDECIDED = [
    (metatrader, "--zone", ["--zone", "Europe/Athens"]),
    (lambda b: b.head(5).to_csv(date_format="%d/%m/%Y"), "--day-first", ["--date-format", "%d/%m/%Y"]),
    (lambda b: b.iloc[:5].to_csv(date_format="%d/%m/%Y"), "--date-format", ["--day-first"]),
    (lambda b: b.rename_axis("when").to_csv(date_format="%Y week %m day %d"), "--columns", ["--columns", "timestamp=when", "--date-format", "%Y week %m day %d"]),
    (lambda b: b.rename(columns={"Close": "Slutkurs"}).rename_axis("date").to_csv(), "--columns", ["--columns", "close=Slutkurs"]),
    (lambda b: pd.concat([b.assign(symbol=s) for s in ("A", "B")]).rename_axis("date").to_csv(), "--symbol", ["--symbol", "B"]),
    (lambda b: b.rename_axis("date")[["Close", "Open"]].set_axis(["AAPL", "MSFT"], axis=1).to_csv(), "--symbol", ["--symbol", "MSFT"]),
    (lambda b: b.to_csv(header=False), "--columns", ["--columns", "timestamp=1,open=2,high=3,low=4,close=5,volume=6"]),
    (lambda b: b[["Close"]].assign(Close=-5).to_csv(), "--allow-negative", ["--allow-negative"]),
    (lambda b: b.assign(Volume="1,234").rename_axis("date").to_csv(), "--thousands", ["--thousands", ","]),
    (lambda b: "a, b, c, d, e, f\n" * 12 + b.rename_axis("date").to_csv(), "--columns", ["--skip-rows", "12"]),
    (lambda b: b.sample(frac=1, random_state=1).rename_axis("date").to_csv(), "out of order", ["--sort"]),
]


@pytest.mark.parametrize("case", range(len(UNDECIDED)))
def test_what_would_be_a_guess_is_refused_once_and_an_option_decides(folder, bars, case):
    make, named, options = UNDECIDED[case]
    path = folder / "f.csv"
    path.write_text(make(bars))
    done = tw("data", "import", path, "--out", folder / "o.parquet")
    assert done.rc == 3 and not (folder / "o.parquet").exists()
    assert named in json.dumps(done.js["rejected"]), done.js["rejected"][:2]
    assert named in ("out of order", "--allow-negative") or len(done.js["rejected"]) == 1
    js = ok("data", "import", path, "--out", folder / "o.parquet", *options)
    assert js["rows"] in (5, ROWS)
    assert ok("data", "info", path, *options)["rows"] == js["rows"]


@pytest.mark.parametrize("options, words", [(["--columns", "klose=x"], "role"), (["--columns", "close=Nope"], "Nope"), (["--date-format", "%d/%m"], "year, month and day"), (["--skip-rows", "-1"], "lines"),
                                            (["--thousands", "x"], "groups"), (["--day-first", "--date-format", "%F"], "day"), (["--zone", "Mars"], "zone"), (["--adjusted"], "adjusted")])
def test_options_that_cannot_be_are_refused_by_name(folder, bars, options, words):
    bars.to_csv(folder / "f.csv")
    done = tw("data", "info", folder / "f.csv", *options)
    assert done.rc in (2, 3) and words in json.dumps(done.js), done.out


def test_a_sweep_takes_the_options_and_all_that_reads_the_run_again_does(folder, market, ws):
    bars = pd.read_csv(market.sim01, index_col=0, parse_dates=True)
    table = bars.rename_axis("Day").assign(**{"Adj Close": bars["close"] * np.linspace(0.5, 1, len(bars))})
    table.to_csv(folder / "raw.csv", date_format="%d/%m/%Y", sep=";")
    reading = {"columns": {"timestamp": "Day"}, "date_format": "%d/%m/%Y", "adjusted": True}
    config = {"data": [{"symbol": "X.1", "path": "raw.csv", **reading}], "annualization": {"periods_per_year": 252}, "strategies": [sma([2, 3], [5, 8])]}
    (folder / "s.json").write_text(json.dumps(config))
    js = ok("sweep", folder / "s.json", "--run-id", "r", ws=ws)
    assert any("scaled by 'Adj Close'" in n for n in js["notes"])
    ok("data", "import", folder / "raw.csv", "--out", folder / "clean.csv", "--columns", "timestamp=Day", "--date-format", "%d/%m/%Y", "--adjusted")
    assert ok("sweep", write_config(folder / "c.json", [("X.1", folder / "clean.csv")], [sma([2, 3], [5, 8])], ppy=252), "--run-id", "clean", ws=ws)
    a, b = ({r["strategy_id"]: r["sharpe_ratio"] for r in scan_rows(run, ws)} for run in ("r", "clean"))
    assert a == b
    stored = json.loads((ws / "r/metadata.json").read_text())["execution"]["data"][0]
    assert stored["reading"] == {"columns": "timestamp=Day", "date_format": "%d/%m/%Y", "adjusted": "true"}
    replayed = ok("replay", "r", ws=ws)["members"][0]
    assert replayed["metrics"]["sharpe_ratio"] == a[replayed["strategy_id"]]
    ok("analyze", "r", *EASY, ws=ws)
    signals = ["import-signals", ws / "r/signals", "--run-id"]
    ok("unpack", "r", ws=ws)
    ok(*signals, "again", "--data", f"X.1={folder / 'raw.csv'}", "--columns", "timestamp=Day", "--date-format", "%d/%m/%Y", "--adjusted", "--periods-per-year", 252, ws=ws)
    assert {r["strategy_id"]: r["sharpe_ratio"] for r in scan_rows("again", ws)} == a
    assert "--data" in fails(2, *signals, "none", "--adjusted", ws=ws)["where"]
    config["data"][0]["adjusted"] = False
    (folder / "s.json").write_text(json.dumps(config))
    assert fails(3, "sweep", folder / "s.json", "--run-id", "r", "--resume", ws=ws), "what is read otherwise is another sweep"


@pytest.mark.parametrize("entry, words", [({"adjustd": True}, "adjusted"), ({"date_format": "%d"}, "year, month and day"), ({"allow_negative": True}, "whole equity"), ({"columns": {"klose": "x"}}, "role"),
                                          ({"skip_rows": "many"}, "lines"), ({"symbol": "a,b"}, "no symbol"), ({"symbol": " x"}, "no symbol"), ({"symbol": "x" * 61}, "60 bytes")])
def test_a_sweep_refuses_what_it_cannot_read_by(folder, bars, ws, entry, words):
    bars.to_csv(folder / "f.csv")
    (folder / "s.json").write_text(json.dumps({"data": [{"symbol": "X", "path": "f.csv", **entry}], "strategies": [sma([2], [5])]}))
    assert words in json.dumps(fails(3, "sweep", folder / "s.json", "--run-id", "r", ws=ws))


@pytest.fixture(scope="module")
def exchanges(session_folder, market):
    """A run of seven symbols with classifiers, in files, analysed."""
    ws = session_folder / "exchanges"
    config = write_config(session_folder / "exchanges.json", [(s, market.sim01 if i % 2 else market.sim02) for i, s in enumerate(SYMBOLS)], [sma([3, 8], [20, 40])],
                          [{"type": "volatility_terciles", "window": 20}, {"type": "trend", "window": 100}], ppy=252)
    ok("sweep", config, "--run-id", "r", "--layout", "files", ws=ws)
    return ws


def test_symbols_are_written_as_exchanges_do_and_escaped_in_ids(exchanges, folder, market):
    rows = scan_rows("r", exchanges)
    assert {r["symbol"] for r in rows} == set(SYMBOLS) and len(rows) == 4 * len(SYMBOLS)
    ids = {r["symbol"]: r["strategy_id"] for r in rows}
    assert ids["BRK.B"].startswith("BRK=2EB.sma_cross.") and ids["BTC/USDT"].startswith("BTC=2FUSDT.") and ids["EURUSD=X"].startswith("EURUSD=3DX.")
    import quopri
    for symbol, strategy in ids.items(): assert quopri.decodestring(strategy.split(".")[0]).decode() == symbol
    assert (exchanges / "r/signals" / ids["^GSPC"] / "signals.parquet").is_file()
    assert len(scan_rows("r", exchanges, "--where", "symbol = 'M&M.NS'")) == 4
    analysis = ok("analyze", "r", *EASY, ws=exchanges)
    assert {m["strategy_id"] for m in analysis["ensemble"]["members"]} <= {r["strategy_id"] for r in rows}
    for symbol in ("BTC/USDT", "EURUSD=X"):
        js = ok("replay", "r", ids[symbol], "--data", f"{symbol}={market.sim02 if SYMBOLS.index(symbol) % 2 == 0 else market.sim01}", ws=exchanges)
        assert js["members"][0]["metrics"]["sharpe_ratio"] == next(r["sharpe_ratio"] for r in rows if r["strategy_id"] == ids[symbol])
    ok("export", "r", "--out", folder / "e.csv", ws=exchanges)
    assert set(pd.read_csv(folder / "e.csv")["symbol"]) == set(SYMBOLS)
    ok("report", "r", "--out", folder / "r.html", ws=exchanges)
    assert ok("verify", "r", ws=exchanges)["faults"] == []
    for command in ("pack", "reindex"): ok(command, "r", ws=exchanges)
    again = scan_rows("r", exchanges)
    assert [(r["strategy_id"], r["symbol"], r["sharpe_ratio"]) for r in again] == [(r["strategy_id"], r["symbol"], r["sharpe_ratio"]) for r in rows]


def test_signals_of_such_symbols_go_out_and_in_again(exchanges, folder, market):
    ok("unpack", "r", ws=exchanges)
    data = [x for i, s in enumerate(SYMBOLS) for x in ("--data", f"{s}={market.sim01 if i % 2 else market.sim02}")]
    ok("import-signals", exchanges / "r/signals", "--run-id", "again", *data, "--periods-per-year", 252, ws=exchanges)
    pick = lambda run: [(r["strategy_id"], r["symbol"], r["sharpe_ratio"]) for r in scan_rows(run, exchanges)]
    assert pick("again") == pick("r")
    table = pd.concat(pd.read_parquet(p).assign(strategy_id="mine", symbol=s) for s in ("BRK.B", "7203.T") for p in [next((exchanges / "r/signals").glob(s.replace(".", "=2E") + ".*")) / "signals.parquet"])
    table.sort_values("timestamp").to_csv(folder / "t.csv", index=False)
    ok("import-signals", folder / "t.csv", "--run-id", "both", *data, ws=exchanges)
    assert [r["strategy_id"] for r in scan_rows("both", exchanges)] == ["7203=2ET.mine", "BRK=2EB.mine"]


def test_such_a_run_trades_live(exchanges, folder):
    analysis = ok("analyze", "r", *EASY, ws=exchanges)
    markets = {s: f"SIM-{i + 2:05d}" for i, s in enumerate(SYMBOLS)}
    of = {r["strategy_id"]: r["symbol"] for r in scan_rows("r", exchanges)}
    held = {of[m["strategy_id"]] for m in analysis["ensemble"]["members"] if m["weight"] > 0}
    config = {"total_capital": 1000, "cycle_interval": 0, "simulation": {"life_steps": 1000000, "step_seconds": 60}, "limits": {"max_loss": "100%", "max_daily_loss": "100%"},
              "strategies": {"enabled": ["mine"], "mine": {"type": "ensemble", "run": "r", "trade_unqualified": True, "max_spread": 1, "symbols": {s: markets[s] for s in held}}}}
    (folder / "live.json").write_text(json.dumps(config))
    done = tw("live", folder / "live.json", "--session", "s", "--cycles", 30, ws=exchanges)
    assert done.rc == 0, done.out
    assert done.js["strategies"]["mine"]


def test_archives_that_are_not_one_file_say_what_to_do(folder, bars):
    text = bars.rename_axis("date").to_csv()
    with zipfile.ZipFile(folder / "two.zip", "w") as archive: archive.writestr("a.csv", text), archive.writestr("b.csv", text)
    (folder / "f.bz2").write_bytes(__import__("bz2").compress(text.encode()))
    (folder / "f.xz").write_bytes(__import__("lzma").compress(text.encode()))
    with zipfile.ZipFile(folder / "whole.zip", "w", zipfile.ZIP_DEFLATED) as archive: archive.writestr("a.csv", text)
    (folder / "cut.zip").write_bytes((folder / "whole.zip").read_bytes()[:-200])
    for name, words in (("two.zip", "2 files"), ("f.bz2", "bzip2"), ("f.xz", "xz"), ("cut.zip", "zip")):
        assert words in fails(3, "data", "info", folder / name)["message"], name
    assert "folder" in fails(2, "data", "info", folder)["message"]


@pytest.mark.shared
def test_the_kinds_that_were_refused_once(folder):
    read = 0
    for path in sorted((SHARED / "cases/reader-refusals").glob("*.*")):
        if path.suffix not in (".csv", ".parquet"): continue
        done = tw("data", "import", path, "--out", folder / "o.parquet", *(["--zone", "America/New_York"] if "local" in path.name else []))
        read += done.rc == 0
        assert done.rc == 0 or "--zone" in done.out or "--allow-negative" in done.out, path.name
    assert read >= 13


@pytest.mark.parametrize("shape", ["wide.csv", "wide.parquet", "long.csv", "levels.csv", "levels.parquet"])
def test_all_symbols_of_a_file_become_a_file_each(folder, bars, shape):
    path, names = folder / f"A.{shape.split('.')[1]}", ["A", "BTC/USDT"]
    parts = {n: bars[["Close"]] * (i + 1) for i, n in enumerate(names)}
    if shape.startswith("wide"): table = pd.concat([parts[n]["Close"].rename(n) for n in names], axis=1).rename_axis("date")
    elif shape.startswith("long"): table = pd.concat([parts[n].assign(symbol=n) for n in names]).rename_axis("date")
    else: table = pd.concat(parts, axis=1).rename_axis("Date")
    (table.to_parquet if path.suffix == ".parquet" else table.to_csv)(path)
    js = ok("data", "import", path, "--out", folder / "all", "--all-symbols")
    assert [(f["symbol"], f["rows"]) for f in js["files"]] == [(n, ROWS) for n in names]
    for i, f in enumerate(js["files"]):
        np.testing.assert_allclose(pd.read_parquet(f["path"])["close"], bars["Close"] * (i + 1))
        assert ok("data", "info", f["path"])["symbol"] == names[i]
    assert sorted(p.name for p in (folder / "all").iterdir()) == ["A.parquet", "BTC=2FUSDT.parquet"]
    assert [f["path"].rsplit("/", 1)[1] for f in ok("data", "import", path, "--out", folder / "x.csv", "--all-symbols")["files"]] == ["x-A.csv", "x-BTC=2FUSDT.csv"]
    assert "--symbol" in fails(2, "data", "import", path, "--out", folder / "all", "--all-symbols", "--symbol", "A")["hint"]


def test_all_symbols_or_none(folder, bars):
    table = pd.concat([bars["Close"].rename(n) for n in "AB"], axis=1).rename_axis("date")
    table.iloc[3, 1] = -1
    table.to_csv(folder / "w.csv")
    done = tw("data", "import", folder / "w.csv", "--out", folder / "all", "--all-symbols")
    assert done.rc == 3 and [r["symbol"] for r in done.js["rejected"]] == ["B"] and done.js["files"] == [] and not (folder / "all").exists()
    bars.to_csv(folder / "one.csv")
    assert [f["symbol"] for f in ok("data", "import", folder / "one.csv", "--out", folder / "all", "--all-symbols")["files"]] == ["one"]


def test_a_table_of_bars_is_one_series_its_close(folder, bars):
    levels(bars).to_csv(folder / "y.csv")
    js = ok("metrics", folder / "y.csv", "--prices", "--periods-per-year", 252)
    assert js["column"] == "Close" and js["metrics"]["total_return"] == pytest.approx(bars["Close"].iloc[-1] / bars["Close"].iloc[0] - 1, rel=1e-12)
    assert any("bars" in n and "'Open'" in n for n in js["notes"])
    assert ok("metrics", folder / "y.csv", "--prices", "--periods-per-year", 252, "--column", "High")["column"] == "High"
    assert "--prices" in json.dumps(fails(3, "metrics", folder / "y.csv", "--periods-per-year", 252))
    wide = pd.concat([bars["Close"].rename("A"), bars["Open"].rename("BRK.B")], axis=1)
    wide.to_csv(folder / "w.csv")
    wide.pct_change().dropna().to_csv(folder / "r.csv", float_format="%.17g")
    a, b = (ok("ensemble", folder / f, "--periods-per-year", 252, "--objective", "min_variance", "--max-weight", 1, *o) for f, o in (("w.csv", ["--prices"]), ("r.csv", [])))
    assert a["weights"].keys() == b["weights"].keys() and all(abs(a["weights"][k] - b["weights"][k]) < 1e-9 for k in a["weights"])
    assert ok("overfit", folder / "w.csv", "--prices")["trials"] == 2
    assert "leave out --prices" in fails(3, "overfit", folder / "r.csv", "--prices")["hint"]


def test_a_ticker_that_is_called_like_a_price_is_no_price(folder):
    wide = folder / "wide.csv"
    wide.write_text("date,AAPL,C,V\n2023-01-03,125,45,220\n2023-01-04,126,46,221\n")
    ok("data", "import", wide, "--symbol", "AAPL", "--out", folder / "a.csv")
    assert [l.split(",")[1] for l in (folder / "a.csv").read_text().splitlines()] == ["close", "125", "126"]
    ok("data", "import", wide, "--symbol", "C", "--out", folder / "c.csv")
    assert [l.split(",")[1] for l in (folder / "c.csv").read_text().splitlines()[1:]] == ["45", "46"]
    refused = tw("data", "import", wide, "--out", folder / "x.csv")
    assert refused.rc == 3 and "--symbol" in json.dumps(refused.js) and not (folder / "x.csv").exists()


def test_a_file_names_its_symbol_with_all_its_dots(folder):
    (folder / "BRK.B.csv").write_text("date,close\n2023-01-03,1\n2023-01-04,2\n")
    assert ok("data", "info", folder / "BRK.B.csv")["symbol"] == "BRK.B"
