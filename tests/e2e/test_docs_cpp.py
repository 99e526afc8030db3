# SPDX-License-Identifier: Apache-2.0
"""Every `cpp` block of the documentation compiles against the headers as they are. A block with a main is a program of its own; the other ones
of a page stand in one function in the order of the page, as a reader would type them, behind what the page takes for granted."""
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("TRADEWIND_BIN", ROOT / "build/release/bin/tradewind")).absolute()
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("src/tradewind/**/README.md"))]
BLOCK = re.compile(r"^```cpp\n(.*?)^```", re.M | re.S)

# What the fragments of a page leave out because the page is not about it.
GIVEN = {
    "library.md": """
        #include <memory>
        #include <tradewind/strategies/strategy.hpp>
        using namespace tradewind;
    """,
    "prediction_strategies.md": """
        #include <memory>
        #include <tradewind/prediction/strategy.hpp>
        using namespace tradewind::prediction;
        std::unique_ptr<PredictionStrategy> make_favourite_buyer(tradewind::config::MapReader&);
    """,
    "workspace.md": """
        #include <fmt/format.h>
        #include <tradewind/workspace/scan_arrow.hpp>
        using namespace tradewind;
        using namespace tradewind::workspace;
    """,
    "telemetry.md": """
        #include <vector>
        #include <fmt/format.h>
        #include <tradewind/telemetry/metrics_server.hpp>
        #include <tradewind/telemetry/monitor_metrics.hpp>
        #include <tradewind/telemetry/open_metrics.hpp>
        #include <tradewind/telemetry/optimizer/performance_optimizer.hpp>
        std::vector<int> fetch_markets();
        std::vector<int> find_opportunities(const std::vector<int>&);
        void write_log();
    """,
}


def sources(page):
    """The texts to compile of a page: its programs, and its fragments together."""
    blocks = BLOCK.findall(page.read_text())
    out = [text for text in blocks if re.search(r"^int main\(", text, re.M)]
    fragments = [text for text in blocks if text not in out]
    if fragments:
        lines = [line for text in fragments for line in text.splitlines()]
        includes = [line for line in lines if line.startswith("#include")]
        body = [line for line in lines if not line.startswith("#include")]
        given = re.sub(r"^ +", "", GIVEN.get(page.name, ""), flags=re.M)
        # A page of functions is one of whole definitions; statements go into a function.
        inside = [] if all(re.match(r"\w.*\) \{$", text.splitlines()[0]) for text in fragments) else ["void as_on_the_page() {", "}"]
        out.append("\n".join([given, *includes, *inside[:1], *body, *inside[1:], ""]))
    return out


def compile_page(page, folder):
    """How many texts were compiled; fails with what the compiler says."""
    compiler = shutil.which(os.environ.get("CXX", "c++"))
    generated = BINARY.parent.parent / "generated"
    assert compiler and (generated / "tradewind/version.hpp").exists(), "the build folder of the command has the generated headers"
    found = sources(page)
    for number, text in enumerate(found):
        source = folder / f"{page.stem}_{number}.cpp"
        source.write_text(text)
        command = [compiler, "-std=c++23", "-fsyntax-only", "-DFMT_SHARED", "-I", ROOT / "src", "-I", generated, source]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{page.name}:\n{text}\n{done.stderr[-3000:]}"
    return len(found)


@pytest.mark.parametrize("page", [page for page in PAGES if "```cpp" in page.read_text()], ids=lambda p: p.name)
def test_blocks_compile(page, tmp_path):
    assert compile_page(page, tmp_path) > 0


def test_there_are_pages_with_blocks():
    assert {"library.md", "prediction_strategies.md", "telemetry.md"} <= {page.name for page in PAGES if "```cpp" in page.read_text()}


@pytest.mark.parametrize("block", ["int main() { return no_such_name; }\n", "tradewind::no_such_thing();\n"], ids=["program", "fragment"])
def test_a_wrong_block_is_noticed(block, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"```cpp\n{block}```\n")
    with pytest.raises(AssertionError, match="no_such"):
        compile_page(page, tmp_path)
