// SPDX-License-Identifier: Apache-2.0
// test_fuzz [TARGET…]: runs the targets once over every kept input, tests/fuzz/corpus/TARGET and tests/fuzz/crashes/TARGET.
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <vector>

#include "../support/paths.hpp"
#include "fuzz.hpp"

namespace tradewind::fuzz {
namespace {

std::map<std::string, Target>& targets() {
  static std::map<std::string, Target> all;
  return all;
}

std::string current;  ///< file, for the message when a target stops the program

/// Exactly as large as the input, so that reading one byte beyond it is seen.
std::vector<char> bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  bytes.shrink_to_fit();
  return bytes;
}

std::size_t run(const std::string& name, Target target) {
  std::set<std::filesystem::path> files;
  for (const char* kind : {"corpus", "crashes"}) {
    std::error_code none;
    const auto folder = test::source_dir() / "tests" / "fuzz" / kind / name;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none)) files.insert(entry.path());
  }
  for (const auto& file : files) {
    current = file.string();
    const std::vector<char> bytes = bytes_of(file);
    std::fprintf(stderr, "%s\n", current.c_str());  // the last line tells which input a crash is of
    target({bytes.data(), bytes.size()});
  }
  return files.size();
}

}  // namespace

Registered::Registered(const char* name, Target target) { targets().emplace(name, target); }

}  // namespace tradewind::fuzz

int main(int argc, char** argv) {
  using namespace tradewind::fuzz;
  const std::set<std::string> wanted(argv + 1, argv + argc);
  try {
    for (const auto& [name, target] : targets()) {
      if (!wanted.empty() && !wanted.contains(name)) continue;
      const std::size_t files = run(name, target);
      std::printf("%s: %zu inputs\n", name.c_str(), files);
      require(files > 0, "every target has kept inputs", name);
    }
  } catch (const std::exception& thrown) {
    require(false, "nothing is thrown", current + ": " + thrown.what());
  }
}
