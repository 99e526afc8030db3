# SPDX-License-Identifier: Apache-2.0
"""Files that are well-formed and lie: contents that do not fit each other, bombs, links. The answer is an error that says so, quickly and in little memory."""
import hashlib
import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import fails, ok, sma, tw, write_config


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
