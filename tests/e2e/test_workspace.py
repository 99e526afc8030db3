# SPDX-License-Identifier: Apache-2.0
"""Runs on disk: opened by other tools, moved between layouts, damaged, imported and exported; and ids that would leave the workspace."""
import csv
import fcntl
import json
import math
import random
import shutil
from concurrent.futures import ThreadPoolExecutor

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import contents, fails, ok, scan_rows, sma, tree, tw, write_config

SEED = 20261121


@pytest.fixture(scope="module")
def runs(session_folder, small_config):
    """The same sweep in both layouts."""
    ws = session_folder / "layouts"
    for layout in ("files", "packed"):
        ok("sweep", small_config, "--run-id", layout, "--layout", layout, ws=ws)
    return ws


@pytest.fixture
def tiny(ws, folder, market):
    """A run of four strategies and one classifier in each layout, in a workspace of the test's own."""
    config = write_config(folder / "tiny.json", [("SIM01", market.sim01)], [sma([3, 5], [20, 30])], [{"type": "trend", "window": 50}], ppy=252)
    for layout in ("files", "packed"):
        ok("sweep", config, "--run-id", layout, "--layout", layout, ws=ws)
    return ws


def rewrite_catalog(run, change):
    """Changes a catalog segment as somebody with Arrow could."""
    segment = next((run / "catalog").glob("*.arrow"))
    table = change(pa.ipc.open_file(segment).read_all()).combine_chunks()
    with pa.ipc.new_file(segment, table.schema) as out:
        out.write_batch(table.to_batches()[0])


def with_column(table, name, values):
    at = table.schema.get_field_index(name)
    field = table.schema.field(at)
    array = pa.array(values, pa.utf8()).dictionary_encode() if pa.types.is_dictionary(field.type) else pa.array(values, field.type)
    return table.set_column(at, field, array)


# Other tools


def test_pandas_opens_both_layouts(runs):
    rows = scan_rows("files", runs)
    by_ordinal = pl.scan_ipc(f"{runs}/packed/catalog/*.arrow").select("strategy_id", "ordinal").collect()
    packed = pd.read_parquet(f"{runs}/packed/signals/_segments")
    total = 0
    for row in rows:
        one = pd.read_parquet(f"{runs}/files/signals/{row['strategy_id']}/signals.parquet")
        assert list(one.columns) == ["timestamp", "signal", "confidence"]
        assert str(one["timestamp"].dtype) == "datetime64[ns, UTC]" and one["signal"].dtype == np.int8 and one["confidence"].dtype == np.float32
        assert len(one) == row["signal_changes"]
        assert one["timestamp"].is_monotonic_increasing and one["timestamp"].is_unique
        assert one["signal"].isin([-1, 0, 1]).all() and (one["signal"] != one["signal"].shift(fill_value=0)).all()
        ordinal = by_ordinal.filter(pl.col("strategy_id") == row["strategy_id"])["ordinal"][0]
        same = packed[packed["strategy"] == ordinal].drop(columns="strategy").reset_index(drop=True)
        assert same.equals(one)
        total += len(one)
    assert total == len(packed) > 1000


def test_duckdb_opens_both_layouts(runs):
    total = sum(r["signal_changes"] for r in scan_rows("files", runs))
    assert duckdb.sql(f"select count(*) from '{runs}/files/signals/*/signals.parquet'").fetchall() == [(total,)]
    assert duckdb.sql(f"select count(*) from '{runs}/packed/signals/_segments/*.parquet'").fetchall() == [(total,)]
    ordinals = pl.scan_ipc(f"{runs}/packed/catalog/*.arrow").select("ordinal", "signal_changes").collect()
    counted = dict(duckdb.sql(f"select strategy, count(*) from '{runs}/packed/signals/_segments/*.parquet' group by strategy").fetchall())
    assert counted == {o: c for o, c in ordinals.iter_rows() if c}


def test_polars_opens_both_layouts_and_the_catalog(runs):
    rows = scan_rows("packed", runs)
    total = sum(r["signal_changes"] for r in rows)
    for pattern in (f"{runs}/files/signals/*/signals.parquet", f"{runs}/packed/signals/_segments/*.parquet"):
        assert pl.scan_parquet(pattern).select(pl.len()).collect().item() == total
    for layout in ("files", "packed"):
        table = pl.scan_ipc(f"{runs}/{layout}/catalog/*.arrow").sort("strategy_id").collect()
        assert table["strategy_id"].to_list() == [r["strategy_id"] for r in rows]
        for column in ("sharpe_ratio", "max_drawdown", "win_rate", "total_trades", "param.fast"):
            assert table[column].to_list() == [r[column] for r in rows]


def test_footers_carry_the_metadata(runs):
    for row in scan_rows("files", runs):
        kv = {k.decode(): v.decode() for k, v in pq.read_metadata(f"{runs}/files/signals/{row['strategy_id']}/signals.parquet").metadata.items()}
        for name in ("strategy_id", "strategy_type", "symbol"):
            assert kv[name] == row[name]
        for name in ("sharpe_ratio", "total_return", "max_drawdown", "win_rate", "gross_sharpe", "cost_impact", "compression_ratio"):
            assert (None if kv[name] == "null" else float(kv[name])) == row[name]
        for name in ("total_signals", "signal_changes", "total_trades", "total_fills"):
            assert int(kv[name]) == row[name]


def test_states_and_transitions_agree(runs):
    for states in (runs / "files" / "classifiers").glob("*/states.parquet"):
        table, about = pd.read_parquet(states), json.loads((states.parent / "metadata.json").read_text())
        assert list(table.columns) == ["timestamp", "state", "label"]
        assert len(table) == about["state_changes"]
        assert set(table["label"]) - {""} <= set(about["regime_counts"])
        for outgoing in about["transition_matrix"].values():
            assert math.isclose(sum(outgoing.values()), 1, rel_tol=1e-12) or not any(outgoing.values())


# Layouts


def test_pack_and_unpack_lose_nothing(runs, folder, small_config):
    shutil.copytree(runs / "files", folder / "ws" / "files")
    ws = folder / "ws"
    rows, signals = contents("files", ws)
    original = tree(ws / "files" / "signals")
    assert ok("pack", "files", ws=ws)["strategies"] == 68
    assert list((ws / "files" / "signals").glob("*/signals.parquet")) == []
    assert {r["strategy_id"]: r for r in scan_rows("files", ws)} == rows
    assert json.loads((ws / "files" / "metadata.json").read_text())["signal_files"] == {}
    assert ok("pack", "files", ws=ws)["strategies"] == 0
    best = ok("scan", "files", "--limit", 3, ws=ws)["rows"]
    assert ok("unpack", "files", "--top", 3, ws=ws)["strategies"] == 3
    assert {p.parent.name for p in (ws / "files" / "signals").glob("*/signals.parquet")} == {r["strategy_id"] for r in best}
    named = sorted(rows)[:2]
    ok("unpack", "files", *named, ws=ws)
    assert {r["strategy_id"]: r for r in scan_rows("files", ws)} == rows
    assert ok("verify", "files", ws=ws)["faults"] == []
    assert contents("files", ws) == (rows, signals)
    assert tree(ws / "files" / "signals") == original
    verified = ok("verify", "files", ws=ws)
    assert verified["faults"] == [] and verified["unprotected"] == []
    # A run that was moved about is still the run: its sweep finds nothing left to do
    assert ok("sweep", small_config, "--run-id", "files", "--resume", ws=ws)["resumed"] == 68


def test_unpack_refuses_what_is_not_there(runs, folder):
    shutil.copytree(runs / "packed", folder / "ws" / "packed")
    before = tree(folder / "ws" / "packed")
    for wrong in ("nothing", "../packed", "SIM01.sma_cross.fast=3,slow=2"):
        assert fails(1, "unpack", "packed", wrong, ws=folder / "ws")["message"]
    fails(2, "unpack", "packed", "a", "--top", 3, ws=folder / "ws")
    assert tree(folder / "ws" / "packed") == before


def test_reindex_rebuilds_the_catalog(runs, folder):
    for layout in ("files", "packed"):
        shutil.copytree(runs / layout, folder / "ws" / layout)
        rows = scan_rows(layout, folder / "ws")
        for segment in (folder / "ws" / layout / "catalog").glob("*.arrow"):
            segment.write_bytes(b"no catalog any more")
        assert tw("scan", layout, ws=folder / "ws").rc == 1
        assert ok("reindex", layout, ws=folder / "ws")["strategies"] == 68
        assert scan_rows(layout, folder / "ws") == rows
        assert ok("verify", layout, ws=folder / "ws")["faults"] == []


# Damage


def flip(path, offset):
    data = bytearray(path.read_bytes())
    data[offset] ^= 0x40
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("layout", ["files", "packed"])
def test_verify_finds_a_flipped_byte_in_any_file(tiny, folder, layout):
    source = random.Random(SEED)
    files = [p for p in sorted((tiny / layout).rglob("*")) if p.is_file() and p.stat().st_size > 0]
    assert len(files) >= 9
    points = []
    for path in files:
        size = path.stat().st_size
        points += [(path.relative_to(tiny / layout), o) for o in sorted({0, size - 1, size // 2, *(source.randrange(size) for _ in range(3))})]

    def trial(indexed):
        index, (path, offset) = indexed
        ws = folder / "trials" / str(index)
        shutil.copytree(tiny / layout, ws / layout)
        flip(ws / layout / path, offset)
        done = tw("verify", layout, ws=ws)
        shutil.rmtree(ws)
        if done.rc == 1 and (done.js["schema"] == "tradewind.error/1" or any(f["path"] == str(path) for f in done.js["faults"])): return None
        if str(path) == "metadata.json" and done.rc in (1, 3): return None
        if path.suffix == ".sha256" and done.rc == 1 and done.js["faults"]: return None  # a changed line accuses the file it names
        return f"{path} byte {offset}: exit {done.rc} {done.out[:300]}"

    with ThreadPoolExecutor(2) as pool:
        assert [found for found in pool.map(trial, enumerate(points)) if found] == []
    assert ok("verify", layout, ws=tiny)["faults"] == []


@pytest.mark.parametrize("layout", ["files", "packed"])
def test_verify_finds_a_missing_and_a_cut_file(tiny, folder, layout):
    for index, path in enumerate(p for p in sorted((tiny / layout).rglob("*")) if p.is_file() and p.stat().st_size > 0 and p.name != "metadata.json"):
        for change in ("missing", "cut"):
            ws = folder / f"{index}-{change}"
            shutil.copytree(tiny / layout, ws / layout)
            target = ws / layout / path.relative_to(tiny / layout)
            if change == "missing" and target.suffix == ".arrow": continue  # the strategies are gone: seen below
            if change == "missing": target.unlink()
            else: target.write_bytes(target.read_bytes()[:-1])
            assert tw("verify", layout, ws=ws).rc == 1, (change, path)
            shutil.rmtree(ws)


@pytest.mark.parametrize("path, content", [("catalog/w0-0.arrow", b""), ("catalog/w0-0.arrow", b"garbage" * 100), ("catalog/w0-0.arrow", None), ("metadata.json", b""),
                                           ("metadata.json", b"{"), ("metadata.json", b"[1,2]"), ("metadata.json", b'{"format_version":1}'), ("metadata.json", b"\xff\xfe\x00")])
def test_a_damaged_run_never_breaks_the_scan_of_the_others(tiny, path, content):
    for name in ("good1", "good2", "bad"):
        shutil.copytree(tiny / "packed", tiny / name)
    target = tiny / "bad" / path
    target.write_bytes(target.read_bytes()[:-200] if content is None else content)
    answer = ok("scan", "--limit", 0, ws=tiny)
    by_run = {r["run_id"] for r in answer["rows"]}
    assert by_run >= {"good1", "good2", "files", "packed"}
    listed = {r["run_id"]: r for r in ok("runs", ws=tiny)["rows"]}
    assert set(listed) == {"good1", "good2", "files", "packed", "bad"}
    assert "fault" not in listed["good1"]
    if "bad" not in by_run:
        assert [f["run_id"] for f in answer["faults"]] == ["bad"] and answer["faults"][0]["message"]
    if path == "metadata.json": assert listed["bad"]["status"] == "damaged" and listed["bad"]["fault"]
    else: assert "bad" not in by_run and fails(1, "scan", "bad", ws=tiny)["where"]
    done = tw("scan", ws=tiny, json_=False)
    assert done.rc == 0
    if "bad" not in by_run: assert "bad" in done.err


def test_when_every_run_is_damaged_the_scan_fails(tiny):
    for run in ("files", "packed"):
        (tiny / run / "catalog" / "w0-0.arrow").write_bytes(b"garbage")
    assert tw("scan", ws=tiny).rc == 1


def test_stray_files_and_folders_do_not_matter(tiny):
    (tiny / "notes.txt").write_text("mine")
    (tiny / "empty").mkdir()
    (tiny / ".hidden").mkdir()
    (tiny / "packed" / "mine.txt").write_text("mine")
    (tiny / "packed" / "catalog" / "mine.arrow").write_text("mine")
    assert ok("scan", "--limit", 0, ws=tiny)["matched"] == 8
    assert ok("verify", "packed", ws=tiny)["unprotected"] == ["catalog/mine.arrow", "mine.txt"]


def test_a_newer_format_is_refused(tiny):
    path = tiny / "files" / "metadata.json"
    path.write_text(path.read_text().replace('"format_version": 1', '"format_version": 2'))
    def newer(table): return table.replace_schema_metadata({**table.schema.metadata, b"tradewind.format": b"2"})
    rewrite_catalog(tiny / "packed", newer)
    for run, commands in (("files", ["replay", "pack", "unpack", "verify"]), ("packed", ["scan", "replay", "pack", "unpack", "export"])):
        for name in commands:
            error = fails(3, name, run, *(["--out", tiny / "x.csv"] if name == "export" else []), ws=tiny)
            assert "2" in error["message"] and "newer" in error["hint"] + error["message"], error


def test_hostile_catalogs_do_not_reach_outside(tiny, folder):
    """A run from somebody else, with names that would lead out of it."""
    outside = folder / "outside"
    outside.mkdir()
    shutil.copy(next((tiny / "files" / "signals").glob("*/signals.parquet")), outside / "signals.parquet")
    before = tree(outside)
    ids = [r["strategy_id"] for r in scan_rows("packed", tiny)]
    rewrite_catalog(tiny / "packed", lambda t: with_column(t, "strategy_id", ["../../../outside", *t["strategy_id"].to_pylist()[1:]]))
    rewrite_catalog(tiny / "files", lambda t: with_column(t, "signals_path", ["signals/../../../outside/signals.parquet", *t["signals_path"].to_pylist()[1:]]))
    assert tw("unpack", "packed", ws=tiny).rc != 0
    assert tw("replay", "files", ids[0], ws=tiny).rc == 1
    assert tw("pack", "files", ws=tiny).rc != 0
    for run in ("files", "packed"):
        tw("reindex", run, ws=tiny)
        tw("verify", run, ws=tiny)
    assert tree(outside) == before and sorted(p.name for p in folder.iterdir()) == ["outside", "tiny.json", "ws"]


# Ids


BAD_IDS = ["../x", "a/b", "..", ".", "combined", "_x", "%2e", "%2e%2e%2fx", "a\\b", "a b", "", "a\nb", "ä", "x" * 201, "/etc", "~", "$HOME", "a:b", "*"]


@pytest.mark.parametrize("run_id", BAD_IDS)
def test_ids_that_would_leave_the_workspace_are_refused_by_every_command(runs, folder, small_config, run_id):
    ws = folder / "ws"
    ws.mkdir()
    for place in (folder / "x", ws / "_x", ws / "combined", ws / "a" / "b", ws / "%2e"):
        shutil.copytree(runs / "packed", place)
    before = tree(folder)
    (folder.parent / "signals.csv").write_text("timestamp,signal\n2020-01-01,1\n")
    calls = [["scan", run_id], ["replay", run_id], ["verify", run_id], ["pack", run_id], ["unpack", run_id], ["reindex", run_id],
             ["export", run_id, "--out", folder / "out.csv"], ["sweep", small_config, f"--run-id={run_id}"], ["sweep", small_config, f"--run-id={run_id}", "--resume"],
             ["import-signals", folder.parent / "signals.csv", f"--run-id={run_id}"]]
    for call in calls:
        if run_id == "" and call[0] == "sweep": continue  # no name: one is made
        error = fails(2, *call, ws=ws)
        assert error["message"]
    assert tree(folder) == before


@pytest.mark.parametrize("strategy_id", [i for i in BAD_IDS if i not in ("", "a\nb")])
def test_strategy_ids_that_would_leave_the_run_are_not_imported(ws, folder, strategy_id):
    pd.DataFrame({"timestamp": pd.date_range("2020-01-01", periods=3, tz="UTC"), "signal": [0, 1, 0], "strategy": strategy_id}).to_parquet(folder / "s.parquet")
    fails(3, "import-signals", folder / "s.parquet", "--run-id", "r", ws=ws)
    assert not (ws / "r").exists()


# Import


def dense(seed, bars=400):
    """A signal for every bar, as a vectorised backtest has it, with stretches of one value."""
    random_source = np.random.default_rng(seed)
    values = np.repeat(random_source.integers(-1, 2, bars // 5), 5).astype("int8")
    return pd.DataFrame({"timestamp": pd.date_range("2021-03-01", periods=bars, freq="h", tz="UTC"), "signal": values, "confidence": random_source.random() * np.ones(bars, "float32")})


def changes(table):
    return table[table["signal"] != table["signal"].shift(fill_value=0)].reset_index(drop=True)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("shape", ["folder", "one file"])
def test_import_signals_written_by_pandas(ws, folder, suffix, sparse, shape):
    tables = {f"mine.{i}": dense(i) for i in range(3)}
    source = folder / "signals"
    source.mkdir()
    written = {name: changes(t) if sparse else t for name, t in tables.items()}
    def write(table, path): table.to_csv(path, index=False) if suffix == "csv" else table.to_parquet(path)
    if shape == "folder":
        for name, table in written.items(): write(table, source / f"{name}.{suffix}")
    else:
        source = source / f"all.{suffix}"
        write(pd.concat(t.assign(strategy=name) for name, t in written.items()), source)
    answer = ok("import-signals", source, "--run-id", "imported", ws=ws)
    expected = {name: changes(t) for name, t in tables.items()}
    assert answer["strategies"] == 3 and answer["run_id"] == "imported"
    assert answer["rows_read"] == sum(map(len, written.values()))
    assert answer["rows_kept"] == sum(map(len, expected.values()))
    rows = {r["strategy_id"]: r for r in scan_rows("imported", ws)}
    assert {k: r["signal_changes"] for k, r in rows.items()} == {k: len(t) for k, t in expected.items()}
    ok("unpack", "imported", ws=ws)
    for name, table in expected.items():
        stored = pd.read_parquet(ws / "imported" / "signals" / name / "signals.parquet")
        assert stored["timestamp"].equals(table["timestamp"].astype("datetime64[ns, UTC]")) and stored["signal"].equals(table["signal"])
        assert np.allclose(stored["confidence"], table["confidence"], rtol=1e-6, atol=0)
    verified = ok("verify", "imported", ws=ws)
    assert verified["faults"] == [] and verified["unprotected"] == []
    assert next(r for r in ok("runs", ws=ws)["rows"])["workflow_type"] == "import"
    fails(1, "import-signals", source, "--run-id", "imported", ws=ws)
    fails(3, "replay", "imported", "mine.0", ws=ws)  # nobody said on which data


def test_a_row_that_changes_the_confidence_only_is_kept(ws, folder):
    (folder / "s.csv").write_text("timestamp,signal,confidence\n2020-01-01,0,1\n2020-01-02,1,0.5\n2020-01-03,1,0.5\n2020-01-04,1,0.75\n2020-01-05,0,1\n")
    answer = ok("import-signals", folder / "s.csv", "--run-id", "r", ws=ws)
    assert (answer["rows_read"], answer["rows_kept"]) == (5, 3)


HEAD = "timestamp,signal,confidence\n"


@pytest.mark.parametrize("text, words", [
    (HEAD + "2020-01-01,2,1\n", ["row 1", "signal"]), (HEAD + "2020-01-01,1,1\n2020-01-02,x,1\n", ["row 2", "signal", "x"]), (HEAD + "2020-01-01,0.5,1\n", ["row 1", "signal"]),
    (HEAD + "2020-01-01,nan,1\n", ["row 1", "signal"]), (HEAD + "2020-01-01,,1\n", ["row 1", "signal"]), (HEAD + "2020-01-01,1,1.5\n", ["row 1", "confidence"]),
    (HEAD + "2020-01-01,1,-0.1\n", ["row 1", "confidence"]), (HEAD + "2020-01-02,1,1\n2020-01-01,0,1\n", ["row 2", "timestamp"]),
    (HEAD + "2020-01-02,1,1\n2020-01-02,0,1\n", ["row 2", "timestamp"]), (HEAD + "01/02/2020,1,1\n", ["row 1", "timestamp"]), (HEAD + "2020-13-02,1,1\n", ["row 1", "timestamp"]),
    (HEAD + "2020-01-02,1\n", ["row 1", "2 fields"]), ("time,signal\n2020-01-02,1\n", ["timestamp"]), ("timestamp,position\n2020-01-02,1\n", ["signal"]),
    ("timestamp,signal,signal\n2020-01-02,1,1\n", ["signal", "twice"]), (HEAD, ["no rows"]), ("", []), (HEAD + '"2020-01-01,1,1\n', ["quote"]), ("\x00\x01\x02", []),
])
def test_bad_signal_files_are_refused_by_row_and_column(ws, folder, text, words):
    (folder / "bad.csv").write_text(text)
    error = fails(3, "import-signals", folder / "bad.csv", "--run-id", "r", ws=ws)
    said = error["message"] + " " + error["where"]
    assert "bad.csv" in said and all(word in said for word in words), said
    assert not (ws / "r").exists()


def test_bad_signal_parquets_are_refused(ws, folder):
    times = pd.date_range("2020-01-01", periods=3, tz="UTC")
    for table in ({"timestamp": times, "signal": [0, 1, 5]}, {"timestamp": times, "signal": ["a", "b", "c"]}, {"timestamp": times[::-1], "signal": [0, 1, 0]},
                  {"timestamp": times, "signal": [0, None, 1]}, {"timestamp": times, "position": [0, 1, 0]}, {"timestamp": ["x", "y", "z"], "signal": [0, 1, 0]}):
        pd.DataFrame(table).to_parquet(folder / "bad.parquet")
        fails(3, "import-signals", folder / "bad.parquet", "--run-id", "r", ws=ws)
    for content in (b"", b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1"):
        (folder / "bad.parquet").write_bytes(content)
        assert tw("import-signals", folder / "bad.parquet", "--run-id", "r", ws=ws).rc in (1, 3)
    fails(1, "import-signals", folder / "none.csv", "--run-id", "r", ws=ws)
    (folder / "empty").mkdir()
    fails(1, "import-signals", folder / "empty", "--run-id", "r", ws=ws)
    (folder / "signals.txt").write_text("x")
    fails(3, "import-signals", folder / "signals.txt", "--run-id", "r", ws=ws)
    assert not (ws / "r").exists()


# Export


def number(text):
    return None if text == "" else float(text)


@pytest.mark.parametrize("more", [[], ["--where", "symbol == 'SIM02' and total_trades > 2", "--sort", "max_drawdown:asc"], ["--sort", "win_rate", "--limit", "7"]], ids=["all", "some", "top"])
def test_export_is_the_scan(runs, folder, more):
    limit = [] if "--limit" in more else ["--limit", 0]
    rows = ok("scan", "packed", *more, *limit, ws=runs)["rows"]
    for suffix in ("csv", "json", "parquet"):
        answer = ok("export", "packed", "--out", folder / f"e.{suffix}", *more, ws=runs)
        assert answer["rows"] == len(rows) and answer["columns"] == list(rows[0])
    with open(folder / "e.csv", newline="") as source:
        exported = list(csv.DictReader(source))
    assert len(exported) == len(rows) and list(exported[0]) == list(rows[0])
    for got, want in zip(exported, rows):
        for name, value in want.items():
            assert (got[name] == (value or "")) if isinstance(value, str) or value is None else number(got[name]) == value, name
    loaded = json.loads((folder / "e.json").read_text())
    assert (loaded if isinstance(loaded, list) else loaded["rows"]) == rows
    table = pq.read_table(folder / "e.parquet").to_pylist()
    assert table == rows


def test_export_refuses_what_it_cannot_write(runs, folder):
    assert_code(2, 3, "export", "packed", "--out", folder / "e.xlsx", ws=runs)
    assert tw("export", "packed", "--out", folder / "none" / "e.csv", ws=runs).rc == 1
    fails(4, "export", "packed", "--out", folder / "e.csv", "--where", "total_trades < 0", ws=runs)
    fails(2, "export", "packed", "--out", folder / "e.csv", "--where", "total_trade < 0", ws=runs)
    assert not (folder / "e.csv").exists()


def assert_code(*codes_and_arguments, ws):
    codes = [c for c in codes_and_arguments if isinstance(c, int)]
    done = tw(*[a for a in codes_and_arguments if not isinstance(a, int)], ws=ws)
    assert done.rc in codes and done.js["schema"] == "tradewind.error/1", done.out


# runs delete


def test_a_run_is_deleted_and_its_name_is_free_again(folder, small_config):
    ws = folder / "ws"
    for run in ("r", "other"): ok("sweep", small_config, "--run-id", run, ws=ws)
    before = tree(ws)
    error = fails(2, "runs", "delete", "r", ws=ws)
    assert "--yes" in error["hint"] and "files" in error["message"] and tree(ws) == before
    js = ok("runs", "delete", "r", "--yes", ws=ws)
    assert js["files"] == len([p for p in before if p.startswith("r/")]) and js["bytes"] > 0
    assert tree(ws) == {p: h for p, h in before.items() if p.startswith("other/")} and not list(ws.glob("_deleted*"))
    assert [r["run_id"] for r in ok("runs", ws=ws)["rows"]] == ["other"]
    ok("sweep", small_config, "--run-id", "r", ws=ws)


def test_what_an_interrupted_run_left_is_deleted_and_what_is_no_run_is_not(folder, small_config):
    ws = folder / "ws"
    for leftover in ("catalog", "signals/a"): (ws / "r" / leftover).mkdir(parents=True)
    (ws / "_deleted.r").mkdir()
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere/kept").write_text("x")
    (ws / "r/signals/link").symlink_to(folder / "elsewhere")
    ok("runs", "delete", "r", "--yes", ws=ws)
    assert list(ws.iterdir()) == [] and (folder / "elsewhere/kept").exists()
    (ws / "notes").mkdir()
    (ws / "notes/mine.txt").write_text("x")
    (ws / "linked").symlink_to(folder / "elsewhere")
    assert "no run" in fails(3, "runs", "delete", "notes", "--yes", ws=ws)["message"]
    assert "link" in tw("runs", "delete", "linked", "--yes", ws=ws).js["message"]
    fails(1, "runs", "delete", "nothing", "--yes", ws=ws)
    for name in ("../elsewhere", "_live", ".", ""): assert tw("runs", "delete", name, "--yes", ws=ws).rc == 2
    assert (ws / "notes/mine.txt").exists() and (folder / "elsewhere/kept").exists()


def test_verify_proves_that_no_strategy_is_there_twice(tiny):
    """A run of two writers of one grid, as versions before could write it: every trial counted twice."""
    catalog = tiny / "files/catalog"
    assert ok("verify", "files", ws=tiny)["faults"] == []
    segment = next(catalog.glob("w0-*.arrow"))
    other = catalog / segment.name.replace("w0-", "w1-")
    shutil.copy(segment, other)
    shutil.copy(next(catalog.glob("w0.*.writer")), catalog / "w1.1.writer")
    (catalog / f"{other.stem}.sha256").write_text((catalog / f"{segment.stem}.sha256").read_text().replace(f"catalog/{segment.name}", f"catalog/{other.name}"))
    faults = tw("verify", "files", ws=tiny).js["faults"]
    assert [f["path"] for f in faults] == [f"catalog/{other.name}"] and "are there already" in faults[0]["fault"] and segment.name in faults[0]["fault"]


def test_a_run_that_is_written_is_not_deleted(tiny):
    """Its writer holds the lock of its name."""
    before = tree(tiny)
    with open(next((tiny / "files/catalog").glob("w0.*.writer")), "rb+") as name:
        fcntl.flock(name, fcntl.LOCK_EX)
        error = tw("runs", "delete", "files", "--yes", ws=tiny)
    assert error.rc == 1 and "w0" in error.js["message"] + error.js["where"] and tree(tiny) == before
    ok("runs", "delete", "files", "--yes", ws=tiny)
