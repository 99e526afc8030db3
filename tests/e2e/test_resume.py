# SPDX-License-Identifier: Apache-2.0
"""A sweep that is interrupted, killed, refused by the disk, read meanwhile or written by two processes at once."""
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import command, contents, environment, fails, ok, run_command, scan_rows, sleep_until, sma, start, stop, tree, tw, write_config

SEED = 20261121
MODES = {"files": ["--layout", "files"], "packed": ["--layout", "packed"], "packed-top": ["--layout", "packed", "--keep-signals", "top:150"],
         "files-top": ["--layout", "files", "--keep-signals", "top:40"]}


def in_parallel(work, trials):
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, trials))


class Reference:
    """A sweep of 760 strategies that nobody disturbed, and how long it took."""

    def __init__(self, config, options, folder, scratch):
        self.config, self.options, self.folder = config, options, folder
        begin = time.monotonic()
        ok("sweep", config, "--run-id", "r", *options, ws=folder, threads=1)
        self.seconds = time.monotonic() - begin
        self.rows, self.signals = contents("r", folder, scratch)

    def arguments(self):
        return ["sweep", self.config, "--run-id", "r", *self.options]


@pytest.fixture(scope="module")
def long_config(session_folder, long_market):
    return write_config(session_folder / "resume.json", [(f"SIM0{i}", long_market) for i in range(4)], [sma((3, 21), (50, 59))], [{"type": "trend", "window": 50}])


@pytest.fixture(scope="module")
def references(session_folder, long_config):
    return {name: Reference(long_config, options, session_folder / f"reference-{name}", session_folder / f"scratch-{name}") for name, options in MODES.items()}


def check_finished_part(reference, ws):
    """What is visible after a stop is a part of the whole run, bit for bit, and passes verification. Gives the number of strategies."""
    seen = tw("scan", "r", "--limit", 0, ws=ws)
    if not (ws / "r" / "catalog").exists():
        assert seen.rc == 1 and seen.js["message"], seen.err
        return 0
    assert seen.rc in (0, 4), f"exit {seen.rc}: {seen.out} {seen.err}"
    rows = seen.js.get("rows", [])
    for row in rows:
        assert row == reference.rows[row["strategy_id"]]
    if seen.rc == 0:
        verified = tw("verify", "r", ws=ws)
        assert verified.rc == 0, verified.out
        assert tw("runs", ws=ws).rc == 0
    return len(rows)


def resume_and_compare(reference, ws, threads=2):
    done = ok(*reference.arguments(), "--resume", ws=ws, threads=threads)
    assert done["strategies"] == len(reference.rows) and done["status"] == "complete"
    check_whole(reference, ws)


def check_whole(reference, ws):
    """The run is complete and the same as the undisturbed one, bit for bit; it is unpacked after this."""
    verified = ok("verify", "r", ws=ws)
    assert verified["faults"] == [] and verified["unprotected"] == []
    assert list((ws / "r").rglob("*.tmp")) == []
    rows, signals = contents("r", ws)
    assert rows == reference.rows
    assert signals == reference.signals


def moments(random_source, count, seconds):
    """Two thirds anywhere, one third around the end, where the run is finished."""
    return [random_source.uniform(0.02, seconds * 1.05) if i % 3 else random_source.uniform(0.75 * seconds, 1.05 * seconds) for i in range(count)]


def disturb(reference, folder, moment, how):
    """Starts the sweep, sends the signal after `moment` seconds; gives exit code and answer."""
    begin = time.monotonic()
    process = start(*reference.arguments(), ws=folder / "ws", threads=1)
    sleep_until(begin + moment)
    out, err = stop(process, how)
    return process.returncode, out, err


def until_hit(trial, wanted, seconds, hit, hits=0):
    """Machines differ in speed from one moment to the next: trials at ever earlier moments until `wanted` of them hit the sweep at work."""
    for attempt in range(40):
        if hits >= wanted: return
        hits += hit(trial(0.6 * seconds * 0.85 ** attempt))
    raise AssertionError(f"{hits} of {wanted} disturbances hit the sweep")


@pytest.mark.parametrize("mode", MODES)
def test_killed_at_random_moments_and_resumed(references, folder, mode):
    reference = references[mode]
    chosen = moments(random.Random(SEED + hash_of(mode)), 7, reference.seconds)

    def trial(moment):
        place = folder / f"{moment:.9f}"
        place.mkdir()
        code, _, err = disturb(reference, place, moment, signal.SIGKILL)
        assert code in (0, -signal.SIGKILL), err
        check_finished_part(reference, place / "ws")
        resume_and_compare(reference, place / "ws")
        shutil.rmtree(place)
        return code

    codes = in_parallel(trial, chosen)
    killed = lambda code: code == -signal.SIGKILL
    until_hit(trial, 3, reference.seconds, killed, sum(map(killed, codes)))


def hash_of(text):
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def test_killed_again_and_again(references, folder):
    """Four kills in a row of the same run, each while it resumes."""
    reference, source = references["packed"], random.Random(SEED)
    seen = 0
    for attempt in range(4):
        process = start(*reference.arguments(), *(["--resume"] if attempt else []), ws=folder / "ws", threads=1)
        time.sleep(source.uniform(0.05, 0.8 * reference.seconds))
        stop(process)
        found = check_finished_part(reference, folder / "ws")
        assert found >= seen, "a strategy that was committed is gone"
        seen = found
    resume_and_compare(reference, folder / "ws")


@pytest.mark.parametrize("mode, how", [("files", signal.SIGINT), ("packed", signal.SIGINT), ("packed-top", signal.SIGINT), ("files-top", signal.SIGTERM)])
def test_interrupted_at_random_moments_and_resumed(references, folder, mode, how):
    reference = references[mode]
    source = random.Random(SEED + 1 + hash_of(mode))
    chosen = [source.uniform(0.1, 0.9) * reference.seconds for _ in range(4)]

    def trial(moment):
        place = folder / f"{moment:.9f}"
        place.mkdir()
        code, out, err = disturb(reference, place, moment, how)
        found = check_finished_part(reference, place / "ws")
        if code == 5:
            answer = json.loads(out)
            assert answer["status"] == "interrupted" and answer["strategies"] == found
            if found: assert next(r for r in ok("runs", ws=place / "ws")["rows"])["status"] == "interrupted"
        else:
            assert code in (0, -how), err  # done before the signal, or not yet past the loader
        resume_and_compare(reference, place / "ws")
        shutil.rmtree(place)
        return code

    codes = in_parallel(trial, chosen)
    until_hit(trial, 1, reference.seconds, lambda code: code == 5, codes.count(5))


def test_an_interrupted_run_is_not_overwritten_without_resume(references, folder):
    reference = references["packed"]
    def trial(moment):
        shutil.rmtree(folder / "ws", True)
        return disturb(reference, folder, moment, signal.SIGKILL)[0] == -signal.SIGKILL and (folder / "ws" / "r" / "catalog").exists()
    until_hit(trial, 1, reference.seconds, bool)
    before = tree(folder / "ws" / "r")
    fails(1, *reference.arguments(), ws=folder / "ws")
    assert tree(folder / "ws" / "r") == before


def test_resume_with_another_configuration_is_refused_or_keeps_what_was_there(references, folder, long_market):
    reference = references["packed"]
    shutil.copytree(reference.folder, folder / "ws")
    other = write_config(folder / "other.json", [("SIM01", long_market)], [sma(3, 50)], [{"type": "trend", "window": 60}])
    error = fails(3, "sweep", other, "--run-id", "r", "--resume", ws=folder / "ws")
    assert "metrics" in error["message"] and error["hint"]
    assert {r["strategy_id"]: r for r in scan_rows("r", folder / "ws")} == reference.rows
    assert ok("verify", "r", ws=folder / "ws")["faults"] == []


def test_resume_on_a_run_that_never_began_starts_it(references, folder):
    resume_and_compare(references["packed"], folder / "ws", threads=1)


# Every system call of a small sweep


TRACED = "openat,write,fsync,rename,mkdir,unlink,unlinkat,rmdir,flock,pwrite64,ftruncate"
CALL = re.compile(r"^(\d+)\s+(\w+)\((.*)")


def strace_works():
    if shutil.which("strace") is None: return False
    return subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True).returncode == 0


needs_strace = pytest.mark.skipif(not strace_works(), reason="strace is not here, or may not trace")


class Traced:
    """A small sweep whose calls that touch the workspace (or stdout) are known one by one."""

    def __init__(self, config, options, folder, environment_=None):
        self.config, self.options, self.env = config, options, environment_
        ok(*self.arguments(), ws=folder / "reference", threads=1)
        self.rows, self.signals = contents("r", folder / "reference", folder / "scratch")
        log = folder / "log"
        self.strace(["-e", f"trace={TRACED}", "-o", log], folder / "traced")
        self.points = self.read(log.read_text(), str(folder / "traced"))

    def arguments(self):
        return ["sweep", self.config, "--run-id", "r", *self.options]

    def strace(self, options, ws, resume=False):
        argv = ["strace", "-f", "-qq", *map(str, options)] + command(*self.arguments(), *(["--resume"] if resume else []), ws=ws, threads=1)
        return run_command(argv)

    def read(self, log, ws):
        """(call, k, what) of every call on the workspace or stdout; k counts the calls of that name in the first thread, as strace does."""
        lines = [CALL.match(line) for line in log.splitlines()]
        lines = [(m[1], m[2], m[3]) for m in lines if m]
        first = lines[0][0]
        counts, points, ours = Counter(), [], set()
        for thread, call, rest in lines:
            name = re.search(r'"([^"]*)"', rest)
            descriptor = re.match(r"(\d+)", rest)
            opened = re.search(r"= (\d+)$", rest)
            if call == "openat" and opened:
                (ours.add if name and name[1].startswith(ws) else ours.discard)(opened[1])
            inside = (name and name[1].startswith(ws) and call not in ("write", "pwrite64")) or (
                call in ("write", "fsync", "flock", "ftruncate", "pwrite64") and descriptor and (descriptor[1] in ours or (call == "write" and descriptor[1] == "1")))
            if thread != first:
                assert not inside, f"{call}({rest} is made by a second thread: this test would not reach it"
                continue
            counts[call] += 1
            if inside:
                points.append((call, counts[call], rest))
        return points


@pytest.fixture(scope="module")
def traced_as(session_folder, market):
    made = {}
    def make(kind):
        if kind not in made: made[kind] = trace(kind, session_folder, market)
        return made[kind]
    return make


def trace(kind, session_folder, market):
    folder = session_folder / f"traced-{kind}"
    folder.mkdir()
    config = write_config(folder / "c.json", [("SIM01", market.sim01)], [sma([3, 5], 20)] if kind == "files" else [sma([3, 4, 5], 20)],
                          [{"type": "trend", "window": w} for w in ([50, 60] if kind == "files" else [50])], ppy=252)  # of two there is a consensus
    options = {"packed": ["--layout", "packed"], "files": ["--layout", "files"], "top": ["--layout", "packed", "--keep-signals", "top:2"]}[kind]
    return Traced(config, options, folder)


def visible_part(traced, ws):
    seen = tw("scan", "r", "--limit", 0, ws=ws)
    assert seen.rc in (0, 1, 4), f"exit {seen.rc}: {seen.out} {seen.err}"
    if seen.rc == 1: assert not (ws / "r" / "catalog").is_dir(), seen.out
    for row in (seen.js or {}).get("rows", []):
        assert row == traced.rows[row["strategy_id"]]
    return len((seen.js or {}).get("rows", []))


def resumed_equals(traced, ws):
    ok(*traced.arguments(), "--resume", ws=ws, threads=1)
    check_whole(traced, ws)


def at_every_call(traced, folder, calls, fault, check):
    points = [(call, k, what) for call, k, what in traced.points if call in calls]
    if fault.startswith("signal"): points = [p for p in points if p[0] != "openat" or "O_CREAT" in p[2]]  # a kill at a mere read is one at the next change
    assert len(points) > 10

    def trial(indexed):
        index, (call, k, what) = indexed
        place = folder / str(index)
        place.mkdir()
        done = traced.strace(["-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={k}", "-o", "/dev/null"], place / "ws")
        where = f"{fault} at {call} {k}: {call}({what}"
        try:
            check(done, call, what)
            visible_part(traced, place / "ws")
            resumed_equals(traced, place / "ws")
        except AssertionError as error:
            return f"{where}: {error}"
        finally:
            shutil.rmtree(place)
        return None

    found = [problem for problem in in_parallel(trial, list(enumerate(points))) if problem]
    assert found == [], f"{len(found)} of {len(points)} calls:\n" + "\n".join(found[:10])


@needs_strace
@pytest.mark.parametrize("kind", ["files", "packed", "top"])
def test_killed_at_every_system_call(traced_as, folder, kind):
    def check(done, call, what):
        assert done.rc in (-signal.SIGKILL, 128 + signal.SIGKILL), f"exit {done.rc}"
    more = set() if kind == "packed" else {"openat", "mkdir", "unlink", "unlinkat"}
    at_every_call(traced_as(kind), folder, {"write", "fsync", "rename", *more}, "signal=KILL", check)


@needs_strace
@pytest.mark.parametrize("kind, errno", [("files", "EIO"), ("top", "ENOSPC")])
def test_every_refused_write_is_reported(traced_as, folder, kind, errno):
    text = {"ENOSPC": "No space left on device", "EIO": "Input/output error"}[errno]

    def check(done, call, what):
        assert done.rc == 1, f"exit {done.rc}: {done.out[:300]}"
        if what.startswith("1,"): return  # stdout itself was refused: the exit code says it
        assert done.js and done.js["schema"] == "tradewind.error/1", done.out
        assert text in done.js["message"], done.js
        assert done.js["where"], done.js
        if errno == "ENOSPC": assert "space" in done.js["hint"], done.js

    at_every_call(traced_as(kind), folder, {"write", "fsync", "rename", "mkdir"}, f"error={errno}", check)


@needs_strace
def test_too_many_open_files_is_reported(traced_as, folder):
    def check(done, call, what):
        if done.rc == 0: return  # a file whose absence is normal; that the run is whole is checked below
        assert done.rc == 1 and done.js["schema"] == "tradewind.error/1" and done.js["message"], done.out
    at_every_call(traced_as("top"), folder, {"openat"}, "error=EMFILE", check)


# The comparison above can fail


def test_the_comparison_sees_a_tampered_row_and_a_tampered_signal(references, folder):
    reference = references["packed"]
    shutil.copytree(reference.folder, folder / "ws")
    segment = next((folder / "ws" / "r" / "catalog").glob("*.arrow"))
    table = pa.ipc.open_file(segment).read_all()
    trades = table["total_trades"].to_pylist()
    trades[100] += 1
    at = table.schema.get_field_index("total_trades")
    table = table.set_column(at, table.schema.field(at), pa.array(trades, pa.int64())).combine_chunks()
    def put(changed):
        with pa.ipc.new_file(segment, changed.schema) as out:
            out.write_batch(changed.to_batches()[0])
    put(table)
    assert "not what was written" in fails(1, "scan", "r", ws=folder / "ws")["message"], "the segment's own checksums tell"
    put(table.replace_schema_metadata({k: v for k, v in table.schema.metadata.items() if k not in (b"tradewind.pages", b"tradewind.frame")}))  # a forger takes them out
    rows, signals = contents("r", folder / "ws", folder / "scratch")
    assert rows != reference.rows and [k for k in rows if rows[k] != reference.rows[k]] == [table["strategy_id"][100].as_py()]
    assert tw("verify", "r", ws=folder / "ws").rc == 1
    one = next(iter(signals))
    assert signals | {one: "0"} != reference.signals
    with pytest.raises(AssertionError):
        resume_and_compare(reference, folder / "ws")


# Readers and further writers


def looks_at_a_run_being_written(reference, ws):
    process = start(*reference.arguments(), ws=ws, threads=1)
    counts = []
    while process.poll() is None:
        seen = tw("scan", "r", "--limit", 1, ws=ws)
        if seen.rc == 1 and not counts and "no run" in seen.js["message"] + seen.js["hint"] or seen.rc == 1 and not counts: continue  # not there yet
        assert seen.rc in (0, 4), seen.out
        counts.append(seen.js["matched"] if seen.rc == 0 else 0)
        listed = tw("runs", ws=ws)
        assert listed.rc == 0 and all("fault" not in r for r in listed.js["rows"]), listed.out
    stop(process)
    assert process.returncode == 0
    counts.append(ok("scan", "r", ws=ws)["matched"])
    assert counts == sorted(counts) and counts[-1] == len(reference.rows)
    return len(counts)


def test_readers_never_fail_while_a_run_is_written(references, folder):
    # On a machine with much to do the sweep may be over before anybody has looked often enough.
    looks = 0
    for attempt in range(5):
        looks = max(looks, looks_at_a_run_being_written(references["files"], folder / f"ws{attempt}"))
        if looks > 3: break
    assert looks > 3


def test_readers_never_fail_while_a_run_is_repacked(references, folder):
    reference = references["packed"]
    shutil.copytree(reference.folder, folder / "ws")
    for action in ("unpack", "pack"):
        process = start(action, "r", ws=folder / "ws")
        looks = 0
        while process.poll() is None:
            assert ok("scan", "r", "--limit", 1, ws=folder / "ws")["matched"] == len(reference.rows)
            looks += 1
        out, err = stop(process)
        assert process.returncode == 0, err
        assert looks > 1
    check_whole(reference, folder / "ws")


@pytest.mark.parametrize("layout", ["files", "packed"])
def test_killed_while_repacking(references, folder, layout):
    """pack and unpack, killed at any moment, lose nothing and can be called again."""
    reference = references["packed" if layout == "files" else "files"]
    action = "unpack" if layout == "files" else "pack"
    source = random.Random(SEED + 3)

    def trial(index):
        place = folder / str(index)
        place.mkdir()
        shutil.copytree(reference.folder, place / "ws")
        process = start(action, "r", ws=place / "ws")
        time.sleep(0.02 + 0.12 * index + source.uniform(0, 0.1))
        stop(process)
        assert {r["strategy_id"]: r for r in scan_rows("r", place / "ws")} == reference.rows
        ok(action, "r", ws=place / "ws")
        check_whole(reference, place / "ws")
        shutil.rmtree(place)

    in_parallel(trial, range(4))


def test_two_writers_of_one_run_both_land(folder, market):
    first = write_config(folder / "a.json", [("SIM01", market.sim01)], [sma((3, 12), (20, 40))], [{"type": "trend", "window": 50}], ppy=252)
    second = write_config(folder / "b.json", [("SIM01", market.sim01)], [{"type": "rsi_reversion", "window": {"from": 5, "to": 14}, "lower": {"from": 20, "to": 39}, "upper": 70}],
                          [{"type": "trend", "window": 60}, {"type": "volatility_terciles", "window": 20}], ppy=252)
    alone = {}
    for name, config in (("a", first), ("b", second)):
        ok("sweep", config, "--run-id", "r", ws=folder / name)
        alone |= {r["strategy_id"]: r for r in scan_rows("r", folder / name)}
    for attempt in range(4):
        ws = folder / f"both-{attempt}"
        layout = ["--layout", "packed" if attempt % 2 else "files"]
        processes = [start("sweep", config, "--run-id", "r", "--writer", name, *layout, ws=ws, threads=1) for name, config in (("a", first), ("b", second))]
        for process in processes:
            out, err = stop(process, 0)
            assert process.returncode == 0, err
        def without_nulls(row): return {k: v for k, v in row.items() if v is not None}
        rows = {r["strategy_id"]: r for r in scan_rows("r", ws)}
        assert {k: without_nulls(r) for k, r in rows.items()} == {k: without_nulls(r) for k, r in alone.items()}
        verified = tw("verify", "r", ws=ws)
        assert verified.rc == 0 and verified.js["unprotected"] == [], verified.out
        assert len({p.name for p in (ws / "r" / "catalog").glob("*.writer")}) == 2
        about = json.loads((ws / "r" / "metadata.json").read_text())
        assert about["total_strategies"] == len(alone) and about["total_classifiers"] == 3 and about["status"] == "complete"


def test_many_writers_that_finish_together(folder, market):
    """Summaries and metadata.json are shared: nobody fails over them and the last to finish counts all."""
    for attempt in range(3):
        ws = folder / str(attempt)
        configs = [write_config(folder / f"{i}.json", [("SIM01", market.sim01)], [sma(3 + i, [20, 30])], [{"type": "trend", "window": 50 + i}], ppy=252) for i in range(6)]
        processes = [start("sweep", config, "--run-id", "r", "--writer", f"w{i}", ws=ws, threads=1) for i, config in enumerate(configs)]
        for process in processes:
            out, err = stop(process, 0)
            assert process.returncode == 0, err
        verified = ok("verify", "r", ws=ws)
        assert verified["faults"] == [] and verified["unprotected"] == []
        about = json.loads((ws / "r" / "metadata.json").read_text())
        assert about["total_strategies"] == len(scan_rows("r", ws)) == 12 and about["total_classifiers"] == 6


@pytest.mark.parametrize("layout", ["files", "packed"])
def test_writers_with_strategies_in_common(folder, market, layout):
    """Started in the same moment, one of them is refused before it writes a byte; the run is whole and counts every strategy once."""
    first = write_config(folder / "a.json", [("SIM01", market.sim01)], [sma((3, 30), (40, 60))], ppy=252)
    second = write_config(folder / "b.json", [("SIM01", market.sim01)], [sma((20, 35), (50, 70))], ppy=252)
    size = {"a": 28 * 21, "b": 16 * 21}
    for attempt in range(6):
        ws = folder / str(attempt)
        processes = {name: start("sweep", config, "--run-id", "r", "--writer", name, "--layout", layout, ws=ws, threads=1) for name, config in (("a", first), ("b", second))}
        ended = {name: (stop(process, 0), process.returncode) for name, process in processes.items()}
        won = [name for name, (_, code) in ended.items() if code == 0]
        assert len(won) == 1, ended
        lost = json.loads(next(out for name, ((out, _), code) in ended.items() if code != 0))
        assert f"belong to writer '{won[0]}'" in lost["message"] and "--run-id" in lost["hint"], lost
        verified = ok("verify", "r", ws=ws)
        assert verified["faults"] == [] and verified["unprotected"] == []
        assert len(scan_rows("r", ws)) == size[won[0]] and [p.name for p in (ws / "r" / "catalog").glob("*.writer")] == [f"{won[0]}.0.writer"]
    fails(1, "sweep", first if won == ["b"] else second, "--run-id", "r", "--writer", "late", ws=ws)


def test_a_further_writer_under_other_conditions_is_refused(folder, ws, market):
    def config(name, data=market.sim01, ppy=252, **execution): return write_config(folder / f"{name}.json", [("SIM01", data)], [sma(3, [20, 30])], ppy=ppy, **execution)
    ok("sweep", config("a", commission="10bps"), "--run-id", "r", "--writer", "a", ws=ws)
    about = (ws / "r" / "metadata.json").read_bytes()
    other = folder / "other.csv"
    other.write_text("\n".join(Path(market.sim01).read_text().splitlines()[:-1]) + "\n")
    for name, more, words in (("commission", {"commission": "20bps"}, ["commission", "0.001", "0.002"]),
                              ("fill", {"commission": "10bps", "fill": "next_close"}, ["fill", "next_open", "next_close"]),
                              ("ppy", {"commission": "10bps", "ppy": 365}, ["periods_per_year", "252", "365"]),
                              ("data", {"commission": "10bps", "data": other}, ["data SIM01"])):
        error = fails(3, "sweep", config(name, **more), "--run-id", "r", "--writer", "b", ws=ws)
        assert all(word in error["message"] for word in words), error
        assert error["where"].endswith("metadata.json") and "--run-id" in error["hint"]
    assert (ws / "r" / "metadata.json").read_bytes() == about
    assert len(list((ws / "r" / "catalog").glob("*.writer"))) == 1, "a refused writer takes no name"
    more = write_config(folder / "b.json", [("SIM01", market.sim01)], [sma(4, [20, 30])], ppy=252, commission="0.1%")
    ok("sweep", more, "--run-id", "r", "--writer", "b", ws=ws)
    about = json.loads((ws / "r" / "metadata.json").read_text())
    assert about["total_strategies"] == 4 and list(about["configs"]) == ["b"]
    assert about["config"]["strategies"] != about["configs"]["b"]["strategies"]
    assert ok("verify", "r", ws=ws)["unprotected"] == []


def test_a_writers_name_in_use_is_refused(references, folder):
    reference = references["files"]
    process = start(*reference.arguments(), ws=folder / "ws", threads=1)
    begin = time.monotonic()
    while not list((folder / "ws" / "r" / "signals").glob("SIM*")) and time.monotonic() < begin + 30:
        time.sleep(0.005)  # until it writes: what it will write is announced by then
    process.send_signal(signal.SIGSTOP)  # it holds its name while others ask for it, however busy the machine is
    for more in ([], ["--resume"]):
        error = fails(1, *reference.arguments(), *more, ws=folder / "ws")
        assert "writer" in error["hint"] or "writer" in error["message"]
    assert process.poll() is None, "the first writer ended too early for this test"
    process.send_signal(signal.SIGCONT)
    stop(process, 0)
    assert process.returncode == 0
    assert {r["strategy_id"]: r for r in scan_rows("r", folder / "ws")} == reference.rows


def test_writer_names_are_checked(folder, ws, small_config):
    for name in ("../x", "a/b", "", ".", "upkeep", "a.b", "-a", "x" * 65):
        fails(2, "sweep", small_config, "--run-id", "r", f"--writer={name}", ws=ws)
    assert not (ws / "r").exists()
