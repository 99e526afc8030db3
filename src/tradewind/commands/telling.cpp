// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/telling.hpp"

#include "tradewind/workflow/workflow_config.hpp"

namespace tradewind::commands {

Result<Telling> Telling::open(const std::string& config) {
  Telling out;
  if (config.empty()) return out;
  TRADEWIND_ASSIGN(const auto settings, workflow::load_event_settings(config));
  TRADEWIND_ASSIGN(out.sinks_, notifications::EventSinks::open(*out.bus_, settings));
  return out;
}

void Telling::close(const Context& context) {
  if (!sinks_) return;
  for (const std::string& warning : sinks_->close(notifications::kDeliverySeconds).warnings()) context.progress->warn(warning);
}

}  // namespace tradewind::commands
