// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>

#include "tradewind/base/time.hpp"
#include "tradewind/trading/market_listener.hpp"
#include "tradewind/venues/paper_exchange.hpp"

namespace tradewind::venues {

struct PaperSettings {
  double latency_ms = 150;    ///< until an order reaches the exchange, and as long for its answer
  double jitter_ms = 100;     ///< up to so much more, uniform
  double venue_delay_ms = 0;  ///< for which the venue itself holds back an order, as some do in sports
  PaperFills fills;
  std::uint64_t seed = 1;
};

/// A paper exchange behind a delay: the venue of paper trading. Time is the clock's steady time. Books come by `show`: an order meets the
/// first one that comes after it has arrived. A delay is drawn from the seed, the moment and what the message is about, so that one who
/// goes on after an interruption draws what it would have drawn without.
class PaperVenue final : public trading::Venue, public trading::MarketListener {
 public:
  PaperVenue(PaperExchange exchange, const PaperSettings& settings, const Clock& clock);

  /// The books from now on, which orders that have arrived are matched with.
  void show(const trading::PredictionMarket& market, const trading::MarketPrices& prices) override;
  void print(const trading::Print& print) override;
  void resolve(const std::string& market_id, std::array<Price, 2> payout) override;

  void submit(std::span<const trading::Order> orders) override;
  void cancel(const trading::OrderId& id) override;
  void cancel_all() override;
  void ask_order(const trading::OrderId& id) override;
  void ask_account(std::uint64_t request, std::uint64_t sequence) override;
  std::vector<trading::VenueEvent> poll() override;
  std::int64_t latest_arrival() const override;

  const PaperExchange& exchange() const noexcept { return exchange_; }

 private:
  struct Message {
    enum class Kind : std::uint8_t { submit, cancel, cancel_all, ask_order, ask_account } kind;
    std::int64_t due = 0;
    trading::Order order;
    std::uint64_t request = 0;
    std::uint64_t sequence = 0;
  };
  struct Answer {
    std::int64_t due = 0;
    trading::VenueEvent event;
  };
  std::int64_t delay(std::int64_t moment, std::string_view what) const;
  void send(Message message);
  void answer(trading::VenueEvent event, std::string_view what);
  void deliver(const Message& message);
  void deliver_due();
  template <class Told>
  void answer_or_fail(Result<Told> told, std::string_view what);
  void report_news();

  PaperExchange exchange_;
  PaperSettings settings_;
  const Clock& clock_;
  std::int64_t there_ = 0;        ///< when what is being done happens at the venue
  std::int64_t last_order_ = 0;   ///< when the last message about orders arrives
  std::int64_t last_answer_ = 0;  ///< … and the last answer about them
  std::deque<Message> sent_;      ///< in order of arrival
  std::deque<Answer> answers_;    ///< in order of arrival
  std::size_t told_ = 0;          ///< account entries that went out
};

}  // namespace tradewind::venues
