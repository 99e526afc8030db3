# SPDX-License-Identifier: Apache-2.0
"""Files that are well-formed and lie: contents that do not fit each other, bombs, links. The answer is an error that says so, quickly and in little memory."""
import hashlib
import json
import re
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import command, fails, limit, ok, run_command, sma, tw, write_config


@pytest.fixture
def run(ws, folder, market):
    """A run of four strategies and one classifier, each strategy in its own folder."""
    config = write_config(folder / "tiny.json", [("SIM01", market.sim01)], [sma([3, 5], [20, 30])], [{"type": "trend", "window": 50}], ppy=252)
    ok("sweep", config, "--run-id", "r", "--layout", "files", ws=ws)
    return ws / "r"


def seal(run, *paths):
    """Makes the run's own list of checksums fit what stands in the files now, as a forger would."""
    about = run / "metadata.json"
    text = about.read_text()
    sums = json.loads(text)["checksums"]
    for path in paths:
        now = hashlib.sha256((run / path).read_bytes()).hexdigest()
        text = text.replace(sums[path], now) if path in sums else text.replace('"checksums": {', f'"checksums": {{\n    "{path}": "{now}",', 1)
    blank = re.sub(r'"checksum": "[0-9a-f]{64}"', '"checksum": "' + "0" * 64 + '"', text)
    about.write_text(blank.replace('"checksum": "' + "0" * 64, '"checksum": "' + hashlib.sha256(blank.encode()).hexdigest()))


def test_a_classifier_with_fewer_labels_than_states(run, ws, folder):
    path = next((run / "classifiers").glob("*/metadata.json"))
    about = json.loads(path.read_text())
    about["labels"] = about["labels"][:1]
    path.write_text(json.dumps(about))
    seal(run, str(path.relative_to(run)))
    for arguments in (["analyze", "r"], ["report", "r", "--out", folder / "r.html"], ["metrics", "r"]):
        done = tw(*arguments, ws=ws)
        assert done.rc not in (0, -6, -11) and "has no label" in done.out + done.err or "expected -1 to 0" in done.out + done.err, done.out + done.err


def test_an_event_that_is_its_own_cause(run, ws):
    ok("analyze", "r", ws=ws)
    (run / "events").mkdir(exist_ok=True)
    table = pa.table({"event_id": pa.array([0, 1, 2], pa.int64()), "parent_id": pa.array([2, 0, 1], pa.int64()),
                      "time": pa.array([1, 2, 3], pa.timestamp("ns", "UTC")), "source": ["a"] * 3, "type": ["bar"] * 3, "strategy": ["x"] * 3, "payload": ["{}"] * 3})
    pq.write_table(table, run / "events/traces.parquet")
    seal(run, "events/traces.parquet")
    error = fails(1, "trace", "r", 1, ws=ws, timeout=20)
    assert "before its cause" in error["message"]


# Bombs

FRUGAL = limit(DATA=1 << 30)  # of memory for the command's own use


def bomb(path, kind):
    if kind == "repeated strings":  # 3,000 times one word of a megabyte: the dictionary holds it once
        word = pa.DictionaryArray.from_arrays(pa.array(np.zeros(3000, np.int32)), pa.array(["x" * (1 << 20)]))
        table = pa.table({"signal": np.zeros(3000, np.int8), "timestamp": word, "close": word, "strategy": word})
    elif kind == "shared prefixes":  # each word repeats the one before by its length alone
        table = pa.table({"signal": np.zeros(3000, np.int8), "timestamp": ["x" * (1 << 18) + f"{i:04}" for i in range(3000)], "close": np.ones(3000)})
        return pq.write_table(table, path, use_dictionary=False, column_encoding={"timestamp": "DELTA_BYTE_ARRAY", "signal": "PLAIN", "close": "PLAIN"}, compression="zstd")
    else:
        table = pa.table({name: np.ones(24_000_000, np.int8) for name in ("timestamp", "signal", "close")})
    pq.write_table(table, path, compression="zstd")


@pytest.mark.parametrize("kind", ["repeated strings", "shared prefixes", "many rows"])
def test_parquet_bombs_are_refused(ws, folder, kind):
    path = folder / "bomb.parquet"
    bomb(path, kind)
    assert path.stat().st_size < 1_000_000
    for arguments in (["data", "info", path], ["metrics", path, "--periods-per-year", 252], ["import-signals", path, "--run-id", "r"]):
        error = fails(3, *arguments, ws=ws, limits=FRUGAL, timeout=60)
        if arguments[0] == "import-signals": continue  # refused by its types, within the memory
        assert "unpack to more than 268435456" in error["message"] and "--max-expansion" in error["hint"], (arguments, error)


def test_an_expansion_that_is_allowed_is_read(ws, folder):
    path = folder / "long.parquet"
    pq.write_table(pa.table({"r": np.zeros(40_000_000, np.int8)}), path, compression="zstd")
    fails(3, "metrics", path, "--periods-per-year", 252, timeout=60)
    assert ok("--max-expansion", 100000, "metrics", path, "--periods-per-year", 252)["metrics"]["total_return"] == 0


def test_bombs_inside_a_run_are_refused(run, ws):
    signals = next((run / "signals").glob("*/signals.parquet"))
    count = 24_000_000
    table = pa.table({"timestamp": pa.array(np.arange(count), pa.timestamp("ns", "UTC")), "signal": np.zeros(count, np.int8), "confidence": np.ones(count, np.float32)})
    pq.write_table(table, signals, compression="zstd", use_dictionary=False, column_encoding={"timestamp": "DELTA_BINARY_PACKED", "signal": "PLAIN", "confidence": "PLAIN"})
    assert signals.stat().st_size < 600_000
    error = fails(3, "analyze", "r", ws=ws, limits=FRUGAL, timeout=60)
    assert "--max-expansion" in error["hint"], error


# Rot, links and cut-off changes

def test_rot_in_a_stored_analysis_is_noticed(run, ws, folder):
    whole = ok("analyze", "r", ws=ws)
    path = run / "analytics/analysis.json"
    good = path.read_bytes()
    rows = ok("scan", "r", "--limit", 0, ws=ws)["rows"]
    for at in range(200, len(good), len(good) // 12):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
        error = fails(1, "replay", "r", "--ensemble", ws=ws)
        assert "not what was written" in error["message"] and "analyze r" in error["hint"], error
        again = ok("analyze", "r", ws=ws)
        assert {k: v for k, v in again.items() if k != "milliseconds"} == {k: v for k, v in whole.items() if k != "milliseconds"}
        assert path.read_bytes() == good, "made anew, the same"
    assert ok("scan", "r", "--limit", 0, ws=ws)["rows"] == rows


def test_an_analysis_that_lacks_its_parts_is_damaged_not_a_bug(run, ws):
    ok("analyze", "r", ws=ws)
    path = run / "analytics/analysis.json"
    good = json.loads(path.read_text())
    for change in ({"provenance": 7}, {"provenance": {}}, {"funnel": None}, {"ensemble": {"global_weights": []}}, {"split": {}}, {"strategies": [{}]}, {"funnel": []},
                   {"funnel": [{}]}, {"combinations": [{}]}, {"overfitting": {}}, {"findings": [{}]}, {"notes": [{}]},
                   {"split": {"boundary": good["split"]["boundary"]}}):
        path.write_text(json.dumps({**good, **change}))
        seal(run, "analytics/analysis.json")
        for arguments in (["replay", "r", "--ensemble"], ["report", "r", "--out", run.parent / "x.html"]):
            done = tw(*arguments, ws=ws)
            assert "TW9999" not in done.out + done.err and done.rc in (0, 1, 3, 4), (change, arguments, done.out)
        path.write_text(json.dumps({**good, **change}))
        seal(run, "analytics/analysis.json")
        assert tw("analyze", "r", ws=ws, json_=False).rc == 0 and json.loads(path.read_text()) == good, (change, "is made anew")


DEEP = "[" * 100_000 + "]" * 100_000


def test_documents_nested_too_deeply_are_refused_wherever_they_are_read(run, ws, folder, market):
    ok("analyze", "r", "--min-sharpe", -9, "--max-drawdown", 1, "--min-trades", 0, "--min-win-rate", 0, ws=ws)
    ok("replay", "r", "--ensemble", ws=ws)
    (replayed,) = ws.glob("replay-r-*")
    two = write_config(folder / "two.json", [("SIM01", market.sim01)], [sma([3], [20])], [{"type": "trend", "window": 50}, {"type": "trend", "window": 90}], ppy=252)
    ok("sweep", two, "--run-id", "two", ws=ws)
    consensus = ws / "two/classifiers/combined/consensus_regimes.parquet"

    def nested(run_of, path, text=DEEP, sealed=True):
        about = run_of / "metadata.json"
        kept = {file: file.read_bytes() for file in (about, path)}
        path.write_bytes(text) if isinstance(text, bytes) else path.write_text(text)
        if sealed: seal(run_of, *([] if path == about else [str(path.relative_to(run_of))]))
        return kept

    def with_deep_list(path):
        table = pq.read_table(path)
        pq.write_table(table.replace_schema_metadata({**table.schema.metadata, b"tradewind.consensus": DEEP.encode()}), folder / "deep.parquet")
        return (folder / "deep.parquet").read_bytes()

    about = json.loads((replayed / "metadata.json").read_text())
    classifier = next((run / "classifiers").glob("*/metadata.json"))
    for run_of, path, text, sealed, arguments in (
            (run, run / "metadata.json", DEEP, False, ["metrics", "r"]),
            (run, run / "analytics/analysis.json", DEEP, True, ["replay", "r", "--ensemble"]),
            (run, classifier, DEEP, True, ["analyze", "r", "--no-cache"]),
            (replayed, replayed / "analytics/replay.json", DEEP, True, ["replay", "r", "--ensemble"]),
            (replayed, replayed / "metadata.json", json.dumps({**about, "config": DEEP}, indent=2), True, ["replay", replayed.name]),
            (ws / "two", consensus, with_deep_list(consensus), False, ["analyze", "two"])):
        kept = nested(run_of, path, text, sealed)
        error = fails(1, *arguments, ws=ws)
        assert error["code"] == "TW3004" and "nested too deeply" in error["message"], (path, error)
        for file, good in kept.items(): file.write_bytes(good)


def test_reindex_and_a_repeat_keep_what_the_analysis_found(run, ws):
    ok("analyze", "r", ws=ws)
    rows = ok("scan", "r", "--limit", 0, ws=ws)["rows"]
    assert all(row["psr"] is not None and row["selection_sharpe"] is not None for row in rows)
    ok("reindex", "r", ws=ws)
    assert ok("scan", "r", "--limit", 0, ws=ws)["rows"] == rows
    for segment in (run / "catalog").glob("*.arrow"): segment.write_bytes(b"gone")
    ok("reindex", "r", ws=ws)
    assert "psr" not in ok("scan", "r", "--limit", 0, ws=ws)["rows"][0]
    ok("analyze", "r", ws=ws)
    assert ok("scan", "r", "--limit", 0, "--columns", "strategy_id,psr,dsr,selection_sharpe,holdout_sharpe", ws=ws)["rows"] == [
        {k: row[k] for k in ("strategy_id", "psr", "dsr", "selection_sharpe", "holdout_sharpe")} for row in rows]
    assert ok("verify", "r", ws=ws)["faults"] == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not here")
@pytest.mark.parametrize("fault", ["signal=SIGKILL", "error=ENOSPC"])
def test_an_analysis_that_is_cut_off_leaves_a_whole_run(run, ws, folder, fault):
    """At every rename and every fsync: verify calls the run good, and analysing again gives what it gives undisturbed."""
    whole = folder / "whole"
    shutil.copytree(ws, whole)
    ok("analyze", "r", ws=whole)
    expected = (whole / "r/analytics/analysis.json").read_bytes()
    for call in ("rename", "fsync"):
        for when in range(1, 60):
            trial = folder / f"{call}-{when}"
            shutil.copytree(ws, trial)
            done = run_command(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:{fault}:when={when}"] + command("analyze", "r", ws=trial, threads=1))
            verified = tw("verify", "r", ws=trial)
            assert verified.rc == 0 and verified.js["faults"] == [], (call, when, verified.out)
            if done.rc == 0: break
            ok("analyze", "r", ws=trial)
            assert (trial / "r/analytics/analysis.json").read_bytes() == expected and not list((trial / "r").rglob("*.tmp"))
            shutil.rmtree(trial)
        assert 3 < when < 59, (call, when)


def test_a_limit_on_the_size_of_files_is_reported(ws, folder, market):
    config = write_config(folder / "c.json", [("SIM01", market.sim01)], [sma((3, 8), [20, 40])], ppy=252)
    error = fails(1, "sweep", config, "--run-id", "r", ws=ws, limits=limit(FSIZE=2000))
    assert "too large" in error["message"].lower() and "ulimit -f" in error["hint"], error


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_of_very_many_columns(folder, suffix):
    names = [f"s{i}" for i in range(140_000)]
    path = folder / f"wide.{suffix}"
    if suffix == "csv":
        path.write_text(",".join(names) + "\n" + (",".join(["0.01"] * len(names)) + "\n") * 2)
    else:
        one = np.array([0.01, 0.02])
        pq.write_table(pa.table({name: one for name in names}), path, use_dictionary=False, write_statistics=False)

    done = tw("metrics", path, "--column", "s139999", "--periods-per-year", 252, limits=limit(CPU=10))
    assert done.rc == 0, done.out + done.err
    error = fails(3, "ensemble", path, "--objective", "min_variance", "--periods-per-year", 252, limits=limit(CPU=60))
    assert "140000 columns, at most 8000" in error["message"], error
