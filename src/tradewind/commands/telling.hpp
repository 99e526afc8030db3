// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tradewind/commands/output.hpp"
#include "tradewind/notifications/event_bus.hpp"
#include "tradewind/notifications/sinks.hpp"

namespace tradewind::commands {

/// Who is told of what a command does: the section `events` of a configuration.
class Telling {
 public:
  /// `config` empty: nobody. Errors: as load_event_settings.
  static Result<Telling> open(const std::string& config);
  /// Null when nobody is told.
  notifications::EventBus* bus() const noexcept { return sinks_ ? bus_.get() : nullptr; }
  /// Hands over what is still on its way; what was lost becomes a warning.
  void close(const Context& context);

 private:
  std::unique_ptr<notifications::EventBus> bus_ = std::make_unique<notifications::EventBus>();
  std::unique_ptr<notifications::EventSinks> sinks_;
};

}  // namespace tradewind::commands
