// SPDX-License-Identifier: Apache-2.0
#include "terminal.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/base/time.hpp"

namespace tradewind::cli {
namespace {

/// Columns a text takes on screen: UTF-8 continuation bytes and escape sequences take none.
std::size_t width(const std::string& text) {
  std::size_t columns = 0;
  bool escape = false;
  for (const char c : text) {
    if (c == '\x1b') escape = true;
    if (!escape && (static_cast<unsigned char>(c) & 0xC0) != 0x80) ++columns;
    if (escape && c == 'm') escape = false;
  }
  return columns;
}

bool looks_numeric(const std::string& text) {
  return text.empty() || text == "–" ||
         (std::strchr("+-0123456789", text[0]) != nullptr && text.find(':') == std::string::npos && text.find('=') == std::string::npos);
}

std::string styled(const std::string& text, const char* code) {
  return colour(STDOUT_FILENO) ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(std::abs(value));
  for (auto i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3) digits.insert(static_cast<std::size_t>(i), ",");
  return value < 0 ? "-" + digits : digits;
}

std::string duration(double seconds) {
  if (seconds < 60) return fmt::format("{:.0f}s", seconds);
  const auto whole = static_cast<long>(seconds);
  if (seconds < 3600) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
  return fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60);
}

class TerminalProgress final : public Progress {
 public:
  void update(std::string_view stage, std::uint64_t done, std::uint64_t total, std::string_view unit) override {
    if (stage != stage_) begin(stage);
    const double elapsed = watch_.seconds();
    const double pause = bar_ ? 0.1 : 10.0;
    if (elapsed - drawn_ < pause && done != total) return;
    drawn_ = elapsed;
    const double rate = elapsed > 0 ? static_cast<double>(done) / elapsed : 0;
    std::string line = visible_lines(stage) + " ";
    if (total > 0) {
      const double share = static_cast<double>(done) / static_cast<double>(total);
      constexpr int kWidth = 24;
      const int filled = static_cast<int>(share * kWidth);
      if (bar_) line += fmt::format("[{:━<{}}{: <{}}] ", "", filled, "", kWidth - filled);
      line += fmt::format("{:3.0f}%  {} of {} {}", share * 100, grouped(static_cast<std::int64_t>(done)),
                          grouped(static_cast<std::int64_t>(total)), unit);
      if (rate > 0 && done < total) line += fmt::format("  {:.0f}/s  {} left", rate, duration(static_cast<double>(total - done) / rate));
    } else {
      line += fmt::format("{} {}  {:.0f}/s", grouped(static_cast<std::int64_t>(done)), unit, rate);
    }
    if (bar_) {
      fmt::print(stderr, "\r\x1b[K{}", line);
      open_line_ = true;
    } else {
      fmt::print(stderr, "{}\n", line);
    }
    std::fflush(stderr);
  }
  void finish() override {
    if (open_line_) fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
    open_line_ = false;
    stage_.clear();
  }
  void warn(std::string_view message) override {
    finish();
    fmt::print(stderr, "warning: {}\n", visible_lines(message));
  }

 private:
  void begin(std::string_view stage) {
    finish();
    stage_ = stage;
    watch_ = Stopwatch();
    drawn_ = bar_ ? -1 : 0;
  }
  bool bar_ = isatty(STDERR_FILENO) != 0 && std::getenv("CI") == nullptr;
  std::string stage_;
  Stopwatch watch_;
  double drawn_ = 0;
  bool open_line_ = false;
};

}  // namespace

bool colour(int descriptor) {
  const char* terminal = std::getenv("TERM");
  const char* forbidden = std::getenv("NO_COLOR");
  return isatty(descriptor) != 0 && (forbidden == nullptr || *forbidden == '\0') &&
         (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

Json visible(Json value) {
  if (value.is_string()) return visible_lines(value.get_ref<const std::string&>());
  if (value.is_array())
    for (Json& item : value) item = visible(std::move(item));
  if (!value.is_object()) return value;
  Json object = Json::object();
  for (auto& [key, item] : value.items()) object[visible_lines(key)] = visible(std::move(item));
  return object;
}

std::string bold(const std::string& text) { return styled(text, "1"); }
std::string dim(const std::string& text) { return styled(text, "2"); }

void Table::print() const {
  std::vector<std::size_t> widths;
  for (const auto& title : header_) widths.push_back(width(title));
  std::vector<bool> numeric(header_.size(), true);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width(row[i]));
      numeric[i] = numeric[i] && looks_numeric(row[i]);
    }
  }
  const auto print_row = [&](const std::vector<std::string>& row, bool heading) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width(row[i]), ' ');
      const std::string text = heading ? bold(row[i]) : row[i];
      if (i > 0) line += "  ";
      line += numeric[i] ? padding + text : text + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
  };
  print_row(header_, true);
  for (const auto& row : rows_) print_row(row, false);
}

std::string cell(const nlohmann::ordered_json& value) {
  if (value.is_null()) return "–";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_integer()) return grouped(value.get<std::int64_t>());
  if (value.is_number()) {
    const double number = value.get<double>();
    if (number == std::floor(number) && std::abs(number) < 1e9) return grouped(static_cast<std::int64_t>(number));
    return std::abs(number) >= 1e-3 && std::abs(number) < 1e6 ? fmt::format("{:.4g}", number) : fmt::format("{:.3e}", number);
  }
  return dump_json(value);
}

std::string percent(const nlohmann::ordered_json& value) {
  if (!value.is_number()) return "–";
  return fmt::format("{:.2f} %", value.get<double>() * 100);
}

std::unique_ptr<Progress> terminal_progress() { return std::make_unique<TerminalProgress>(); }

}  // namespace tradewind::cli
