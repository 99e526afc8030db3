#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Copies libarrow and libparquet out of the pyarrow wheel so that only Arrow's own symbols can be seen from outside.

The wheel's libraries carry OpenSSL, simdjson, zlib and more inside and export all of it. A program that links them and, say, the system's
OpenSSL gets functions of one version from the one and of another version from the other, in either direction. In the copies every defined
symbol that is not of the namespaces arrow and parquet is marked hidden: the dynamic linker then neither offers it to others nor lets
another library's take its place (System V ABI, "Symbol Table", st_other: STV_HIDDEN). The link editor would still take it for an answer, so
its name is made one that nothing can ask for, with a 0 in front: a library left out of a link is an error there, and not a crash later.

    private_arrow.py PYARROW_FOLDER TARGET_FOLDER
"""
import os
import re
import shutil
import struct
import sys
from pathlib import Path

NAMES = ("libarrow.so.2600", "libparquet.so.2600")
# Mangled names that hold one of the namespaces (5arrow, 7parquet), and C functions of Arrow's own interfaces.
OURS = re.compile(rb"5arrow|7parquet|^arrow_|^Arrow")
SHT_DYNSYM, STV_HIDDEN, STT_SECTION = 11, 2, 3


class Symbols:
    """The dynamic symbol table of a 64-bit little-endian ELF file, changed in place."""

    def __init__(self, data):
        if data[:6] != b"\x7fELF\x02\x01":
            raise SystemExit("private_arrow: not a 64-bit little-endian ELF file")
        offset, = struct.unpack_from("<Q", data, 0x28)
        size, count = struct.unpack_from("<HH", data, 0x3A)
        sections = [struct.unpack_from("<IIQQQQIIQQ", data, offset + i * size) for i in range(count)]
        table = next(s for s in sections if s[1] == SHT_DYNSYM)
        self.data, self.start, self.count, self.entry = data, table[4], table[5] // table[9], table[9]
        self.strings = sections[table[6]][4]

    def __iter__(self):
        """(place of the entry, place of its name, name, whether it is defined here)"""
        for i in range(1, self.count):
            at = self.start + i * self.entry
            name, info, _, section = struct.unpack_from("<IBBH", self.data, at)
            if info & 0xF != STT_SECTION:
                begin = self.strings + name
                yield at, begin, bytes(self.data[begin:self.data.index(b"\0", begin)]), section != 0

    def hide(self, foreign):
        """foreign(name): whether a defined symbol is to be hidden. Gives how many were."""
        symbols = list(self)
        hidden = [(at, begin) for at, begin, name, defined in symbols if defined and name and foreign(name)]
        places = {at for at, _ in hidden}
        # A name may be the tail of another one's: bytes of a name that stays are left as they are.
        kept = set()
        for at, begin, name, _ in symbols:
            if at not in places:
                kept.update(range(begin, begin + len(name)))
        for at, begin in hidden:
            self.data[at + 5] = (self.data[at + 5] & ~3) | STV_HIDDEN
            if begin not in kept:
                self.data[begin] = ord("0")
        return len(hidden)


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    tables = {name: Symbols(bytearray((source / name).read_bytes())) for name in NAMES}
    wanted = {name: {symbol for _, _, symbol, defined in table if not defined} for name, table in tables.items()}
    for name, table in tables.items():
        # What one of the two takes from the other has to stay in sight of both.
        shared = set().union(*(symbols for other, symbols in wanted.items() if other != name))
        if not table.hide(lambda symbol: not OURS.search(symbol) and symbol not in shared):
            raise SystemExit(f"private_arrow: {name}: nothing to hide; is this the wheel's library?")
        part = target / f".{name}.part"
        part.write_bytes(table.data)
        os.replace(part, target / name)
    for license_file in ("LICENSE.txt", "NOTICE.txt"):
        for found in list(source.parent.glob(f"pyarrow-*.dist-info/**/{license_file}"))[:1]:
            shutil.copyfile(found, target / license_file)


if __name__ == "__main__":
    main()
