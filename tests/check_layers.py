#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds every #include of the code to the module table in src/tradewind/CMakeLists.txt: a module may include itself and its DEPS,
never another module's *_internal.hpp; Arrow headers stay inside .cpp and internal headers of workspace and market; the faces use
commands and base only. Exit 1 with one line per fault."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "tradewind"
ARROW_MODULES = {"market", "workspace"}
HEAVY = re.compile(r'#include\s+[<"](arrow|parquet)/')
OURS = re.compile(r'#include\s+"tradewind/([a-z_]+)/([a-z0-9_]+\.hpp)"')


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
        found = OURS.search(line)
        if not found:
            continue
        target, header = found.groups()
        if target not in allowed | {module}:
            faults.append(f"{where}: {module} may not include {target}")
        if header.endswith("_internal.hpp") and target != module:
            faults.append(f"{where}: {header} is internal to {target}")
    return faults


def check(source, table):
    faults = []
    for folder in sorted(p for p in source.iterdir() if p.is_dir()):
        if folder.name not in table:
            faults.append(f"{folder}: no tradewind_module({folder.name} …) in the module table")
            continue
        for path in sorted(folder.glob("*.?pp")):
            faults += file_faults(path, folder.name, table[folder.name])
    return faults


def order_faults(table):
    """A module may use only those declared before it, so that no cycle can be written."""
    seen, faults = set(), []
    for name, deps in table.items():
        faults += [f"module {name} uses {dep}, which is declared after it" for dep in sorted(deps - seen)]
        seen.add(name)
    return faults


def self_test():
    """The check itself must be able to fail."""
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        bad = Path(folder) / "metrics"
        bad.mkdir()
        (bad / "a.hpp").write_text('#include "tradewind/workspace/scan.hpp"\n#include <arrow/api.h>\n#include "tradewind/base/expression_internal.hpp"\n')
        assert len(check(Path(folder), {"metrics": {"base"}})) == 3
        assert order_faults({"a": {"b"}, "b": set()})


def main():
    self_test()
    table = module_table((SOURCE / "CMakeLists.txt").read_text())
    faults = order_faults(table) + check(SOURCE, table)
    for path in sorted((ROOT / "apps").rglob("*.?pp")):
        faults += file_faults(path, "faces", {"commands", "base"})
    for fault in faults:
        print(fault)
    print(f"layers: {len(table)} modules, {len(faults)} faults")
    return 1 if faults or len(table) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
