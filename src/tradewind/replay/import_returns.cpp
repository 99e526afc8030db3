// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/import_returns.hpp"
#include "tradewind/replay/account_prices.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/market/describe.hpp"
#include "tradewind/market/series.hpp"
#include "tradewind/metrics/trade_account.hpp"
#include "tradewind/version.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/writer.hpp"

namespace tradewind::replay {
namespace {

constexpr std::size_t kMaxColumns = 2000;
/// Between these an equity keeps 15 digits and can be a price.
constexpr double kLeastEquity = 1e-200, kMostEquity = 1e200;

/// A column as the equity of an account.
struct Account {
  std::string id;
  std::vector<UnixNanos> timestamp;
  std::vector<double> equity;
};

Error at_row(const market::SeriesTable& table, const Path& file, const std::string& column, std::size_t row, const std::string& why,
             const std::string& hint) {
  return {Errc::invalid_data, fmt::format("column '{}': {}", printable(column), why), fmt::format("{}:{}", file.string(), table.line[row]),
          hint};
}

Result<Account> account_of(const market::SeriesTable& table, const market::SeriesColumn& column, const Path& file) {
  if (const auto good = workspace::check_id("strategy_id", column.name); !good)
    return Error(Errc::invalid_data, good.error().message(), fmt::format("{}: column '{}'", file.string(), printable(column.name)),
                 "rename the column: it becomes the strategy's id");
  const auto& r = column.values;
  const auto is_there = [](double value) { return !std::isnan(value); };
  const auto first = static_cast<std::size_t>(std::find_if(r.begin(), r.end(), is_there) - r.begin());
  const auto last = r.size() - static_cast<std::size_t>(std::find_if(r.rbegin(), r.rend(), is_there) - r.rbegin());
  if (first + 2 > last) return Error(Errc::invalid_data, fmt::format("column '{}' has fewer than two returns", column.name), file.string());
  Account out{column.name, {}, {}};
  const auto& time = table.timestamp;
  std::size_t row = first;
  if (r[first] == 0) {
    out.timestamp.push_back(time[row++]);
  } else {
    out.timestamp.push_back(first > 0 ? time[first - 1] : time[0] - (time[1] - time[0]));
  }
  out.equity.push_back(1);
  for (; row < last; ++row) {
    if (!std::isfinite(r[row]))
      return at_row(table, file, column.name, row, "a return is missing between others", "a strategy that did nothing returned 0");
    if (r[row] <= -1)
      return at_row(table, file, column.name, row, fmt::format("a return of {} loses all of the account", number_text(r[row])),
                    "0.01 is a return of 1 %; an account that is ruined ends before it");
    out.timestamp.push_back(time[row]);
    out.equity.push_back(out.equity.back() * (1 + r[row]));
    if (!(out.equity.back() > kLeastEquity && out.equity.back() < kMostEquity))
      return at_row(table, file, column.name, row, "the equity cannot be told any more: are these returns?", "0.01 is a return of 1 %");
  }
  return out;
}

Result<workspace::SignalMetadata> returns_row(const Account& account, const metrics::TradeTables::Options& execution,
                                              const std::string& hash) {
  TRADEWIND_ASSIGN(const auto tables, metrics::TradeTables::make({}, account.equity, execution));
  const metrics::PositionChange held{0, 1};
  const metrics::PerformanceMetrics performance = metrics::account_metrics(tables, std::span(&held, 1));
  workspace::SignalMetadata row;
  row.strategy_id = row.symbol = account.id;
  row.strategy_type = "returns";
  row.total_signals = static_cast<std::int64_t>(account.equity.size());
  row.signal_changes = 1;
  row.compression_ratio = static_cast<double>(row.total_signals);
  row.total_trades = performance.total_trades;
  row.total_fills = performance.total_fills;
  row.values.assign(performance.value.begin(), performance.value.end());
  row.undefined = metrics::undefined_text(performance);
  row.data_hash = hash;
  row.parameter_hash = hash64(account.id);
  return row;
}

workspace::RunMetadata returns_metadata(const std::string& run_id, const Path& file, const std::string& sha256, double periods_per_year) {
  workspace::RunMetadata run;
  run.run_id = run_id;
  run.workflow_type = "import";
  run.status = "complete";
  run.created_at = system_clock().now();
  run.tradewind_version = TRADEWIND_VERSION;
  run.commission_model = run.slippage_model = "in the returns";
  run.periods_per_year = periods_per_year;
  run.execution = {
      .data = {}, .fill = "close", .commission_rate = 0, .slippage_model = "linear", .slippage_rate = 0, .risk_free = 0, .accounts = true};
  run.data_hashes[file.string()] = sha256;
  return run;
}

Status write_accounts(const Path& root, const std::vector<Account>& accounts, workspace::RunMetadata run) {
  const metrics::TradeTables::Options execution{metrics::FillModel::close, metrics::ExecutionCosts::none(), run.periods_per_year, 0};
  std::vector<workspace::SignalMetadata> rows;
  std::vector<std::string> files;
  for (const Account& account : accounts) {
    files.push_back(account_prices(account.timestamp, account.equity));
    TRADEWIND_ASSIGN(rows.emplace_back(), returns_row(account, execution, sha256_hex(files.back())));
  }
  workspace::RunWriterOptions options;
  for (std::size_t i = 0; i < metrics::kMetricCount; ++i) options.metric_columns.emplace_back(enum_name(static_cast<metrics::Metric>(i)));
  TRADEWIND_ASSIGN(workspace::RunWriter writer, workspace::RunWriter::create(root, run.run_id, std::move(options)));
  const Path folder = (std::filesystem::absolute(root) / run.run_id / "data").lexically_normal();
  TRADEWIND_TRY(make_directories(folder));
  workspace::SegmentBuilder segment = writer.new_segment();
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    const Account& account = accounts[i];
    const std::string path = (folder / (account.id + ".csv")).string();
    TRADEWIND_TRY(write_file_durable(path, files[i]));
    run.execution.data.push_back({account.id, path, {}, rows[i].data_hash, run.periods_per_year, {}});
    run.symbols.push_back(account.id);
    run.data_files[account.id] = path;
    run.data_hashes[path] = rows[i].data_hash;
    run.start_date = i == 0 ? account.timestamp.front() : std::min(run.start_date, account.timestamp.front());
    run.end_date = i == 0 ? account.timestamp.back() : std::max(run.end_date, account.timestamp.back());
    const std::int8_t held = 1;
    const float confidence = 1;
    TRADEWIND_TRY(segment.append(static_cast<std::int32_t>(i), rows[i],
                                 {std::span(account.timestamp).first(1), std::span(&held, 1), std::span(&confidence, 1)}));
  }
  TRADEWIND_TRY(writer.add(std::move(segment)));
  TRADEWIND_ASSIGN([[maybe_unused]] const auto written, writer.finish(std::move(run)));
  return {};
}

}  // namespace

Result<ReturnsImport> import_returns(const Path& root, const Path& file, const std::string& run_id, double periods_per_year) {
  TRADEWIND_TRY(workspace::check_id("run_id", run_id));
  if (is_there(root / run_id))
    return Error(Errc::already_exists, fmt::format("run '{}' is there already", run_id), (root / run_id).string(),
                 "choose another --run-id");
  if (!(std::isfinite(periods_per_year) && periods_per_year > 0))
    return Error(Errc::usage, "bars per year are above 0", "--periods-per-year");
  TRADEWIND_ASSIGN(const market::SeriesTable table, market::read_series(file));
  if (table.timestamp.size() < 2)
    return Error(Errc::invalid_data, table.timestamp_name.empty() ? "the file has no column of times" : "the file has fewer than two rows",
                 file.string(), "a run lies in time: give the returns a column timestamp or date");
  const auto columns = table.numeric_columns();
  if (columns.empty()) return table.no_numbers(file);
  if (columns.size() > kMaxColumns)
    return Error(Errc::too_large, fmt::format("{} columns; at most {} become the strategies of a run", columns.size(), kMaxColumns),
                 file.string(), "import in several runs; overfit and ensemble take wide files as they are");
  ReturnsImport result{static_cast<std::int64_t>(columns.size()), static_cast<std::int64_t>(table.rows()), table.notes};
  for (const market::SeriesColumn& column : table.columns)
    if (column.is_text) result.notes.push_back(fmt::format("left out a column that is no number: '{}'", printable(column.name)));
  if (auto warning = market::periods_per_year_warning(table.timestamp, periods_per_year)) result.notes.push_back(std::move(*warning));
  std::vector<Account> accounts;
  for (const market::SeriesColumn* column : columns) {
    TRADEWIND_ASSIGN(accounts.emplace_back(), account_of(table, *column, file));
  }
  TRADEWIND_TRY(write_accounts(root, accounts, returns_metadata(run_id, std::filesystem::absolute(file), table.sha256, periods_per_year)));
  return result;
}

}  // namespace tradewind::replay
