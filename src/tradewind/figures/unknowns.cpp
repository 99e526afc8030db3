// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/unknowns.hpp"

#include <fmt/format.h>

#include "tradewind/analysis/verdict.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/figures/html_internal.hpp"

namespace tradewind::figures {

std::vector<std::string> unknowns_of(const Json& document) {
  const View view(document);
  std::vector<std::string> out;
  const View provenance = view["provenance"];
  for (const auto& reason : analysis::verdict_of(document).reasons)
    if (reason.outcome == analysis::CheckOutcome::unknown) out.push_back(reason.text);
  const bool traded = !provenance["config"]["session"].empty();  // a session's fills and fees are in its account
  if (!traded && provenance["commission_rate"].number() == 0 && provenance["slippage_bps"].number() == 0) {
    out.emplace_back("No costs were charged: real results would be worse.");
  }
  if (!traded && provenance["fill"].text() == "close") out.emplace_back("Fills at the close of the signal's own bar are optimistic.");
  if (provenance["symbols"].list().size() == 1)
    out.push_back(fmt::format("Only one market was looked at: {}.", provenance["symbols"][0].text()));
  const double ppy = provenance["periods_per_year"].number(), held = view["split"]["holdout_bars"].number();
  if (held / ppy < 1)
    out.push_back(fmt::format("The held-out part is short: {} bars, {} years.", count(view["split"]["holdout_bars"].integer()),
                              fixed(held / ppy, 1)));
  for (const View& note : view["notes"].list()) out.push_back(note.shown());
  out.emplace_back("The future: all of this is one history, and markets change.");
  return out;
}

}  // namespace tradewind::figures
