// SPDX-License-Identifier: Apache-2.0
// Configurations: YAML and JSON, read as a sweep, as a live session and as the events section of either.
#include "fuzz.hpp"
#include "tradewind/config/value.hpp"
#include "tradewind/live/live_config.hpp"
#include "tradewind/notifications/settings.hpp"
#include "tradewind/sweep/sweep_config.hpp"

namespace tradewind::fuzz {

FUZZ_TARGET(config) {
  const auto document = config::parse_config(input, "fuzz.yaml");
  if (!good(document)) return;
  const std::string json = config::to_json(*document);
  const auto again = config::parse_config(json, "fuzz.json");
  require(good(again), "what is written is read", json);
  require(config::to_json(*again) == json, "a document comes back as it was written", json);
  if (const auto sweep = sweep::read_sweep_config(*document, scratch(), "fuzz.yaml"); good(sweep))
    require(!sweep->strategies.empty(), "a sweep has strategies");
  good(live::read_live_config(*document, "fuzz.yaml", {scratch(), scratch()}));
  config::Complaints complaints("fuzz.yaml");
  notifications::read_event_settings(*document, "events", complaints, [](const std::string& name) {
    return name == "SET" ? std::optional<std::string>("value") : std::nullopt;
  });
  good(complaints.status());
}

}  // namespace tradewind::fuzz
