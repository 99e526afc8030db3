// SPDX-License-Identifier: Apache-2.0
#include "paths.hpp"

#include <cstdlib>

namespace tradewind::test {

std::filesystem::path source_dir() { return TRADEWIND_SOURCE_DIR; }

std::filesystem::path shared_dir() {
  const char* shared = std::getenv("TRADEWIND_SHARED");
  return shared != nullptr ? std::filesystem::path(shared) : source_dir().parent_path() / "shared";
}

}  // namespace tradewind::test
