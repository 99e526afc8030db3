// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/session_run.hpp"
#include "tradewind/replay/account_prices.hpp"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <utility>

#include <fcntl.h>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/execution/trade_history.hpp"
#include "tradewind/live/live_config.hpp"
#include "tradewind/live/session_journal_internal.hpp"
#include "tradewind/live/session_moment.hpp"
#include "tradewind/live/short_record.hpp"
#include "tradewind/metrics/trade_account.hpp"
#include "tradewind/version.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/writer.hpp"

namespace tradewind::live {
namespace {

using execution::EngineState;
using execution::StrategyLedger;

constexpr double kStart = 100;  // every account begins at so much

/// One strategy's account over the session.
struct Curve {
  std::string name;
  std::vector<UnixNanos> timestamp;
  std::vector<double> close;  ///< equity, without what was put in or taken out, from kStart on
  std::vector<double> gross;  ///< the same as it would be without fees
  double capital = 0;         ///< dollars: the first it had
  Money fees;                 ///< paid until the last mark
};

struct Session {
  execution::TradeHistory history;
  std::vector<Curve> curves;
  std::map<std::string, std::string> unqualified;  ///< strategy -> why its analysis says not to trade it
  const EngineState& state() const noexcept { return history.state(); }
};

/// Adds the growth of an account at a mark to its curve; the first one comes after its start.
void extend(Curve& curve, double index, double gross, UnixNanos started, UnixNanos time) {
  const auto add = [&](UnixNanos at, double net, double before_fees) {
    if (!curve.timestamp.empty() && at <= curve.timestamp.back()) return;
    curve.timestamp.push_back(at);
    curve.close.push_back(kStart * net);
    curve.gross.push_back(kStart * before_fees);
  };
  if (curve.timestamp.empty() && started < time) add(started, 1, 1);
  add(time, index, gross);
}

Status read_session(const execution::SqliteJournal& journal, Session& session) {
  TRADEWIND_ASSIGN(const std::string stored, journal.statistics());
  session.unqualified = unqualified_of(strategies_of(read_json(stored)));
  std::map<std::string, AccountGrowth> growth;
  std::map<std::string, AccountGrowth> gross;
  std::map<std::string, Curve> curves;
  const auto at_mark = [&](const execution::Mark& mark) {
    each_marked(session.state(), mark, [&](const StrategyLedger& ledger, Money equity) {
      if (ledger.name == EngineState::kExternal) return;
      AccountGrowth& own = growth_of(growth, ledger);
      own.mark(equity, ledger.contributed);
      Curve& curve = curves[ledger.name];
      AccountGrowth& before_fees = growth_of(gross, ledger);
      before_fees.mark(equity, ledger.contributed, ledger.fees - std::exchange(curve.fees, ledger.fees));
      if (!(curve.capital > 0)) curve.capital = ledger.contributed.to_double();
      extend(curve, own.index(), before_fees.index(), session.state().started(), mark.time);
    });
  };
  TRADEWIND_TRY(walk_session(journal, [&](const execution::Record& record) { return session.history.replay(record); }, at_mark));
  for (const StrategyLedger& ledger : session.state().ledgers()) {
    if (ledger.name == EngineState::kExternal || curves[ledger.name].close.size() < 2) continue;
    session.curves.push_back(std::move(curves[ledger.name]));
    session.curves.back().name = ledger.name;
  }
  return {};
}

/// +1 from the mark before the equity first moves to the last one at which it moved.
std::vector<metrics::PositionChange> changes_of(const std::vector<double>& close) {
  std::vector<metrics::PositionChange> changes;
  bool held = false;
  for (std::size_t i = 0; i + 1 < close.size(); ++i) {
    const bool moves = close[i + 1] != close[i];
    if (moves == held) continue;
    held = moves;
    changes.push_back({static_cast<std::int32_t>(i), static_cast<std::int8_t>(held ? 1 : 0)});
  }
  return changes;
}

/// Marks a year, by the median distance of two.
double marks_per_year(const std::vector<UnixNanos>& times) {
  std::vector<UnixNanos> gaps;
  for (std::size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
  std::nth_element(gaps.begin(), gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2), gaps.end());
  return kNanosPerYear / static_cast<double>(gaps[gaps.size() / 2]);
}

/// What trades earned is the ledger's to say, not the curve's: of the strategy's own closed trades, as shares of its capital.
struct TradeFigures {
  metrics::Decided closed;  ///< that filled something, in dollars
  std::int64_t trades = 0;  ///< of those
  double fees = 0;          ///< dollars
  double capital = 0;       ///< dollars
  std::int64_t fills = 0;

  void close(double profit) {
    ++trades;
    (profit > 0 ? closed.gains : closed.losses) += profit;
    closed.won += profit > 0 ? 1 : 0;
    closed.lost += profit < 0 ? 1 : 0;
    closed.largest_win = std::max(closed.largest_win, profit);
    closed.largest_loss = std::min(closed.largest_loss, profit);
  }
};

void book_trades(metrics::PerformanceMetrics& m, const TradeFigures& figures) {
  using metrics::Metric;
  using metrics::Undefined;
  m.unit = metrics::Unit::trade;
  m.total_trades = figures.trades;
  m.won_trades = figures.closed.won;
  m.lost_trades = figures.closed.lost;
  metrics::set_decided(m, figures.closed, Undefined::no_decided_trades);
  const bool has_capital = figures.capital > 0;
  const auto share = [&](Metric metric, bool defined, double dollars, Undefined why) {
    defined&& has_capital ? m.set(metric, dollars / figures.capital) : m.set_undefined(metric, why);
  };
  for (const Metric metric : {Metric::avg_win, Metric::largest_win}) share(metric, figures.closed.won > 0, m[metric], Undefined::no_wins);
  for (const Metric metric : {Metric::avg_loss, Metric::largest_loss})
    share(metric, figures.closed.lost > 0, m[metric], Undefined::no_losses);
  share(Metric::total_costs, true, figures.fees, Undefined::empty);
  if (figures.fills > 0 && has_capital)
    m.set(Metric::cost_per_trade, figures.fees / figures.capital / static_cast<double>(figures.fills));
  else
    m.set_undefined(Metric::cost_per_trade, Undefined::no_fills);
}

/// What the account would have been without its fees.
void book_gross(metrics::PerformanceMetrics& m, const metrics::PerformanceMetrics& gross) {
  using metrics::Metric;
  const auto take = [&](Metric to, Metric from) {
    gross.why(from) == metrics::Undefined::defined ? m.set(to, gross[from]) : m.set_undefined(to, gross.why(from));
  };
  take(Metric::gross_return, Metric::total_return);
  take(Metric::gross_sharpe, Metric::sharpe_ratio);
  const metrics::Undefined why = std::max(m.why(Metric::gross_sharpe), m.why(Metric::net_sharpe));
  if (why == metrics::Undefined::defined)
    m.set(Metric::cost_impact, m[Metric::gross_sharpe] - m[Metric::net_sharpe]);
  else
    m.set_undefined(Metric::cost_impact, why);
}

/// Writes one run into a folder of its own.
class Writing {
 public:
  Writing(Path staging, Path final_folder, std::string session, std::string identity)
      : staging_(std::move(staging)), final_(std::move(final_folder)), session_(std::move(session)), identity_(std::move(identity)) {}
  Status write(const Session& session);

 private:
  Status add(const Curve& curve, const StrategyLedger& ledger, workspace::SegmentBuilder& segment, std::int32_t ordinal);
  workspace::RunMetadata metadata(const Session& session) const;

  Path staging_;
  Path final_;
  std::string session_;
  std::string identity_;
  double periods_per_year_ = 0;
  std::map<std::string, TradeFigures> trades_;  ///< by strategy
  workspace::RunExecution execution_{
      .data = {}, .fill = "close", .commission_rate = 0, .slippage_model = "linear", .slippage_rate = 0, .risk_free = 0, .accounts = true};
};

Status Writing::add(const Curve& curve, const StrategyLedger& ledger, workspace::SegmentBuilder& segment, std::int32_t ordinal) {
  const std::string csv = replay::account_prices(curve.timestamp, curve.close);
  const std::string name = "data/" + curve.name + ".csv";
  TRADEWIND_TRY(write_file_durable(staging_ / session_ / name, csv));
  const std::string path = (std::filesystem::absolute(final_) / name).lexically_normal().string();
  const std::string hash = sha256_hex(csv);
  execution_.data.push_back({curve.name, path, {}, hash, periods_per_year_, {}});

  metrics::TradeTables::Options execution{metrics::FillModel::close, metrics::ExecutionCosts::none(), periods_per_year_, 0};
  TRADEWIND_ASSIGN(const auto tables, metrics::TradeTables::make({}, curve.close, execution));
  const auto changes = changes_of(curve.close);
  metrics::PerformanceMetrics performance = metrics::account_metrics(tables, changes);
  workspace::SignalMetadata row;
  row.strategy_id = curve.name;
  row.strategy_type = curve.name;
  row.symbol = curve.name;
  row.parameters = {{"allocation", ledger.allocation}};
  row.total_signals = static_cast<std::int64_t>(curve.close.size());
  row.signal_changes = static_cast<std::int64_t>(changes.size());
  row.compression_ratio = static_cast<double>(row.total_signals) / static_cast<double>(std::max<std::int64_t>(1, row.signal_changes));
  row.total_trades = ledger.closed;
  row.total_fills = trades_.at(curve.name).fills;
  TRADEWIND_ASSIGN(const auto gross_tables, metrics::TradeTables::make({}, curve.gross, execution));
  book_gross(performance, metrics::account_metrics(gross_tables, changes_of(curve.gross)));
  book_trades(performance, trades_.at(curve.name));
  leave_out_short(performance, static_cast<double>(curve.close.size()) / periods_per_year_);
  row.values.assign(performance.value.begin(), performance.value.end());
  row.undefined = metrics::undefined_text(performance);
  row.data_hash = hash;
  row.parameter_hash = hash64(session_ + "|" + curve.name);
  workspace::Signals signals;
  for (const auto& change : changes) {
    signals.timestamp.push_back(curve.timestamp[static_cast<std::size_t>(change.bar)]);
    signals.signal.push_back(change.position);
    signals.confidence.push_back(1.0F);
  }
  return segment.append(ordinal, row, {signals.timestamp, signals.signal, signals.confidence});
}

workspace::RunMetadata Writing::metadata(const Session& session) const {
  workspace::RunMetadata run;
  run.run_id = session_;
  run.created_at = system_clock().now();
  run.workflow_type = "live";
  run.best_sharpe = std::nan("");
  run.commission_model = "in the account: fees of the fills";
  run.slippage_model = "in the account: prices of the fills";
  run.start_date = session.curves.front().timestamp.front();
  run.end_date = session.curves.front().timestamp.back();
  for (const Curve& curve : session.curves) run.symbols.push_back(curve.name);
  run.periods_per_year = periods_per_year_;
  run.execution = execution_;
  for (const workspace::SymbolPrices& data : execution_.data) {
    run.data_hashes[data.path] = data.sha256;
    run.data_files[data.symbol] = data.path;
  }
  run.tradewind_version = TRADEWIND_VERSION;
  Json config = read_json(session.state().config());
  hide_secrets(config);  // journals of before did not
  Json of_session = {{"identity", identity_}};
  if (!session.unqualified.empty()) of_session["unqualified"] = session.unqualified;
  const Json stored = {{"live", config.is_discarded() ? Json::object() : config}, {"session", std::move(of_session)}};
  run.config = dump_json(stored);
  run.status = "complete";
  return run;
}

Status Writing::write(const Session& session) {
  for (const Curve& curve : session.curves) trades_[curve.name].capital = curve.capital;
  for (const auto& [id, trade] : session.history.trades()) {
    TradeFigures& figures = trades_[trade.strategy];
    figures.fees += trade.fees().to_double();
    figures.fills += std::count_if(trade.lines.begin(), trade.lines.end(),
                                   [](const auto& line) { return line.kind == trading::AccountEntry::Kind::fill; });
    if (trade.closed && trade.filled()) figures.close(trade.profit().to_double());
  }
  periods_per_year_ = marks_per_year(session.curves.front().timestamp);
  workspace::RunWriterOptions options;
  for (std::size_t i = 0; i < metrics::kMetricCount; ++i) options.metric_columns.emplace_back(enum_name(static_cast<metrics::Metric>(i)));
  TRADEWIND_ASSIGN(workspace::RunWriter writer, workspace::RunWriter::create(staging_, session_, options));
  TRADEWIND_TRY(make_directories(staging_ / session_ / "data"));
  workspace::SegmentBuilder segment = writer.new_segment();
  for (std::size_t i = 0; i < session.curves.size(); ++i)
    TRADEWIND_TRY(add(session.curves[i], *session.state().ledger(session.curves[i].name), segment, static_cast<std::int32_t>(i)));
  TRADEWIND_TRY(writer.add(std::move(segment)));
  TRADEWIND_ASSIGN([[maybe_unused]] const auto written, writer.finish(metadata(session)));
  return {};
}

/// When a session without an identity in its run, written by a version before, made its first mark.
Result<UnixNanos> first_mark(const execution::SqliteJournal& journal) {
  UnixNanos first = -1;
  TRADEWIND_TRY(journal.read_marks([&](const execution::Mark& mark) { first = first < 0 ? mark.time : first; }));
  return first;
}

/// Whether the run in `root` was written by the session whose journal this is.
Result<bool> is_own(const Path& root, const std::string& session, const execution::SqliteJournal& journal) {
  const auto run = workspace::read_run_metadata(root, session);
  if (!run || run->workflow_type != "live") return false;
  const Json config = read_json(run->config);
  const auto of_session = config.is_object() ? config.find("session") : config.end();
  if (of_session == config.end() || !of_session->is_object()) {
    TRADEWIND_ASSIGN(const UnixNanos first, first_mark(journal));
    return first >= 0 && first == run->start_date;
  }
  TRADEWIND_ASSIGN(const std::string identity, journal.identity());
  return of_session->contains("identity") && (*of_session)["identity"] == identity;
}

Error name_is_taken(const Path& workspace, const std::string& session) {
  return {Errc::already_exists, fmt::format("'{}' is a run that this session did not write; it is left as it is", session),
          (workspace / session).string(), "give the session another name by --session, or move that run away"};
}

/// Puts the new run where the old one is, in one step where the file system can. `is_old`: whether that is the one to be replaced.
Status put_in_place(const Path& fresh, const Path& place, const std::function<Result<bool>(const Path&)>& is_old) {
  const auto swap = [&](unsigned how) { return ::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, place.c_str(), how) == 0; };
  std::error_code failed;
  if (!is_there(place)) {
    if (!swap(RENAME_NOREPLACE)) {
      if (errno == EEXIST) return name_is_taken(place.parent_path(), place.filename().string());
      std::filesystem::rename(fresh, place, failed);  // the file system knows no such rename
    }
  } else if (swap(RENAME_EXCHANGE)) {
    TRADEWIND_ASSIGN(const bool old, is_old(fresh.parent_path()));
    if (!old && swap(RENAME_EXCHANGE)) return name_is_taken(place.parent_path(), place.filename().string());
  } else {  // the file system knows no exchange
    std::filesystem::remove_all(place, failed);
    std::filesystem::rename(fresh, place, failed);
  }
  if (failed) return system_error("putting the session's run in place", place, failed.value());
  return sync_path(place.parent_path());
}

}  // namespace

Status check_own_run(const Path& workspace, const std::string& session, const execution::SqliteJournal* journal) {
  if (!is_there(workspace / session)) return {};
  if (journal == nullptr) return name_is_taken(workspace, session);
  TRADEWIND_ASSIGN(const bool own, is_own(workspace, session, *journal));
  return own ? Status() : name_is_taken(workspace, session);
}

Status write_session_run(const Path& workspace, const std::string& session, const execution::SqliteJournal& journal) {
  Session read;
  TRADEWIND_TRY(read_session(journal, read));
  if (read.curves.empty() || read.curves.front().close.size() < 2) return {};
  TRADEWIND_TRY(check_own_run(workspace, session, &journal));
  TRADEWIND_ASSIGN(const std::string identity, journal.identity());
  const Path staging = SessionFiles::of(workspace, session).folder / "staging";
  std::error_code ignored;
  std::filesystem::remove_all(staging, ignored);
  TRADEWIND_TRY(make_directories(staging));
  TRADEWIND_TRY(Writing(staging, workspace / session, session, identity).write(read));
  TRADEWIND_TRY(put_in_place(staging / session, workspace / session, [&](const Path& root) { return is_own(root, session, journal); }));
  std::filesystem::remove_all(staging, ignored);
  return {};
}

}  // namespace tradewind::live
