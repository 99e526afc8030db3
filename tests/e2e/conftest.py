# SPDX-License-Identifier: Apache-2.0
"""Drives the tradewind command the way a user does.

The command is $TRADEWIND_BIN, else build/release/bin/tradewind. Files go to memory where the system has /dev/shm, so that a sync costs
nothing; the program under test behaves the same.
"""
import contextlib
import hashlib
import http.server
import json
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

REPO = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("TRADEWIND_BIN") or REPO / "build/release/bin/tradewind").absolute()
SHARED = Path(os.environ.get("TRADEWIND_SHARED") or REPO.parent / "shared")
# A command built with sanitizers (TRADEWIND_APPS=ON in the preset asan) is several times slower and reserves address space beyond any limit.
SANITIZED = BIN.exists() and b"__asan_init" in BIN.read_bytes()
SLOWER = 8 if SANITIZED else 1
HANG = 120 * SLOWER  # seconds after which a command counts as hung

METRICS = """total_return annualized_return volatility sharpe_ratio sortino_ratio max_drawdown calmar_ratio win_rate bar_win_rate
profit_factor avg_win avg_loss largest_win largest_loss gross_return net_return total_costs cost_per_trade gross_sharpe net_sharpe
cost_impact""".split()


def pytest_configure(config):
    config.addinivalue_line("markers", "long: left to the long form of the tests")
    config.addinivalue_line("markers", "shared: needs the shared folder of data and oracles")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason=f"no shared folder at {SHARED} (set TRADEWIND_SHARED)"))


@pytest.fixture(scope="session", autouse=True)
def _binary():
    assert BIN.exists(), f"{BIN} is not built (set TRADEWIND_BIN)"


@pytest.fixture(scope="session")
def session_folder():
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="tradewind-e2e-", dir=memory))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def folder(session_folder):
    """A folder of the test's own."""
    path = Path(tempfile.mkdtemp(dir=session_folder))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def ws(folder):
    return folder / "ws"


def environment(extra=None):
    if SANITIZED: extra = {"UBSAN_OPTIONS": "print_stacktrace=1", **(extra or {})}
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TRADEWIND_") and k not in ("SOURCE_DATE_EPOCH", "NO_COLOR", "CI")}
    return {**clean, **(extra or {})}


def limit(**most):
    """What to give as `limits`: most=number by the name of the limit, e.g. AS for RLIMIT_AS."""
    def set_limits():
        for name, value in most.items():
            if SANITIZED and name in ("AS", "DATA"): continue  # a sanitizer's shadow memory is larger than any
            value *= SLOWER if name == "CPU" else 1
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
    return set_limits


def no_report(err):
    """What a sanitizer found fails the test, whatever the test is about."""
    assert not SANITIZED or not any(words in err for words in ("Sanitizer:", "runtime error:", "Sanitizer has encountered")), err
    return err


def command(*args, ws=None, threads=None, json_=True, quiet=True):
    """The argument list of a call."""
    head = [str(BIN)]
    if ws is not None: head += ["--workspace", str(ws)]
    if json_: head += ["--json"]
    if quiet: head += ["--quiet"]
    if threads is not None: head += ["--threads", str(threads)]
    return head + [str(a) for a in args]


@contextlib.contextmanager
def serving(handler, tls=None):
    """A web server on this machine that answers by `handler`, over TLS with an SSLContext; gives its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if tls is not None: server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Listener:
    """Keeps the events that are posted to its handler; `slow` keeps every answer back for so many seconds."""

    def __init__(self, slow=0):
        self.events = []
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(slow)
                listener.events.append(json.loads(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.handler = Handler

    def changes(self):
        """(what, of which strategy) of each session.changed."""
        return [(e["data"]["change"], e["data"]["strategy"]) for e in self.events]


def run_command(argv, env=None, cwd=None, timeout=HANG, limits=None):
    """`limits`: called in the process before the command starts (`limit`)."""
    if SANITIZED and argv[0] == "strace": env = {"ASAN_OPTIONS": "detect_leaks=0", **(env or {})}  # leaks cannot be looked for under ptrace
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, env=environment(env), cwd=cwd, timeout=timeout * SLOWER if timeout != HANG else HANG, preexec_fn=limits)
    out, err = done.stdout.decode(), no_report(done.stderr.decode())
    try:
        js = json.loads(out)
    except ValueError:
        js = None
    return SimpleNamespace(rc=done.returncode, out=out, err=err, js=js)


def tw(*args, ws=None, threads=None, json_=True, quiet=True, env=None, cwd=None, timeout=HANG, limits=None):
    """Runs a command; nothing is asserted."""
    return run_command(command(*args, ws=ws, threads=threads, json_=json_, quiet=quiet), env=env, cwd=cwd, timeout=timeout, limits=limits)


def ok(*args, **options):
    """Runs a command that must succeed and gives its object."""
    done = tw(*args, **options)
    assert done.rc == 0, f"{args}: exit {done.rc}\n{done.out}\n{done.err}"
    assert isinstance(done.js, dict), done.out
    return done.js


def fails(code, *args, **options):
    """Runs a command that must fail with this exit code and gives its error object, which is all of stdout."""
    done = tw(*args, **options)
    assert done.rc == code, f"{args}: exit {done.rc}, expected {code}\n{done.out}\n{done.err}"
    assert isinstance(done.js, dict) and done.js["schema"] == "tradewind.error/1", done.out
    for key in ("code", "message", "where", "hint"):
        assert key in done.js, f"error object lacks {key}: {done.out}"
    assert done.js["message"].strip(), done.out
    return done.js


def start(*args, env=None, **options):
    """Starts a command in the background, with its own process group."""
    return subprocess.Popen(command(*args, **options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(env),
                            start_new_session=True)


def wait_for(condition, seconds=20):
    deadline = time.time() + seconds
    while not condition():
        assert time.time() < deadline, "waited in vain"
        time.sleep(0.02)


def stop(process, how=signal.SIGKILL):
    try:
        process.send_signal(how)
    except ProcessLookupError:
        pass
    out, err = process.communicate(timeout=HANG)
    no_report((err or b"").decode(errors="replace"))
    return out, err


def sleep_until(moment):
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(left)


def write_config(path, data, strategies, classifiers=(), ppy=1638, **execution):
    """Writes a sweep configuration (JSON, which is YAML) and gives its path."""
    document = {"data": [{"symbol": s, "path": str(p)} for s, p in data], "annualization": {"periods_per_year": ppy}, "strategies": list(strategies)}
    if execution: document["execution"] = execution
    if classifiers: document["classifiers"] = list(classifiers)
    Path(path).write_text(json.dumps(document))
    return Path(path)


def sma(fast, slow, **more):
    def axis(a): return {"from": a[0], "to": a[1]} if isinstance(a, tuple) else a
    return {"type": "sma_cross", "fast": axis(fast), "slow": axis(slow), **more}


def scan_rows(run, ws, *more):
    return ok("scan", run, "--limit", 0, "--sort", "strategy_id:asc", *more, ws=ws)["rows"]


def tree(run, *, without=()):
    """path -> SHA-256 of every file of a run."""
    run = Path(run)
    return {str(p.relative_to(run)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(run.rglob("*")) if p.is_file() and str(p.relative_to(run)) not in without}


def unpacked_signals(run, ws, scratch=None):
    """strategy_id -> SHA-256 of its signals.parquet, unpacked in a copy if there is room for one, so that the run stays as it is."""
    if scratch is not None:
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(Path(ws) / run, Path(scratch) / run)
        ws = scratch
    ok("unpack", run, ws=ws)
    found = {p.parent.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (Path(ws) / run / "signals").glob("*/signals.parquet")}
    if scratch is not None: shutil.rmtree(scratch)
    return found


def contents(run, ws, scratch=None):
    """All a user can see of a run: catalog rows and every strategy's signals. Without `scratch` the run is left unpacked."""
    return {r["strategy_id"]: r for r in scan_rows(run, ws)}, unpacked_signals(run, ws, scratch)


@pytest.fixture(scope="session")
def market(session_folder):
    """Two simulated symbols: 1,200 daily bars each."""
    out = session_folder / "market"
    ok("data", "simulate", "--out", out, "--symbols", 2, "--bars", 1200, "--seed", 7)
    return SimpleNamespace(sim01=out / "SIM01.csv", sim02=out / "SIM02.csv", folder=out)


@pytest.fixture(scope="session")
def long_market(session_folder):
    """One simulated symbol of 3,000 hourly bars."""
    out = session_folder / "long.csv"
    ok("data", "simulate", "--out", out, "--bars", 3000, "--interval", "1h", "--seed", 11)
    return out


@pytest.fixture(scope="session")
def small_config(session_folder, market):
    """Two symbols, three kinds of strategies in both directions, two classifiers: 68 strategies."""
    return write_config(session_folder / "small.json", [("SIM01", market.sim01), ("SIM02", market.sim02)],
                        [sma((3, 8), [20, 40]), {"type": "rsi_reversion", "direction": "long_short", "window": [7, 14], "lower": [20, 30], "upper": [70, 80]},
                         {"type": "donchian_breakout", "direction": "long_short", "entry": {"from": 10, "to": 60, "step": 5}, "exit": 10},
                         {"type": "macd", "direction": "long_short", "fast": [5, 12], "slow": 26, "signal": 9},
                         {"type": "zscore_reversion", "window": 100, "entry": 50}],
                        [{"type": "volatility_terciles", "window": 20}, {"type": "trend", "window": 100}], ppy=252)
