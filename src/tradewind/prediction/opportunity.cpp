// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/opportunity.hpp"

namespace tradewind::prediction {

std::string_view opportunity_kind_name(OpportunityKind kind) noexcept {
  constexpr std::string_view kNames[] = {
      "complete_set_buy", "complete_set_sell", "multi_outcome", "implication", "momentum", "pair", "news", "signal", "custom"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view fate_name(Fate fate) noexcept {
  constexpr std::array<std::string_view, kFates> kNames = {
      "traded",       "not_best",       "below_margin",    "no_capital",       "too_small",   "already_held", "cooling_down",
      "wide_spread",  "thin_book",      "near_resolution", "market_closed",    "stale_book",  "gapped_book",  "crossed_book",
      "missing_book", "position_limit", "exposure_limit",  "allocation_limit", "order_limit", "order_rate",   "price_band",
      "loss_limit",   "invalid_number", "reducing",        "halted",           "disabled",    "unreconciled", "journal_failed"};
  return kNames[static_cast<std::size_t>(fate)];
}

Fate fate_of(BookState state) noexcept {
  switch (state) {
    case BookState::good: return Fate::traded;
    case BookState::missing: return Fate::missing_book;
    case BookState::stale: return Fate::stale_book;
    case BookState::gapped: return Fate::gapped_book;
    case BookState::crossed: return Fate::crossed_book;
    case BookState::closed: return Fate::market_closed;
  }
  return Fate::missing_book;
}

}  // namespace tradewind::prediction
