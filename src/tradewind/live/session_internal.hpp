// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tradewind/live/environment.hpp"
#include "tradewind/live/markouts.hpp"
#include "tradewind/live/news_source_internal.hpp"
#include "tradewind/live/session.hpp"
#include "tradewind/live/session_events.hpp"
#include "tradewind/live/session_health.hpp"
#include "tradewind/live/session_log_internal.hpp"
#include "tradewind/live/session_metrics_internal.hpp"
#include "tradewind/live/tuner_internal.hpp"

namespace tradewind::live {

class LiveSession::Impl {
 public:
  Impl(LiveConfig config, SessionOptions options)
      : config_(std::move(config)), options_(std::move(options)), files_(SessionFiles::of(options_.workspace, options_.session)) {}

  Status open();
  Status run();
  Json report() const;
  /// An error that ends the session stands in its log.
  Status told(Status status) {
    status = log_.told(std::move(status));
    if (!status) events_.end(status.error().message(), kStopSeconds, *options_.progress);
    return status;
  }
  bool halted() const { return manager_->desk().state().trading_state() == execution::TradingState::halted; }
  bool interrupted() const noexcept { return interrupted_; }
  std::uint16_t metrics_port() const noexcept { return metrics_ ? metrics_->port() : std::uint16_t{0}; }
  StrategyManager& manager() noexcept { return *manager_; }
  telemetry::PerformanceMonitor& monitor() noexcept { return monitor_; }

 private:
  Status open_account();
  void open_feed();
  Status same_session();
  void warn_of_small_capital();
  Status resume();
  Status relive_until(const execution::Record& record, const execution::EngineState& then, std::int64_t& lived);
  Status relive(std::int64_t cycle, const execution::EngineState& then);
  Status cycle();
  bool fetch();
  void observe(std::vector<Money> equity);
  void review();
  void follow_optimizer();
  Status add_strategy(const std::string& name);
  void look_around();
  void look_on();
  void wait(const Stopwatch& since);
  Status settle();
  Status keep_statistics(bool now);
  /// Of the markets listed, those that are not decided.
  static std::vector<std::string> open_markets(std::span<const trading::PredictionMarket> listed);
  bool stopping() const { return options_.cancellation != nullptr && options_.cancellation->requested(); }

  /// Given to what is under way when somebody wants the process to end; what became of orders is asked at the next start.
  static constexpr double kStopSeconds = 1;

  LiveConfig config_;
  SessionOptions options_;
  SessionFiles files_;
  std::unique_ptr<execution::SqliteJournal> journal_;
  std::unique_ptr<Environment> environment_;
  SessionLog log_;
  SessionHealth health_;
  SessionEvents events_;
  prediction::MarketUniverse universe_;
  std::unique_ptr<execution::OrderDesk> desk_;
  std::unique_ptr<StrategyManager> manager_;
  Markouts markouts_;
  NewsSource news_source_;
  std::vector<trading::NewsItem> news_;
  telemetry::PerformanceMonitor monitor_{config_.monitor};
  telemetry::PerformanceOptimizer optimizer_{config_.optimizer};
  telemetry::Suggestions suggestions_;
  Tuner tuner_;
  SessionMetrics exported_;
  std::unique_ptr<telemetry::MetricsServer> metrics_;
  std::int64_t cycles_ = 0;  ///< of the whole session
  Stopwatch since_statistics_;
  bool interrupted_ = false;
  std::uint32_t kills_answered_ = 0;
};

}  // namespace tradewind::live
