// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/notifications/cloud_event.hpp"

namespace tradewind::notifications {

/// A text with places for parts of an event: `{{type}}`, `{{data.net_sharpe}}`, or `{{net_sharpe}}` for short. A name is looked for among
/// the event's attributes (id, source, type, subject, time, data), then among the fields of its data.
class BodyTemplate {
 public:
  /// With `json`, texts are put in as JSON wants them between quotes: {"text": "run {{run_id}}"}.
  /// Errors: `invalid_config` for a place that is not closed or holds no name.
  static Result<BodyTemplate> parse(std::string_view text, bool json);

  /// Undefined numbers become null, lists and objects JSON. Errors: `unknown_name` for a place the event has nothing for.
  Result<std::string> render(const CloudEvent& event) const;
  /// Whether events of a type (given by an example) can be put in; with `json`, also whether JSON comes out. Errors: as render,
  /// `invalid_config`.
  Status check(const CloudEvent& example) const;

 private:
  struct Part {
    std::string text;
    bool place = false;
  };
  std::vector<Part> parts_;
  bool json_ = true;
};

}  // namespace tradewind::notifications
