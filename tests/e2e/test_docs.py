# SPDX-License-Identifier: Apache-2.0
"""The documentation is executed: `yaml` blocks whose first line names a file are written, `bash` and `python` blocks run in order of the
page, in one fresh folder a page, and must succeed. `console` and `text` blocks are pictures."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("TRADEWIND_BIN", ROOT / "build/release/bin/tradewind")).absolute()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)


def run_page(page, folder):
    env = {**os.environ, "PATH": f"{BINARY.parent}:{os.environ['PATH']}", "NO_COLOR": "1"}
    ran = 0
    for language, text in BLOCK.findall(page.read_text()):
        named = re.match(r"# ([\w.-]+\.(?:yaml|csv))\n", text)
        if language in ("yaml", "csv") and named:
            (folder / named.group(1)).write_text(text if language == "yaml" else text.split("\n", 1)[1])
        command = {"bash": ["bash", "-euo", "pipefail", "-c", text], "python": [sys.executable, "-c", text]}.get(language)
        if not command:
            continue
        result = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)
        assert result.returncode == 0, f"{page.name}:\n{text}\n{result.stdout[-2000:]}\n{result.stderr[-2000:]}"
        ran += 1
    return ran


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_code_blocks_run(page, tmp_path):
    run_page(page, tmp_path)


def test_a_wrong_block_is_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```bash\ntradewind no-such-command\n```\n")
    with pytest.raises(AssertionError):
        run_page(page, tmp_path)


def test_links_lead_somewhere():
    for page in [*PAGES, ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", ROOT / "src/tradewind/README.md", *ROOT.glob("src/tradewind/*/README.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_schema_is_what_the_program_accepts(tmp_path):
    made = subprocess.run([sys.executable, ROOT / "docs/schema/make_sweep_schema.py", BINARY], capture_output=True, text=True, check=True).stdout
    assert json.loads(made) == json.loads((ROOT / "docs/schema/sweep.schema.json").read_text()), "run docs/schema/make_sweep_schema.py"


def test_the_schema_agrees_with_the_program_on_good_and_bad_configurations():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "docs/schema/sweep.schema.json").read_text())
    good = {"data": [{"symbol": "A", "path": "a.csv"}], "execution": {"commission": "10bps"}, "strategies": [{"type": "sma_cross", "fast": {"from": 5, "to": 9}, "slow": [20, 30]}]}
    jsonschema.validate(good, schema)
    for bad in ({**good, "strategy": []}, {**good, "strategies": [{"type": "sma_corss"}]}, {**good, "strategies": [{"type": "sma_cross", "fats": 3}]}, {"data": good["data"]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema)


def test_every_error_code_has_a_paragraph():
    header = (ROOT / "src/tradewind/base/error.hpp").read_text()
    documented = (ROOT / "docs/errors.md").read_text()
    codes = re.findall(r"(\w+) = (\d{4}),", header)
    assert len(codes) > 10
    for name, number in codes:
        assert f"| TW{number} | {name} |" in documented


def library_page_faults(page, programs):
    """Blocks that stand in none of the programs, and lines of CMake that stand in no CMakeLists.txt."""
    texts = [path.read_text() for path in programs.glob("*.cpp")]
    lines = {line.strip() for line in (programs / "CMakeLists.txt").read_text().splitlines()}
    faults = []
    for language, text in BLOCK.findall(page):
        if language == "cpp" and not any(text in whole for whole in texts):
            faults.append(text)
        if language == "cmake":
            faults += [line for line in text.splitlines() if line.strip() not in lines and not line.startswith("find_package")]
    return faults


def test_the_librarys_page_shows_the_programs_that_are_built_and_run():
    page = (ROOT / "docs/library.md").read_text()
    programs = ROOT / "tests/consumers"
    assert library_page_faults(page, programs) == []
    assert "```cpp" in page and library_page_faults(page.replace("calculate_metrics", "calculate"), programs)
    printed = re.search(r'"series_metrics": "(.*)\\n"', (programs / "run").read_text()).group(1)
    assert printed.replace("VERSION", re.search(r"tradewind VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)) in page


def test_the_librarys_page_and_its_cmake_file_name_the_same_packages():
    named = set(re.search(r"apt-get install ([^`$]*?)\n```", (ROOT / "docs/library.md").read_text()).group(1).replace("\\", " ").split())
    told = set(re.findall(r"\b[\w-]+-dev\b", (ROOT / "cmake/tradewindConfig.cmake.in").read_text()))
    assert named - {"g++", "cmake", "make"} == told and len(told) > 8
