// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tradewind/market/read_bars.hpp"

namespace tradewind::market {

/// A folder that is gone when the test is over.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tradewind-market-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Path operator/(std::string_view name) const { return path_ / name; }
  Path write(std::string_view name, std::string_view bytes) const {
    const Path path = path_ / name;
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return path;
  }

 private:
  Path path_;
};

inline std::vector<std::int64_t> rejected_lines(const BarsImport& result) {
  std::vector<std::int64_t> lines;
  for (const auto& rejection : result.rejected) lines.push_back(rejection.line);
  return lines;
}

inline bool has_note(const std::vector<std::string>& notes, std::string_view part) {
  for (const auto& note : notes)
    if (note.find(part) != std::string::npos) return true;
  return false;
}

inline std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

/// Reads a file that must be readable; its rejections are part of the result.
inline BarsImport read_ok(const Path& path, const ReadOptions& options = {}) {
  auto result = read_bars(path, options);
  EXPECT_TRUE(result.has_value()) << path << ": " << (result ? "" : result.error().message());
  return result ? std::move(*result) : BarsImport{};
}

}  // namespace tradewind::market
