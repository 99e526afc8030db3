// SPDX-License-Identifier: Apache-2.0
#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "tradewind/base/file.hpp"
#include "tradewind/telemetry/optimizer/symbols_internal.hpp"

namespace tradewind::telemetry {
namespace {

std::string demangled(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 && text ? std::string(text.get()) : name;
}

/// `count` records of an ELF file from `offset` on; none when the file ends before.
template <class T>
std::vector<T> records(const std::string& file, std::uint64_t offset, std::uint64_t count) {
  if (offset > file.size() || count > (file.size() - offset) / sizeof(T)) return {};
  std::vector<T> out(count);
  if (count > 0) std::memcpy(out.data(), file.data() + offset, count * sizeof(T));
  return out;
}

std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

}  // namespace

std::vector<Symbols::Symbol> Symbols::read(const std::string& path) {
  std::vector<Symbol> out;
  const Result<std::string> read = read_file(path);
  if (!read) return out;
  const std::string& file = *read;
  const auto heads = records<ElfW(Ehdr)>(file, 0, 1);
  if (heads.empty() || std::memcmp(heads[0].e_ident, ELFMAG, SELFMAG) != 0) return out;
  const auto sections = records<ElfW(Shdr)>(file, heads[0].e_shoff, heads[0].e_shnum);
  for (const ElfW(Shdr) & table : sections) {
    if ((table.sh_type != SHT_SYMTAB && table.sh_type != SHT_DYNSYM) || table.sh_link >= sections.size()) continue;
    const ElfW(Shdr) & names = sections[table.sh_link];
    if (names.sh_offset > file.size() || names.sh_size > file.size() - names.sh_offset) continue;
    const std::string_view text(file.data() + names.sh_offset, names.sh_size);
    for (const ElfW(Sym) & symbol : records<ElfW(Sym)>(file, table.sh_offset, table.sh_size / sizeof(ElfW(Sym)))) {
      const auto type = symbol.st_info & 0xF;
      if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol.st_shndx == SHN_UNDEF || symbol.st_name >= text.size()) continue;
      const std::string_view name = text.substr(symbol.st_name);
      out.push_back({symbol.st_value, symbol.st_size, std::string(name.substr(0, name.find('\0')))});
    }
  }
  std::sort(out.begin(), out.end(), [](const Symbol& a, const Symbol& b) { return a.start < b.start; });
  return out;
}

const std::vector<Symbols::Symbol>& Symbols::of_file(const std::string& path) {
  const auto found = files_.find(path);
  return found != files_.end() ? found->second : files_.emplace(path, read(path)).first->second;
}

std::string Symbols::name(std::uintptr_t address) {
  Dl_info info{};
  link_map* map = nullptr;
  void* const place = reinterpret_cast<void*>(address);
  if (::dladdr1(place, &info, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) == 0 || map == nullptr) return fmt::format("{:#x}", address);
  const std::string path = map->l_name == nullptr || *map->l_name == '\0' ? "/proc/self/exe" : map->l_name;
  const std::uintptr_t offset = address - map->l_addr;
  const std::vector<Symbol>& symbols = of_file(path);
  auto next =
      std::upper_bound(symbols.begin(), symbols.end(), offset, [](std::uintptr_t at, const Symbol& each) { return at < each.start; });
  while (next != symbols.begin()) {
    --next;
    if (offset < next->start + std::max<std::uintptr_t>(next->size, 1)) return demangled(next->name);
    if (next->size > 0) break;  // a function of known size ends before: nothing further down reaches here
  }
  // The kernel's page of functions is no file; the dynamic linker knows their names.
  if (symbols.empty() && info.dli_sname != nullptr) return demangled(info.dli_sname);
  return fmt::format("[{}]", path == "/proc/self/exe" ? "program" : file_name(path));
}

}  // namespace tradewind::telemetry
