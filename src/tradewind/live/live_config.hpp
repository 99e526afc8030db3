// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/config/reader.hpp"
#include "tradewind/live/strategy_manager.hpp"
#include "tradewind/market/prediction_simulator.hpp"
#include "tradewind/performance/settings.hpp"
#include "tradewind/venues/paper_venue.hpp"
#include "tradewind/venues/polymarket_settings.hpp"

namespace tradewind::live {

/// Where prices come from.
enum class MarketData : std::uint8_t { simulated, polymarket };

/// A live configuration: the document's keys at the top level, and ours (docs/live.md lists them all).
struct LiveConfig {
  Money total_capital = Money::whole(100);
  double cycle_interval = 10;   ///< seconds; 0: without pause
  std::uint64_t seed = 42;
  MarketData market_data = MarketData::simulated;
  std::vector<execution::SessionStarted::Share> shares;
  std::vector<NamedStrategy> strategies;
  std::optional<std::string> news_url;  ///< RSS, Atom or JSON lines over HTTP, for the strategy `news`
  std::optional<std::string> news_file;
  ManagerSettings manager;
  execution::DeskSettings desk;
  market::PredictionSimulation simulation;
  venues::PaperSettings paper;
  venues::PolymarketSettings polymarket;
  performance::MonitorSettings monitor;
  performance::OptimizerSettings optimizer;
  std::optional<int> metrics_port;      ///< of the OpenMetrics endpoint on this machine's own address; none without
  std::string json;                     ///< the whole configuration as it was read

  execution::SessionStarted session_started(const std::string& session) const;
};

/// Reads a configuration; every complaint at once. `workspace`: where runs named by ensemble strategies are. Errors: Errc::invalid_config.
Result<LiveConfig> read_live_config(const config::Value& document, const std::string& file, const Path& workspace = "workspaces");
Result<LiveConfig> load_live_config(const Path& path, const Path& workspace = "workspaces");

}  // namespace tradewind::live
