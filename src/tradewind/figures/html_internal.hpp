// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/text.hpp"
#include "tradewind/figures/document_internal.hpp"

namespace tradewind::figures {

/// Safe as text and inside quoted attributes; bytes that are not UTF-8 become \xNN.
std::string escape(std::string_view text);
/// escape(), with places to break long names such as SPY.sma_cross.fast=5,slow=20 between lines.
std::string prose(std::string_view text);
/// JSON that may stand inside a script element: it holds no "<".
std::string script_json(const Json& json);

/// "enough trades" for enough_trades
std::string words(std::string_view name);
/// A reason of the closed list in words; other text as it is; "not available" for none.
std::string reason_words(std::string_view reason);

/// Looks up why numbers of an analysis are undefined.
class Reasons {
 public:
  explicit Reasons(View analysis) : undefined_(analysis["undefined"]) {}
  /// Of `key` in the object `parent`, which stands at `path` (or `other_path`): its own `undefined` first, then the document's.
  std::string why(View parent, std::string_view key, std::string_view path, std::string_view other_path = {}) const;

 private:
  View undefined_;
};

/// HTML of a cell, and what it is sorted by (empty: its text).
struct Cell {
  std::string html;
  std::string sort;
};
Cell text_cell(std::string_view text);
Cell number_cell(double value, std::string html);
/// "–" that tells why on hover.
Cell undefined_cell(std::string_view reason);
Cell fixed_cell(double value, std::string_view reason = {}, int decimals = 2);
Cell percent_cell(double value, std::string_view reason = {}, int decimals = 1);
Cell count_cell(View value);
/// The number with its interval in small print below.
Cell interval_cell(double value, double low, double high, std::string_view reason = {});

struct Column {
  std::string title;
  bool numeric = false;
  std::string hint = {};
};

/// One figure in large print with a line about it; cards stand in a `<dl class="cards">`.
std::string card(std::string_view title, const Cell& value, std::string_view note);

/// A table with caption and scope, which scrolls sideways on narrow screens; the first column heads its row.
class Table {
 public:
  Table(std::string caption, std::vector<Column> columns) : caption_(std::move(caption)), columns_(std::move(columns)) {}
  void add(std::vector<Cell> row, bool marked = false);
  bool empty() const { return rows_.empty(); }
  /// `sortable`: a click on a column's head sorts by it.
  std::string html(bool sortable = false) const;

 private:
  struct Row {
    std::vector<Cell> cells;
    bool marked;
  };
  std::string caption_;
  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace tradewind::figures
