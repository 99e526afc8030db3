#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds every #include of the code to the module table in src/tradewind/CMakeLists.txt: a module may include itself and its DEPS,
never another module's *_internal.hpp, and uses each of its DEPS; Arrow headers stay inside .cpp and internal headers of books, workspace and
market; a public header that only names Json does not pull in all of it; JSON is parsed in one place; the faces use commands and base
only; a source includes its own header first; no line is wider than 140 columns. src/tradewind/README.md and each module's README name
the same DEPS; a type's name means one thing everywhere. Exit 1 with one line per fault."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "tradewind"
ARROW_MODULES = {"books", "market", "workspace"}
HEAVY = re.compile(r'#include\s+[<"](arrow|parquet)/')
HOLDS_JSON = re.compile(r"\bJson::|^\s+Json \w+( = [^;(]*(\(\))?)?;|, Json>;|\bJson\(", re.MULTILINE)
PARSES = re.compile(r"\b\w*json(?:<[^>]*>)?::(?:parse|accept|sax_parse)\s*\(", re.IGNORECASE)
JSON_HOME = ("base", "json.cpp")
OURS = re.compile(r'#include\s+"tradewind/([a-z_]+)/((?:[a-z_]+/)?[a-z0-9_]+\.hpp)"')


def module_table(text):
    """{module: set of modules it may include}"""
    table = {}
    for name, rest in re.findall(r"tradewind_module\((\w+)([^)]*)\)", text):
        deps = re.search(r"DEPS((?:\s+[a-z_]+)+)", rest)
        table[name] = set(deps.group(1).split()) if deps else set()
    return table


def file_faults(path, module, allowed):
    faults = []
    public = path.suffix == ".hpp" and not path.name.endswith("_internal.hpp")
    for number, line in enumerate(path.read_text().splitlines(), 1):
        where = f"{path}:{number}"
        if HEAVY.search(line) and (module not in ARROW_MODULES or public):
            faults.append(f"{where}: Arrow headers belong in .cpp files of {' and '.join(sorted(ARROW_MODULES))}")
        if PARSES.search(line) and (module, path.name) != JSON_HOME:
            faults.append(f"{where}: text becomes JSON by parse_json or read_json (base/json.hpp), which bound how deep it is nested")
        found = OURS.search(line)
        if not found:
            continue
        target, header = found.groups()
        if target not in allowed | {module}:
            faults.append(f"{where}: {module} may not include {target}")
        if header.endswith("_internal.hpp") and target != module:
            faults.append(f"{where}: {header} is internal to {target}")
        if public and (target, header) == ("base", "json.hpp") and not HOLDS_JSON.search(path.read_text()):
            faults.append(f"{where}: base/json_fwd.hpp is enough here, and spares whoever includes it a second")
    return faults


def check(source, table):
    faults = []
    for folder in sorted(p for p in source.iterdir() if p.is_dir()):
        if folder.name not in table:
            faults.append(f"{folder}: no tradewind_module({folder.name} …) in the module table")
            continue
        for path in sorted(folder.rglob("*.?pp")):
            faults += file_faults(path, folder.name, table[folder.name])
    return faults


def order_faults(table):
    """A module may use only those declared before it, so that no cycle can be written."""
    seen, faults = set(), []
    for name, deps in table.items():
        faults += [f"module {name} uses {dep}, which is declared after it" for dep in sorted(deps - seen)]
        seen.add(name)
    return faults


def unused_faults(source, table):
    """A module that does not use what it declares is drawn lower than it need be."""
    faults = []
    for name, deps in table.items():
        used = {target for path in (source / name).rglob("*.?pp") for target, _ in OURS.findall(path.read_text())}
        faults += [f"module {name} declares {dep} and does not use it" for dep in sorted(deps - used)]
    return faults


def first_include_faults(source, table):
    """That a header compiles alone is shown by its own source, which includes it before anything else."""
    faults = []
    for name in table:
        for path in sorted((source / name).rglob("*.cpp")):
            if not path.with_suffix(".hpp").exists():
                continue
            first = re.search(r'^#include\s+(\S+)', path.read_text(), re.MULTILINE)
            if not first or first.group(1) != f'"tradewind/{path.relative_to(source).with_suffix(".hpp")}"':
                faults.append(f"{path}: include {path.stem}.hpp first")
    return faults


TYPE = re.compile(r"^(?:struct|class|enum class)(?: alignas\(\d+\))? (\w+)(?: final)?[^;\n]*\{", re.MULTILINE)
SAME_NAME = {"Value": "a node of a configuration and a figure with its reason: each the word of its field, never met in one place"}


def name_faults(source, table):
    """A type's name means one thing in the whole library."""
    homes = {}
    for name in table:
        for path in (source / name).rglob("*.hpp"):
            for type_name in TYPE.findall(path.read_text()):
                homes.setdefault(type_name, set()).add(name)
    return [f"{name} is a type of {' and of '.join(sorted(modules))}: give one another name, or both one home"
            for name, modules in sorted(homes.items()) if len(modules) > 1 and name not in SAME_NAME]


def deps_text(table, name):
    deps = [module for module in table if module in table[name]]
    return ", ".join(deps)


def readme_faults(source, table):
    """What the pages say a module may use is what the table says."""
    faults = []
    rows = dict(re.findall(r"^\| \[(\w+)\]\(\w+\) \|.*\| ([^|]*) \|$", (source / "README.md").read_text(), re.MULTILINE))
    for name in table:
        said = {word.strip() for word in rows.pop(name, "").split(",")} - {"–", ""}
        if said != table[name] and said != {"all above"}:
            faults.append(f"{source / 'README.md'}: the row of {name} should end in: {deps_text(table, name) or '–'}")
        page = source / name / "README.md"
        found = re.search(r"May use: ([^.]*)\.", page.read_text()) if page.exists() else None
        said = {word.strip() for word in found.group(1).split(",")} - {"nothing"} if found else None
        if said != table[name] and said != {"all above"}:
            faults.append(f"{page}: should say: May use: {deps_text(table, name) or 'nothing'}.")
    return faults + [f"{source / 'README.md'}: {name} is no module" for name in rows]


WIDTH = 140


def width_faults(folders):
    """What clang-format cannot break, a long text above all, is broken by hand."""
    return [f"{path}:{number}: {len(line)} columns, at most {WIDTH}" for folder in folders for path in sorted(folder.rglob("*.?pp"))
            for number, line in enumerate(path.read_text().splitlines(), 1) if len(line) > WIDTH]


def self_test():
    """The check itself must be able to fail."""
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        bad = Path(folder) / "metrics"
        bad.mkdir()
        (bad / "a.hpp").write_text('#include "tradewind/workspace/scan.hpp"\n#include <arrow/api.h>\n#include "tradewind/base/expression_internal.hpp"\n#include "tradewind/base/json.hpp"\nJson told();\n')
        (bad / "a.cpp").write_text('#include <vector>\n#include "tradewind/metrics/a.hpp"\nauto a = Json::parse(text);\nauto b = nlohmann::json::accept(text);\n')
        (Path(folder) / "README.md").write_text("| [metrics](metrics) | x | market |\n| [gone](gone) | x | – |\n")
        table = {"metrics": {"base", "config"}}
        assert len(check(Path(folder), table)) == 6
        assert len(unused_faults(Path(folder), table)) == 1 and len(first_include_faults(Path(folder), table)) == 1
        assert len(readme_faults(Path(folder), table)) == 3
        (Path(folder) / "sweep").mkdir()
        for module in ("metrics", "sweep"):
            (Path(folder) / module / "b.hpp").write_text("struct Split {\n};\n")
        assert len(name_faults(Path(folder), {"metrics": set(), "sweep": set()})) == 1
        (bad / "c.cpp").write_text("// " + "x" * WIDTH + "\n// " + "…" * (WIDTH - 3) + "\n")
        assert len(width_faults([Path(folder)])) == 1
        assert order_faults({"a": {"b"}, "b": set()})


def main():
    self_test()
    table = module_table((SOURCE / "CMakeLists.txt").read_text())
    faults = order_faults(table) + check(SOURCE, table) + unused_faults(SOURCE, table) + first_include_faults(SOURCE, table)
    faults += readme_faults(SOURCE, table) + name_faults(SOURCE, table)
    faults += width_faults(ROOT / name for name in ("src", "apps", "tests", "bench", "examples"))
    for path in sorted((ROOT / "apps").rglob("*.?pp")):
        faults += file_faults(path, "faces", {"commands", "base"})
    for fault in faults:
        print(fault)
    print(f"layers: {len(table)} modules, {len(faults)} faults")
    return 1 if faults or len(table) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
