#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the dynamic symbols of what is shipped to one rule: from Arrow's libraries comes nothing but Arrow, and nothing of ours goes there.
The wheel they are taken from carries OpenSSL and simdjson of its own inside; a symbol bound across works with one version's data in
another version's code. Every symbol a program asks for must have its answer among the libraries that the program itself names.
check_symbols.py PROGRAM…; exit 1 with one line per fault."""
import re
import subprocess
import sys
from pathlib import Path

ARROW = re.compile(r"lib(arrow|parquet)\b")
OURS = re.compile(r"5arrow|7parquet|^arrow_|^Arrow")
DEFINED, UNDEFINED = set("TDRBVWuiGS"), set("Uwv")


def dynamic_symbols(path):
    """(names defined, names asked for) without their versions. A name that begins with 0 was taken away (script/private_arrow.py)."""
    defined, wanted = set(), set()
    for line in subprocess.run(["nm", "-D", str(path)], capture_output=True, text=True, check=True).stdout.splitlines():
        *_, kind, name = line.split()
        name = name.split("@")[0]
        if kind in UNDEFINED:
            wanted.add((name, kind == "U"))
        elif kind in DEFINED and not name.startswith("0"):
            defined.add(name)
    return defined, wanted


def needed(path):
    text = subprocess.run(["readelf", "-d", str(path)], capture_output=True, text=True, check=True).stdout
    return re.findall(r"\(NEEDED\)\s+Shared library: \[([^\]]+)\]", text)


def libraries(path):
    """{name: file} of everything the dynamic linker would load for a program."""
    text = subprocess.run(["ldd", str(path)], capture_output=True, text=True, check=True).stdout
    found = dict(re.findall(r"^\s*(\S+) => (/\S+)", text, re.MULTILINE))
    found |= {Path(file).name: file for file in re.findall(r"^\s*(/\S+) \(", text, re.MULTILINE)}  # the dynamic linker itself
    missing = re.findall(r"^\s*(\S+) => not found", text, re.MULTILINE)
    return found, missing


def export_faults(name, defined):
    foreign = sorted(symbol for symbol in defined if not OURS.search(symbol))
    return [f"{name} offers {len(foreign)} symbols that are not Arrow's: {', '.join(foreign[:3])} …"] if foreign else []


def program_faults(path, read=dynamic_symbols):
    found, missing = libraries(path)
    faults = [f"{path}: {name} is not found" for name in missing]
    tables = {name: read(file) for name, file in found.items()}
    own_defined, own_wanted = read(path)
    direct = [name for name in needed(path) if name in tables]
    for symbol, strong in sorted(own_wanted):
        homes = [name for name in direct if symbol in tables[name][0]]
        if not homes and strong:
            elsewhere = [name for name in tables if symbol in tables[name][0]]
            faults.append(f"{path}: {symbol} is in no library that it names" + (f", only in {', '.join(elsewhere)}" if elsewhere else ""))
        elif homes and ARROW.search(homes[0]) and not OURS.search(symbol):
            faults.append(f"{path}: {symbol} would be taken from {homes[0]}")
    # Variables of libc and libstdc++ are copied into the program (copy relocations): there is one of each all the same.
    copied = set().union(*(tables[name][0] for name in direct if not ARROW.search(name)))
    for name, (defined, wanted) in tables.items():
        if ARROW.search(name):
            faults += export_faults(name, defined)
            theirs = sorted({symbol for symbol, _ in wanted} & (own_defined - copied))
            faults += [f"{name} would take {symbol} from {path}" for symbol in theirs]
    return faults


def self_test():
    """The check itself must be able to fail: on the wheel's own libraries it does."""
    assert export_faults("libparquet.so", {"_ZN7parquet1x", "SSL_new"})
    for library in Path(__file__).resolve().parent.parent.glob(".venv/lib/python3*/site-packages/pyarrow/libparquet.so.*"):
        assert export_faults(library.name, dynamic_symbols(library)[0]), "the wheel's libparquet offers nothing foreign any more"


def main():
    self_test()
    programs = [Path(p) for p in sys.argv[1:]]
    faults = [fault for path in programs for fault in program_faults(path)]
    for fault in faults[:40]:
        print(fault)
    print(f"symbols: {len(programs)} programs, {len(faults)} faults")
    return 1 if faults or not programs else 0


if __name__ == "__main__":
    sys.exit(main())
