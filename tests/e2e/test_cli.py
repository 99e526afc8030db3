# SPDX-License-Identifier: Apache-2.0
"""The command line itself: one JSON object or an error object, progress on stderr only, exit codes, help, environment, bombs."""
import json
import os
import pty
import re
import shutil
import subprocess

import pytest
from conftest import BIN, HANG, command, environment, fails, limit, ok, run_command, sma, tw, write_config

COMMANDS = ["data", "data import", "data info", "data simulate", "sweep", "types", "runs", "runs delete", "scan", "export", "import-signals", "import-returns", "pack", "unpack", "reindex", "verify", "replay", "metrics",
            "regimes", "overfit", "analyze", "report", "workflow", "live", "demo", "doctor", "completions"]
ESCAPE = "\x1b"


@pytest.fixture(scope="module")
def ws(session_folder, small_config):
    folder = session_folder / "cli"
    ok("sweep", small_config, "--run-id", "r", ws=folder)
    return folder


def listed_commands():
    text = run_command([str(BIN), "--help"]).out
    return re.findall(r"^  ([a-z][a-z-]*) ", text.split("Subcommands:")[1], re.M)


def test_every_command_has_help():
    listed = listed_commands()
    assert set(listed) >= {c.split()[0] for c in COMMANDS}
    for name in listed: test_help(name)


@pytest.mark.parametrize("name", ["", *(c for c in COMMANDS if " " in c)])
def test_help(name):
    for flag in ("--help", "-h"):
        done = run_command([str(BIN), *name.split(), flag])
        assert done.rc == 0 and "Usage:" in done.out and done.err == "" and ESCAPE not in done.out
    assert len(done.out.splitlines()) > 3


def test_version():
    done = run_command([str(BIN), "--version"])
    assert done.rc == 0 and re.fullmatch(r"\d+\.\d+\.\d+\S*\n", done.out)


# Failures


@pytest.mark.parametrize("code, arguments", [
    (2, []), (2, ["nonsense"]), (2, ["scan", "--nonsense"]), (2, ["scan", "r", "--limit", "x"]), (2, ["scan", "r", "--limit", "-1"]), (2, ["sweep"]), (2, ["sweep", "c.yaml", "--trace", "-1"]), (2, ["replay"]), (2, ["data"]),
    (2, ["data", "import"]), (2, ["data", "import", "a.csv"]), (2, ["data", "import", "a.csv", "--out", "b.csv", "--on-error", "maybe"]), (2, ["export", "r"]), (2, ["verify"]),
    (2, ["metrics"]), (2, ["analyze"]), (2, ["report", "r"]), (2, ["workflow"]), (2, ["--threads", "-1", "runs"]), (2, ["--threads", "x", "runs"]), (2, ["sweep", "--writer"]), (2, ["completions", "tcsh"]),
    (2, ["scan", "r", "--where", "net_sharpe >"]), (2, ["scan", "r", "--where", "nothing_such > 1"]), (2, ["scan", "r", "--sort", "net_sharpe:up"]), (2, ["scan", "../r"]),
    (1, ["scan", "nothing"]), (1, ["replay", "nothing", "x"]), (1, ["verify", "nothing"]), (1, ["pack", "nothing"]), (1, ["unpack", "nothing"]), (1, ["reindex", "nothing"]),
    (1, ["sweep", "nothing.yaml"]), (1, ["metrics", "nothing.csv", "--periods-per-year", "252"]), (1, ["data", "info", "nothing.csv"]), (1, ["export", "nothing", "--out", "x.csv"]),
    (1, ["import-signals", "nothing", "--run-id", "x"]), (1, ["data", "import", "nothing.csv", "--out", "b.csv"]),
    (4, ["scan", "r", "--where", "total_trades < 0"]),
])
def test_every_failure_is_one_error_object(ws, folder, code, arguments):
    for arguments_ in (["--workspace", str(ws), "--json", *arguments], [*arguments, "--json", "--workspace", str(ws)]):
        done = run_command([str(BIN), *arguments_], cwd=folder)
        assert done.rc == code, f"{arguments_}: exit {done.rc}, {done.out} {done.err}"
        assert isinstance(done.js, dict), f"{arguments_}: {done.out!r}"
        assert done.js["schema"] == "tradewind.error/1" and {"code", "message", "where", "hint"} <= set(done.js)
        assert done.js["message"] and re.fullmatch(r"TW\d{4}", done.js["code"])
        assert done.js["message"] in done.err and ESCAPE not in done.out + done.err
    plain = run_command([str(BIN), "--workspace", str(ws), *arguments], cwd=folder)
    assert plain.rc == code and plain.out == "" and "error TW" in plain.err
    assert list(folder.iterdir()) == []


def test_a_number_that_is_too_small_is_told_in_a_line(ws):
    for number, says in ((-1, "-1 is below 0"), ("x", "'x' is not a number")):
        assert says in fails(2, "scan", "r", f"--limit={number}", ws=ws)["message"]


def test_a_workspace_that_is_not_there(folder):
    for arguments in (["scan"], ["runs"], ["scan", "r"], ["verify", "r"]):
        error = fails(1, *arguments, ws=folder / "nowhere")
        assert "nowhere" in error["where"] + error["message"]
    assert not (folder / "nowhere").exists()


def test_a_workspace_that_is_a_file(folder, small_config):
    (folder / "file").write_text("")
    for arguments in (["scan"], ["runs"], ["sweep", small_config]):
        fails(1, *arguments, ws=folder / "file")


def test_a_full_stdout_is_an_error(ws):
    with open("/dev/full", "w") as full:
        for arguments in (["runs"], ["scan", "r", "--limit", "0"]):
            for json_ in (True, False):
                done = subprocess.run(command(*arguments, ws=ws, json_=json_), stdout=full, stderr=subprocess.PIPE, env=environment(), timeout=HANG)
                assert done.returncode == 1 and b"stdout" in done.stderr


def test_a_closed_pipe_is_no_crash(ws):
    process = subprocess.Popen(command("scan", "r", "--limit", 0, ws=ws), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    process.stdout.close()
    process.stderr.read()
    assert process.wait(timeout=HANG) in (0, 1)


# Output


def successes(ws, folder, small_config, market):
    first = ok("scan", "r", "--limit", 1, ws=ws)["rows"][0]["strategy_id"]
    return [["runs"], ["scan"], ["scan", "r", "--columns", "strategy_id"], ["types"], ["doctor"], ["verify", "r"], ["replay", "r", first], ["data", "info", market.sim01],
            ["export", "r", "--out", folder / "e.csv"], ["data", "simulate", "--out", folder / "s.csv", "--bars", 50], ["sweep", small_config, "--run-id", "new", "--resume"],
            ["completions", "bash"]]


def test_stdout_is_one_object_and_stderr_silent_when_quiet(ws, folder, small_config, market):
    for arguments in successes(ws, folder, small_config, market):
        done = tw(*arguments, ws=ws)
        assert done.rc == 0, done.err
        assert isinstance(done.js, dict) and re.fullmatch(r"tradewind\.[a-z_]+/\d+", done.js["schema"]), done.out[:200]
        assert done.err == "", (arguments, done.err)
        assert "NaN" not in done.out and "Infinity" not in done.out


def test_progress_goes_to_stderr_only(ws, folder, small_config, market):
    for arguments in successes(ws, folder, small_config, market):
        loud, quiet = (tw(*arguments, ws=ws, quiet=q) for q in (False, True))
        assert loud.rc == quiet.rc == 0 and isinstance(loud.js, dict)
    loud = tw("sweep", small_config, "--run-id", "loud", ws=ws, quiet=False)
    assert "sweep" in loud.err and isinstance(loud.js, dict)
    plain = tw("sweep", small_config, "--run-id", "plain", ws=ws, quiet=False, json_=False)
    assert "100%" not in plain.out and "complete" in plain.out


def test_no_escape_sequences_away_from_a_terminal(ws, folder, small_config, market):
    for arguments in successes(ws, folder, small_config, market):
        for env in ({}, {"NO_COLOR": "1"}, {"TERM": "xterm-256color"}):
            done = tw(*arguments, ws=ws, json_=False, quiet=False, env=env)
            assert done.rc == 0 and ESCAPE not in done.out + done.err, arguments
            assert done.out.strip()


def on_terminal(argv, env):
    """stdout of a command that believes it writes to a terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=follower, stderr=subprocess.DEVNULL, env=environment(env))
    os.close(follower)
    seen = b""
    while True:
        try:
            chunk = os.read(leader, 65536)
        except OSError:
            break
        if not chunk: break
        seen += chunk
    os.close(leader)
    assert process.wait(timeout=HANG) == 0
    return seen.decode()


def test_colour_on_a_terminal_unless_refused(ws):
    argv = command("scan", "r", ws=ws, json_=False)
    assert ESCAPE in on_terminal(argv, {"TERM": "xterm-256color"})
    assert ESCAPE not in on_terminal(argv, {"TERM": "xterm-256color", "NO_COLOR": "1"})
    assert ESCAPE not in on_terminal(argv, {"TERM": "dumb"})
    assert ESCAPE not in on_terminal(command("scan", "r", ws=ws, json_=True), {"TERM": "xterm-256color"})


def test_hostile_text_in_a_file_does_not_reach_the_terminal(folder, ws, market):
    """Names and cells from files are shown without control characters."""
    (folder / "c.yaml").write_text('data: [{symbol: S, path: x.csv}]\n"evil\\e[31m\\e]0;x\\a": 1\nstrategies: [{type: "sma\\e[2J", fast: 3}]\n')
    for json_ in (True, False):
        done = tw("sweep", folder / "c.yaml", ws=ws, json_=json_)
        assert done.rc == 3 and not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", done.out + done.err), repr(done.err)
    lines = market.sim01.read_text().splitlines()
    lines[5] = lines[5].replace(lines[5].split(",")[4], "\x1b[31mred")
    (folder / "evil.csv").write_text("\n".join(lines) + "\n")
    for json_ in (True, False):
        done = tw("data", "info", folder / "evil.csv", json_=json_)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", done.out + done.err), repr(done.out + done.err)


def test_hostile_text_of_a_workspace_is_shown_and_not_obeyed(folder, ws):
    """Escapes, a C1 control in one character, text that reads from right to left: in a file's name and in a run's metadata."""
    shutil.copytree(ws / "r", folder / "ws" / "r")
    evil = "\x1b]0;x\a\x9b31m\u202egpj.exe\u2066"
    (folder / "ws" / "r" / ("extra" + evil)).write_text("x")
    (folder / "ws" / ("run" + evil)).mkdir()
    (folder / "ws" / ("run" + evil) / "metadata.json").write_text("{}")
    hidden = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069]"
    shown = 0
    for arguments in (("verify", "r"), ("runs",), ("scan",), ("analyze", "run" + evil), ("live", "halt", "--session", evil)):
        for json_ in (True, False):
            done = tw(*arguments, ws=folder / "ws", json_=json_)
            text = done.out + done.err
            assert not re.search(hidden, text), repr(text)
            shown += "u202E" in text
            assert not json_ or isinstance(done.js, dict)
    assert shown >= 4


# Environment


def test_environment(ws, folder, small_config):
    assert run_command([str(BIN), "--json", "runs"], env={"TRADEWIND_WORKSPACE": str(ws)}).js["rows"]
    assert run_command([str(BIN), "runs"], env={"TRADEWIND_WORKSPACE": str(ws), "TRADEWIND_JSON": "1"}).js["rows"]
    # The flag wins
    assert run_command([str(BIN), "--json", "--workspace", str(ws), "runs"], env={"TRADEWIND_WORKSPACE": str(folder / "nowhere")}).rc == 0
    assert run_command([str(BIN), "--json", "runs"], env={"TRADEWIND_WORKSPACE": str(folder / "nowhere")}).rc == 1
    done = run_command([str(BIN), "--json", "--workspace", str(folder / "ws"), "sweep", str(small_config)], env={"TRADEWIND_QUIET": "1", "TRADEWIND_THREADS": "2"})
    assert done.rc == 0 and done.err == ""
    assert run_command([str(BIN), "--json", "runs"], env={"TRADEWIND_THREADS": "many"}).rc == 2
    # Without anything: ./workspaces
    ok("sweep", small_config, "--run-id", "here", cwd=folder)
    assert (folder / "workspaces" / "here" / "metadata.json").exists()


# Bombs


def refused(path, *more):
    """A bomb that went off would run out of this memory or of these seconds of work, and be killed; no other refusal needs a tenth."""
    error = fails(3, "sweep", path, *more, ws=path.parent / "ws", limits=limit(CPU=30, AS=2 << 30))
    assert not (path.parent / "ws").exists()
    return error


def test_a_yaml_bomb_is_refused(folder):
    lines = ['a0: &a0 ["x","x","x","x","x","x","x","x","x"]'] + [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    (folder / "bomb.yaml").write_text("\n".join(lines) + "\nstrategies: *a9\n")
    refused(folder / "bomb.yaml")
    (folder / "self.yaml").write_text("strategies: &a [*a]\ndata: &b {symbol: *b}\n")
    refused(folder / "self.yaml")


@pytest.mark.parametrize("opening, closing", [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("depth", [1_000, 100_000, 2_000_000])
def test_deep_documents_are_refused(folder, opening, closing, depth):
    (folder / "deep.json").write_text(opening * depth + "1" + closing * depth)
    refused(folder / "deep.json")
    (folder / "open.json").write_text(opening * depth)
    refused(folder / "open.json")


def test_deep_documents_of_a_workspace_are_damage(folder, ws):
    shutil.copytree(ws / "r", folder / "ws" / "r")
    deep = "[" * 200_000 + "]" * 200_000
    (folder / "ws" / "deep").mkdir()
    (folder / "ws" / "deep" / "metadata.json").write_text('{"run_id": "deep", "config": %s}' % deep)
    rows = ok("runs", ws=folder / "ws")["rows"]
    assert [row["run_id"] for row in rows if row["status"] == "damaged"] == ["deep"]
    for arguments in (("verify", "deep"), ("scan", "deep"), ("analyze", "deep")):
        done = tw(*arguments, ws=folder / "ws")
        assert done.rc in (1, 3) and isinstance(done.js, dict), (arguments, done.rc)


def test_huge_documents_are_refused(folder):
    (folder / "big.yaml").write_text("strategies:\n" + "  - {type: sma_cross}\n" * 2_000_000)
    refused(folder / "big.yaml")
    (folder / "wide.yaml").write_text("".join(f"key{i}: 1\n" for i in range(150_000)))
    refused(folder / "wide.yaml")
    (folder / "binary.yaml").write_bytes(bytes(range(256)) * 100)
    refused(folder / "binary.yaml")


@pytest.mark.parametrize("strategy", [
    sma((1, 100_000), (1, 100_000)), {"type": "macd", "fast": {"from": 1, "to": 2000}, "slow": {"from": 1, "to": 2000}, "signal": {"from": 1, "to": 2000}},
    {"type": "bollinger_reversion", "bands": {"from": 0, "to": 100, "step": 1e-9}}, {"type": "bollinger_reversion", "bands": {"from": 0, "to": 1e308}},
    {"type": "sma_cross", "fast": {"from": 1, "to": 6000}, "slow": {"from": 1, "to": 6000}, "where": "fast < slow"},
], ids=["1e10", "8e9", "tiny step", "overflow", "1.8e7"])
def test_a_huge_grid_is_refused(folder, market, strategy):
    error = refused(write_config(folder / "c.json", [("S", market.sim01)], [strategy]))
    assert error["message"]


def test_long_conditions_are_refused_or_answered(ws):
    for where in ("(" * 60_000 + "1" + ")" * 60_000 + " > 0", "not " * 30_000 + "(total_trades > 0)", "-" * 100_000 + "1 > 0", " and ".join(["total_trades >= 0"] * 5_000),
                  " or ".join(["1 > 0"] * 9_000), "+".join(["1"] * 5_000) + " > 0", "+".join(["1"] * 20_000) + " > 0"):
        done = tw("scan", "r", "--where", where, ws=ws)
        assert done.rc in (0, 2, 3), (done.rc, done.err[:200])
        assert isinstance(done.js, dict)


def test_sweep_config_in_yaml_and_json_are_the_same(folder, market):
    yaml = f"""
data:
  - {{symbol: SIM01, path: {market.sim01}}}
annualization: {{periods_per_year: 252}}
execution: {{fill: next_open, commission: 10bps, slippage: {{model: linear, rate: 5bps}}}}
strategies:
  - {{type: sma_cross, direction: long_only, fast: {{from: 5, to: 8}}, slow: [20, 30], where: fast < slow}}
"""
    (folder / "c.yaml").write_text(yaml)
    document = {"data": [{"symbol": "SIM01", "path": str(market.sim01)}], "annualization": {"periods_per_year": 252},
                "execution": {"fill": "next_open", "commission": "10bps", "slippage": {"model": "linear", "rate": "5bps"}},
                "strategies": [{"type": "sma_cross", "direction": "long_only", "fast": {"from": 5, "to": 8}, "slow": [20, 30], "where": "fast < slow"}]}
    (folder / "c.json").write_text(json.dumps(document))
    rows = []
    for name in ("c.yaml", "c.json"):
        ok("sweep", folder / name, "--run-id", "same", ws=folder / name.replace(".", "-"))
        rows.append(ok("scan", "same", "--limit", 0, ws=folder / name.replace(".", "-"))["rows"])
    assert rows[0] == rows[1] and len(rows[0]) == 8
