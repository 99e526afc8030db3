// SPDX-License-Identifier: Apache-2.0
// Reference results that live beside the source tree; tests that need them are skipped where they are absent.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include "../support/paths.hpp"

namespace tradewind {

inline std::filesystem::path oracle_folder() { return test::shared_dir() / "oracles"; }

inline nlohmann::json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

/// Columns of a plain CSV with a header of one line.
inline std::vector<std::vector<double>> read_columns(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  std::vector<std::vector<double>> columns(static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1);
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::string cell;
    for (auto& column : columns) {
      std::getline(cells, cell, ',');
      column.push_back(std::strtod(cell.c_str(), nullptr));
    }
  }
  return columns;
}

/// Equal to a relative tolerance or an absolute one, whichever is wider.
inline void expect_close(double actual, double expected, const std::string& what, double relative = 1e-10, double absolute = 1e-12) {
  EXPECT_LE(std::fabs(actual - expected), std::max(relative * std::fabs(expected), absolute))
      << what << ": " << actual << " is not " << expected;
}

}  // namespace tradewind
