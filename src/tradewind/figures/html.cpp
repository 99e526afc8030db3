// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/html_internal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "tradewind/base/text.hpp"

namespace tradewind::figures {
namespace {

constexpr std::size_t kTallTable = 16;  // rows from which a table scrolls in itself

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kReasons = {{
    {"empty", "no data"},
    {"too_few", "too few observations"},
    {"zero_variance", "the returns do not vary"},
    {"no_downside", "no bar fell below the target"},
    {"no_drawdown", "there was no drawdown"},
    {"no_decided_bars", "no bar was won or lost"},
    {"no_decided_trades", "no trade was won or lost"},
    {"no_wins", "no wins"},
    {"no_losses", "no losses"},
    {"no_fills", "no position was taken"},
    {"short_sample", "less than a quarter of a year"},
    {"insufficient_bars", "too few bars"},
    {"insufficient_trials", "too few strategies were tried"},
    {"not_above_benchmark", "not above what it is measured against"},
}};

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  const std::string valid = invalid_utf8(text) ? printable(text, std::numeric_limits<std::size_t>::max() / 2) : std::string(text);
  out.reserve(valid.size());
  for (const char c : valid) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string prose(std::string_view text) {
  constexpr std::size_t long_word = 16;
  std::string out;
  while (!text.empty()) {
    const std::size_t word = std::min(text.find(' '), text.size());
    std::size_t begin = 0;
    for (std::size_t i = 0; word > long_word && i + 1 < word; ++i) {
      if (std::string_view(".,/").find(text[i]) == std::string_view::npos) continue;
      out += escape(text.substr(begin, i + 1 - begin)) + "<wbr>";
      begin = i + 1;
    }
    const std::size_t end = std::min(word + 1, text.size());
    out += escape(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
  return out;
}

std::string script_json(const Json& json) {
  std::string out;
  for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    if (c == '<')
      out += "\\u003c";  // neither </script> nor <!-- can appear
    else
      out += c;
  }
  return out;
}

std::string words(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '_', ' ');
  return out;
}

std::string reason_words(std::string_view reason) {
  for (const auto& [name, text] : kReasons) {
    if (reason == name) return std::string(text);
  }
  return reason.empty() ? "not available" : std::string(reason);
}

std::string Reasons::why(View parent, std::string_view key, std::string_view path, std::string_view other_path) const {
  std::string reason = parent["undefined"][key].text();
  if (reason.empty()) reason = undefined_[fmt::format("{}.{}", path, key)].text();
  if (reason.empty() && !other_path.empty()) reason = undefined_[fmt::format("{}.{}", other_path, key)].text();
  if (reason.empty()) reason = undefined_[path].text();  // the whole object is undefined
  return reason;
}

Cell text_cell(std::string_view text) { return {prose(text), ""}; }

Cell number_cell(double value, std::string html) { return {std::move(html), number_text(value)}; }

Cell undefined_cell(std::string_view reason) { return {fmt::format("<abbr title=\"{}\">–</abbr>", escape(reason_words(reason))), ""}; }

Cell fixed_cell(double value, std::string_view reason, int decimals) {
  return std::isfinite(value) ? number_cell(value, fixed(value, decimals)) : undefined_cell(reason);
}

Cell percent_cell(double value, std::string_view reason, int decimals) {
  return std::isfinite(value) ? number_cell(value, percent(value, decimals)) : undefined_cell(reason);
}

Cell count_cell(View value) {
  return std::isfinite(value.number()) ? number_cell(value.number(), count(value.integer())) : undefined_cell({});
}

Cell interval_cell(double value, double low, double high, std::string_view reason) {
  Cell cell = fixed_cell(value, reason);
  if (std::isfinite(low) && std::isfinite(high)) cell.html += fmt::format("<small>{} to {}</small>", fixed(low), fixed(high));
  return cell;
}

std::string card(std::string_view title, const Cell& value, std::string_view note) {
  return fmt::format("<div class=\"card\"><dt>{}</dt><dd><b>{}</b><span>{}</span></dd></div>\n", escape(title), value.html, escape(note));
}

void Table::add(std::vector<Cell> row, bool marked) { rows_.push_back({std::move(row), marked}); }

std::string Table::html(bool sortable) const {
  const bool tall = rows_.size() > kTallTable;
  std::string out =
      fmt::format("<div class=\"scroll{}\" role=\"region\" tabindex=\"0\" aria-label=\"{}\"><table{}><caption>{}</caption><thead><tr>",
                  tall ? " tall" : "", escape(caption_), sortable ? " data-sortable" : "", escape(caption_));
  for (const Column& column : columns_) {
    out += fmt::format("<th scope=\"col\"{}{}>{}</th>", column.numeric ? " class=\"n\"" : "",
                       column.hint.empty() ? "" : fmt::format(" title=\"{}\"", escape(column.hint)), prose(column.title));
  }
  out += "</tr></thead><tbody>\n";
  for (const Row& row : rows_) {
    out += row.marked ? "<tr class=\"marked\">" : "<tr>";
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const bool numeric = i < columns_.size() && columns_[i].numeric;
      const Cell& cell = row.cells[i];
      const std::string_view tag = i == 0 ? "th" : "td";
      out += fmt::format("<{}{}{}{}>{}</{}>", tag, i == 0 ? " scope=\"row\"" : "", numeric ? " class=\"n\"" : "",
                         cell.sort.empty() ? "" : fmt::format(" data-sort=\"{}\"", escape(cell.sort)), cell.html, tag);
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace tradewind::figures
