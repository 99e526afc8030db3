// SPDX-License-Identifier: Apache-2.0
// Who Polymarket's markets are: pages of Gamma as the live program reads them.
#include "tradewind/base/json.hpp"
#include "tradewind/books/import_internal.hpp"
#include "tradewind/venues/polymarket_parse.hpp"

namespace tradewind::books {
namespace {

/// When each market of a page was closed, which the live program has no use for.
std::map<std::string, UnixNanos> closing_times(const Json& page) {
  std::map<std::string, UnixNanos> times;
  const std::function<void(const Json&)> look = [&](const Json& value) {
    if (value.is_object() && value.contains("conditionId"))
      if (const auto time = parse_time(text_in(value, "closedTime"))) times[text_in(value, "conditionId")] = time->nanos;
    if (value.is_structured())
      for (const Json& one : value) look(one);
  };
  look(page);
  return times;
}

}  // namespace

Status describe_by_gamma(const Path& file, RecordingBuilder& builder) {
  TRADEWIND_ASSIGN(const std::string text, read_file(file));
  venues::PolymarketParser parser;
  auto page = parser.gamma_page(text, file.string());
  if (!page) return Error(Errc::invalid_data, page.error().message(), file.string(), "give a page of Gamma's /events or /markets as JSON");
  TRADEWIND_ASSIGN(const Json json, parse_json(text, "the page"));
  const auto closed = closing_times(json);
  for (trading::PredictionMarket& market : page->markets) {
    const std::uint32_t place = builder.market(market.id);
    const auto payout = market.payout;
    market.payout.reset();
    market.closed = false;
    market.active = market.accepting_orders = market.order_book_enabled = true;
    RecordedMarket& one = builder.at(place);
    one.market = std::move(market);
    one.described = true;
    if (!payout) continue;
    if (const auto at = closed.find(one.market.id); at != closed.end())
      builder.payout(at->second + kUntilKnown, place, (*payout)[0].micros);
    else
      one.unresolved = "its description does not say when it was closed";
  }
  return {};
}

}  // namespace tradewind::books
