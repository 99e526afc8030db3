// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

struct LiveArguments {
  Path config;
  std::string session;      ///< empty: the configuration's name
  std::int64_t cycles = 0;  ///< so many more; 0: until stopped
  std::string venue = "paper";
};

/// `tradewind live CONFIG`. Exit code 6 when trading is halted, 5 when it was interrupted before its cycles were done.
Result<CommandOutput> live(const LiveArguments& arguments, const Context& context);
/// `tradewind live status`; an empty session is the workspace's newest. Exit code 6 when trading is halted.
Result<CommandOutput> live_status(const std::string& session, const Context& context);
struct TradesArguments {
  std::string session;  ///< empty: the workspace's newest
  Path out;             ///< .csv, .parquet or .json; empty: none
};
/// `tradewind live trades`: every trade of a session; `out` gets a line for each fill and payout.
Result<CommandOutput> live_trades(const TradesArguments& arguments, const Context& context);
/// `tradewind live enable|disable|rebalance|halt|reduce|resume`: leaves the command with the session and waits for its answer.
/// Errors: Errc::usage with the session's answer when it refuses.
Result<CommandOutput> live_command(const std::string& session, const Json& command, const Context& context);

}  // namespace tradewind::commands
