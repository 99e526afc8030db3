#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a paper session for some minutes and watches what the process holds: soak.py MINUTES. After a warm-up of a fifth of the time, descriptors and
threads must stay as they are and memory must not grow by more than 1 MB in ten minutes (least squares). Exit 1 otherwise."""
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(os.environ.get("TRADEWIND_BIN", ROOT / "build" / "release" / "bin" / "tradewind"))
CONFIG = """total_capital: 1000
cycle_interval: 0.1
strategies: {enabled: [arbitrage, momentum, statistical_arb, news], news: {memory: 1000}}
metrics_port: 0
"""  # cycles a hundred times as often as by default; the news kept are few, so that what has a bound reaches it while warming up


def sample(pid):
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["VmRSS"].split()[0]) / 1024, len(os.listdir(f"/proc/{pid}/fd")), int(status["Threads"])


def slope(points):
    n = len(points)
    mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    return sum((x - mx) * (y - my) for x, y in points) / max(1e-9, sum((x - mx) ** 2 for x, _ in points))


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "soak.yaml"
        config.write_text(CONFIG)
        process = subprocess.Popen([BIN, "--workspace", folder, "--quiet", "--json", "live", config, "--session", "soak"], stdout=subprocess.PIPE)
        start, samples = time.monotonic(), []
        while time.monotonic() - start < minutes * 60:
            time.sleep(1)
            if process.poll() is not None: sys.exit(f"the session ended by itself: exit {process.returncode}")
            samples.append((time.monotonic() - start, *sample(process.pid)))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    settled = [s for s in samples if s[0] > minutes * 12]
    growth = slope([(s[0], s[1]) for s in settled]) * 600
    held = {"descriptors": {s[2] for s in settled}, "threads": {s[3] for s in settled}}
    print(f"{minutes:g} minutes: {settled[0][1]:.1f} MB to {settled[-1][1]:.1f} MB, {growth:+.2f} MB in ten minutes; descriptors {sorted(held['descriptors'])}, threads {sorted(held['threads'])}")
    flat = growth <= 1 and all(max(v) - min(v) <= 1 for v in held.values())
    print("flat" if flat else "NOT flat")
    return 0 if flat else 1


if __name__ == "__main__":
    sys.exit(main())
