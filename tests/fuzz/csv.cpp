// SPDX-License-Identifier: Apache-2.0
// Price files and tables of series as CSV, plain, gzip or zip, and signals of other tools.
#include <cmath>

#include "fuzz.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/market/series.hpp"
#include "tradewind/market/write_bars.hpp"
#include "tradewind/workspace/import_internal.hpp"

namespace tradewind::fuzz {
namespace {

struct NoSink final : workspace::SignalRowSink {
  Status begin(const Path&) override { return {}; }
  void describe(const std::map<std::string, std::string>&) override {}
  Status row(std::int64_t, const workspace::SignalRow&) override { return {}; }
  Status end() override { return {}; }
};

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && !(std::isnan(a[i]) && std::isnan(b[i]))) return false;
  return true;
}

/// What was accepted keeps its promises, and comes back the same when it is written and read again.
void check_bars(const market::Bars& bars) {
  for (std::size_t i = 0; i < bars.size(); ++i) {
    require(std::isfinite(bars.close[i]) && bars.close[i] > 0, "prices are finite and above 0");
    require(i == 0 || bars.timestamp[i] > bars.timestamp[i - 1], "times ascend");
  }
  if (bars.size() == 0) return;
  const Path copy = scratch() / "copy.csv";
  if (!good(market::write_bars(copy, bars))) return;
  market::ReadOptions options;
  options.symbol = bars.symbol;
  const auto again = market::load_bars(copy, options);
  require(good(again), "what is written is read", again ? "" : again.error().message());
  require(again->timestamp == bars.timestamp && same(again->close, bars.close) && same(again->open, bars.open) &&
              same(again->high, bars.high) && same(again->low, bars.low) && same(again->volume, bars.volume),
          "bars come back as they were written");
}

void check_import(const Path& path, const market::ReadOptions& options) {
  const auto bars = market::read_bars(path, options);
  if (!good(bars)) return;
  require(bars->accepted || bars->rejected_total > 0, "a refusal has a reason");
  for (const auto& one : bars->rejected) check_error(Error(Errc::invalid_data, one.reason));
  for (const auto& note : bars->notes) check_error(Error(Errc::invalid_data, note));
  if (bars->accepted) check_bars(bars->bars);
}

}  // namespace

FUZZ_TARGET(csv) {
  const Path path = scratch_file("prices.csv", input);
  check_import(path, {});
  market::ReadOptions lenient;
  lenient.zone = "America/New_York";
  lenient.sort = true;
  lenient.on_error = market::OnError::skip;
  check_import(path, lenient);
  if (const auto named = market::read_options_of(
          {{"columns", "timestamp=1,close=2"}, {"date_format", "%d/%m/%Y %H:%M"}, {"thousands", "."}, {"skip_rows", "1"}, {"zone", "UTC"}},
          "B"))
    check_import(path, *named);
  if (const auto given = market::read_options_of({{"day_first", "true"}, {"adjusted", "true"}}, "B")) check_import(path, *given);
  if (const auto table = market::read_series(path); good(table))
    for (const auto& column : table->columns)
      require((column.is_text ? column.texts.size() : column.values.size()) == table->rows(), "every column has every row");
  NoSink sink;
  for (const auto format : {workspace::SignalFormat::automatic, workspace::SignalFormat::wide, workspace::SignalFormat::entries_exits})
    good(workspace::read_signal_csv(path, format, sink));
}

}  // namespace tradewind::fuzz
