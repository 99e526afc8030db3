// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace tradewind::telemetry {

/// Names of functions by address, from the ELF symbol tables of the files loaded into this process.
class Symbols {
 public:
  /// The demangled name, or [file] where the file has no name for it, or the address outside every file.
  std::string name(std::uintptr_t address);

 private:
  struct Symbol {
    std::uintptr_t start;  ///< relative to where the file is loaded
    std::uintptr_t size;
    std::string name;
  };
  const std::vector<Symbol>& of_file(const std::string& path);
  static std::vector<Symbol> read(const std::string& path);

  std::map<std::string, std::vector<Symbol>> files_;
};

}  // namespace tradewind::telemetry
