// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tradewind/base/progress.hpp"
#include "tradewind/commands/output.hpp"

namespace tradewind::cli {

/// Colour is used on terminals only, never with NO_COLOR or TERM=dumb.
bool colour(int descriptor);
std::string bold(const std::string& text);
std::string dim(const std::string& text);

/// A table for people: one header, cells right-aligned when numeric, columns separated by two blanks.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// Prints to stdout.
  void print() const;
  bool empty() const { return rows_.empty(); }

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

/// The value with every text in it such that a terminal only shows it: names and texts of files, feeds and venues may hold anything.
Json visible(Json value);

/// A JSON value as a person reads it: 4 significant digits, "–" for null, "12,345" for counts.
std::string cell(const nlohmann::ordered_json& value);
/// 0.1234 -> "12.34 %".
std::string percent(const nlohmann::ordered_json& value);

/// A bar with rate and remaining time on a terminal, a line each ten seconds elsewhere; all on stderr.
std::unique_ptr<Progress> terminal_progress();

}  // namespace tradewind::cli
