// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/log.hpp"
#include "tradewind/config/reader.hpp"
#include "tradewind/live/strategy_manager.hpp"
#include "tradewind/live/strategy_origin.hpp"
#include "tradewind/notifications/settings.hpp"
#include "tradewind/telemetry/optimizer/performance_optimizer.hpp"
#include "tradewind/telemetry/recordings.hpp"
#include "tradewind/trading/prediction_simulator.hpp"
#include "tradewind/venues/paper_venue.hpp"
#include "tradewind/venues/polymarket_settings.hpp"

namespace tradewind::live {

/// Where prices come from.
enum class MarketData : std::uint8_t { simulated, polymarket };

/// Where news come from, for the strategy `news`.
struct NewsSettings {
  std::string file;          ///< JSON lines, read as it grows; relative to the configuration
  std::string url;           ///< RSS, Atom or JSON lines over HTTP; may hold a secret
  std::string source;        ///< the URL without one: the source of its items
  double poll_seconds = 60;  ///< between two requests of the URL
};

/// A live configuration: the document's keys at the top level, and ours (docs/live.md lists them all).
struct LiveConfig {
  std::string name;  ///< of its file, without the folder
  Money total_capital = Money::whole(100);
  double cycle_interval = 10;  ///< seconds; 0: without pause
  std::uint64_t seed = 42;
  MarketData market_data = MarketData::simulated;
  std::vector<execution::SessionStarted::Share> shares;  ///< of every strategy configured, enabled or not; Σ allocation of the enabled = 1
  std::vector<NamedStrategy> strategies;
  std::map<std::string, StrategyOrigin> origins;  ///< of strategies that were made from a run, by name
  NewsSettings news;
  ManagerSettings manager;
  execution::DeskSettings desk;
  trading::PredictionSimulation simulation;
  venues::PaperSettings paper;
  venues::PolymarketSettings polymarket;
  telemetry::MonitorSettings monitor;
  telemetry::OptimizerSettings optimizer;
  bool apply_suggestions = false;  ///< changes of the configuration that the optimizer suggests, measured and taken back when they hurt
  std::optional<std::uint16_t> metrics_port;  ///< of the OpenMetrics endpoint on this machine's own address; none without
  notifications::EventSettings events;        ///< who is told what happens to the session
  LogLevel log_level = LogLevel::info;        ///< the least that stands in the session's log
  std::string json;                           ///< the whole configuration as it was read, without secrets

  execution::SessionStarted session_started(const std::string& session) const;
};

/// Where what a configuration names is to be found.
struct ConfigPlaces {
  Path folder = ".";              ///< relative paths start here
  Path workspace = "workspaces";  ///< runs that ensemble strategies name
};

/// Takes what may be a secret out of a live configuration that is to be stored: user and query of `news.url`, and who is told of events.
void hide_secrets(Json& live);

/// Reads a configuration; every complaint at once. Errors: Errc::invalid_config.
Result<LiveConfig> read_live_config(const config::Value& document, const std::string& file, const ConfigPlaces& places = {});
Result<LiveConfig> load_live_config(const Path& path, const Path& workspace = "workspaces");

}  // namespace tradewind::live
