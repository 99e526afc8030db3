// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

struct FollowArguments {
  Path config;
  int count = 0;  ///< end after so many analyses; 0: when interrupted
};

/// `tradewind follow CONFIG`: listens on NATS and analyses every sweep of this workspace that is reported complete, by itself; what it
/// finds is published in turn. Errors: Errc::invalid_config without a NATS server to subscribe to; Errc::interrupted is not one.
Result<CommandOutput> follow(const FollowArguments& arguments, const Context& context);

}  // namespace tradewind::commands
