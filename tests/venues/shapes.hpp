// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tradewind/base/json.hpp"

/// Answers in the shapes that Polymarket documents.
namespace tradewind::venues::shapes {

inline std::string condition(int number) {
  std::string digits = std::to_string(number);
  return "0x" + std::string(64 - digits.size(), 'a') + digits;
}
inline std::string yes_token(int number) { return "600" + std::to_string(number); }
inline std::string no_token(int number) { return "700" + std::to_string(number); }

inline Json market(int number) {
  return {{"id", std::to_string(500'000 + number)},
          {"question", "Will it be " + std::to_string(number) + "?"},
          {"conditionId", condition(number)},
          {"slug", "will-it-be-" + std::to_string(number)},
          {"endDate", "2028-11-07T00:00:00Z"},
          {"outcomes", R"(["Yes", "No"])"},
          {"outcomePrices", R"(["0.4", "0.6"])"},
          {"volume", "1234.5"},
          {"volumeNum", 1234.5},
          {"liquidity", "99.5"},
          {"liquidityNum", 99.5},
          {"active", true},
          {"closed", false},
          {"archived", false},
          {"enableOrderBook", true},
          {"acceptingOrders", true},
          {"orderPriceMinTickSize", 0.001},
          {"orderMinSize", 5},
          {"clobTokenIds", "[\"" + yes_token(number) + "\", \"" + no_token(number) + "\"]"},
          {"umaResolutionStatuses", "[]"},
          {"feesEnabled", true},
          {"feeSchedule", {{"exponent", 1}, {"rate", 0.04}, {"takerOnly", true}, {"rebateRate", 0.25}}}};
}

inline Json with(Json object, const std::string& key, Json value) {
  object[key] = std::move(value);
  return object;
}
inline Json without(Json object, const std::string& key) {
  object.erase(key);
  return object;
}
inline Json closed(Json market, const std::string& prices = R"(["1", "0"])") {
  market["closed"] = true;
  market["acceptingOrders"] = false;
  market["outcomePrices"] = prices;
  return market;
}

inline Json event(int number, std::vector<Json> markets) {
  return {{"id", std::to_string(number)},
          {"slug", "event-" + std::to_string(number)},
          {"active", true},
          {"closed", false},
          {"tags", Json::array({{{"id", "2"}, {"label", "Politics"}, {"slug", "politics"}}, {{"id", "144"}, {"slug", "elections"}}})},
          {"markets", std::move(markets)}};
}

inline Json level(const std::string& price, const std::string& size) { return {{"price", price}, {"size", size}}; }

/// As REST gives it: bids ascending, asks descending.
inline Json book(int number, bool yes, const std::string& time = "1763700000123") {
  const bool y = yes;
  return {{"market", condition(number)},
          {"asset_id", y ? yes_token(number) : no_token(number)},
          {"timestamp", time},
          {"hash", "abc"},
          {"bids", Json::array({level(y ? "0.38" : ".58", "10"), level(y ? "0.39" : ".59", "20.5")})},
          {"asks", Json::array({level(y ? "0.42" : ".62", "30"), level(y ? "0.41" : ".61", "40.25")})},
          {"tick_size", "0.001"},
          {"neg_risk", false}};
}

inline Json clob_market(int number, bool yes_won, bool no_won, bool half = false, bool closed = true) {
  return {{"condition_id", condition(number)},
          {"closed", closed},
          {"is_50_50_outcome", half},
          {"tokens", Json::array({{{"outcome", "Yes"}, {"price", 1}, {"token_id", yes_token(number)}, {"winner", yes_won}},
                                  {{"outcome", "No"}, {"price", 0}, {"token_id", no_token(number)}, {"winner", no_won}}})}};
}

}  // namespace tradewind::venues::shapes
