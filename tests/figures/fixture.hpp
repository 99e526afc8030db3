// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include "../support/paths.hpp"

namespace tradewind::figures {

/// A finished analysis of tests/fixtures.
inline nlohmann::ordered_json fixture(const std::string& name = "analysis.json") {
  std::ifstream file(test::source_dir() / "tests/fixtures" / name);
  return nlohmann::ordered_json::parse(file);
}

}  // namespace tradewind::figures
