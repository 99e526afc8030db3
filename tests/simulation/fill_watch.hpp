// SPDX-License-Identifier: Apache-2.0
// Whether an exchange fills as it says it does, told from what it was shown and what it booked.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "tradewind/trading/order_book.hpp"
#include "tradewind/trading/venue.hpp"

namespace tradewind::simulation {

/// Holds fills to the model of docs/live.md: an order meets the first book after its arrival, what is taken of a level stays taken until it
/// is shown anew, and who rests stands behind what was displayed.
class FillWatch {
 public:
  /// What the exchange is doing when it books an entry.
  enum class While : std::uint8_t { idle, prints, books };

  void arrived(const trading::Order& order, std::int64_t now);
  void print(const trading::Print& print);
  void show(const trading::MarketPrices& prices, std::int64_t now);
  /// After the books of a moment and what they filled: who rests joins the queue.
  void shown(std::int64_t now);
  /// What is wrong with a fill, in words; empty: nothing.
  std::string fill(const trading::AccountEntry& entry, While what, std::int64_t now);

 private:
  /// A place in the one book of both outcomes.
  struct Place {
    std::string market;
    trading::Side side = trading::Side::buy;  ///< of the one that rests, in yes
    std::int64_t price = 0;                   ///< of yes, in millionths
    auto operator<=>(const Place&) const = default;
  };
  struct Taken {
    Shares shares;
    std::int64_t since = 0;
  };
  struct Waiting {
    trading::Order order;
    std::int64_t arrived = 0;
    std::optional<Shares> ahead;  ///< once it has joined the queue
    Shares passed;                ///< traded at its price since
    Shares beyond;                ///< … at worse prices, which reach it whatever the queue
    Shares given;                 ///< to it by trades of others
  };
  static Place place(const std::string& market, trading::Outcome outcome, trading::Side resting, Price price);
  Shares displayed(const Place& at) const;
  std::string taken(const trading::AccountEntry& entry, std::int64_t now);
  std::string given(const trading::AccountEntry& entry, While what);

  std::map<std::string, trading::MarketPrices> books_;
  std::map<std::string, std::int64_t> shown_at_;
  std::map<Place, Taken> taken_;
  std::map<trading::OrderId, Waiting> waiting_;
  std::set<std::string> through_;  ///< markets in which a book went through a resting order: how much it left of a level is not told
};

}  // namespace tradewind::simulation
