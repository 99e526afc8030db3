// SPDX-License-Identifier: Apache-2.0
#include "planted.hpp"

#include <deque>

namespace tradewind::simulation {
namespace {

constexpr char kAgain = 'r';  // names of orders are hexadecimal otherwise

/// Hands everything on; a mistake changes some of it.
class VenueWrapper : public trading::Venue {
 public:
  explicit VenueWrapper(trading::Venue& inner) : inner_(inner) {}
  void submit(std::span<const trading::Order> orders) override { inner_.submit(orders); }
  void cancel(const trading::OrderId& id) override { inner_.cancel(id); }
  void cancel_all() override { inner_.cancel_all(); }
  void ask_order(const trading::OrderId& id) override { inner_.ask_order(id); }
  void ask_account(std::uint64_t request, std::uint64_t sequence) override { inner_.ask_account(request, sequence); }
  std::vector<trading::VenueEvent> poll() override { return inner_.poll(); }
  std::int64_t latest_arrival() const override { return inner_.latest_arrival(); }

 private:
  trading::Venue& inner_;
};

/// Says at once that the records are safe, and writes them when it is told to.
class LateJournal final : public execution::Journal {
 public:
  explicit LateJournal(execution::Journal& inner) : inner_(inner) {}
  Status append(std::span<const execution::Record> records) override {
    held_.insert(held_.end(), records.begin(), records.end());
    return {};
  }
  Status read(const std::function<void(const execution::Record&)>& take) const override { return inner_.read(take); }
  void write() {
    if (!held_.empty() && inner_.append(held_)) held_.clear();
  }

 private:
  execution::Journal& inner_;
  std::vector<execution::Record> held_;
};

class WireFirst final : public VenueWrapper {
 public:
  WireFirst(trading::Venue& inner, LateJournal& journal) : VenueWrapper(inner), journal_(journal) {}
  void submit(std::span<const trading::Order> orders) override {
    VenueWrapper::submit(orders);
    journal_.write();
  }
  std::vector<trading::VenueEvent> poll() override {
    journal_.write();
    return VenueWrapper::poll();
  }

 private:
  LateJournal& journal_;
};

/// Lets orders wait until the venue has been asked for its news a few times.
class SlowWire final : public VenueWrapper {
 public:
  using VenueWrapper::VenueWrapper;
  void submit(std::span<const trading::Order> orders) override {
    for (const trading::Order& order : orders) line_.emplace_back(polls_, order);
  }
  std::vector<trading::VenueEvent> poll() override {
    ++polls_;
    for (; !line_.empty() && polls_ - line_.front().first > kWait; line_.pop_front())
      VenueWrapper::submit(std::span(&line_.front().second, 1));
    return VenueWrapper::poll();
  }

 private:
  static constexpr int kWait = 8;
  int polls_ = 0;
  std::deque<std::pair<int, trading::Order>> line_;
};

/// Gives back all records but those of one kind.
template <class Kind>
class Forgetful final : public execution::Journal {
 public:
  explicit Forgetful(execution::Journal& inner) : inner_(inner) {}
  Status append(std::span<const execution::Record> records) override { return inner_.append(records); }
  Status read(const std::function<void(const execution::Record&)>& take) const override {
    return inner_.read([&](const execution::Record& record) {
      if (!std::holds_alternative<Kind>(record.body)) take(record);
    });
  }

 private:
  execution::Journal& inner_;
};

/// Takes silence for a failure.
class Resending final : public VenueWrapper {
 public:
  using VenueWrapper::VenueWrapper;
  void submit(std::span<const trading::Order> orders) override {
    for (const trading::Order& order : orders) sent_.emplace(order.id, order);
    VenueWrapper::submit(orders);
  }
  std::vector<trading::VenueEvent> poll() override {
    std::vector<trading::VenueEvent> events = VenueWrapper::poll();
    for (const trading::VenueEvent& event : events) {
      const auto* unknown = std::get_if<trading::OutcomeUnknown>(&event);
      const auto at = unknown == nullptr ? sent_.end() : sent_.find(unknown->id);
      if (at == sent_.end()) continue;
      trading::Order again = at->second;
      again.id += kAgain;
      sent_.erase(at);
      VenueWrapper::submit(std::span(&again, 1));
    }
    return events;
  }

 private:
  std::unordered_map<trading::OrderId, trading::Order> sent_;
};

}  // namespace

trading::OrderId engines_name(const trading::OrderId& id) { return id.ends_with(kAgain) ? id.substr(0, id.size() - 1) : id; }

Surroundings plant(Planted mistake, execution::Journal& journal, trading::Venue& venue) {
  Surroundings around;
  switch (mistake) {
    case Planted::resend_with_new_id: around.venue = std::make_unique<Resending>(venue); break;
    case Planted::journal_after_wire: {
      auto late = std::make_unique<LateJournal>(journal);
      around.venue = std::make_unique<WireFirst>(venue, *late);
      around.journal = std::move(late);
      break;
    }
    case Planted::slow_wire: around.venue = std::make_unique<SlowWire>(venue); break;
    case Planted::stops_forgotten: around.journal = std::make_unique<Forgetful<execution::StrategySwitched>>(journal); break;
    case Planted::days_forgotten: around.journal = std::make_unique<Forgetful<execution::DayStarted>>(journal); break;
    case Planted::capital_forgotten: around.journal = std::make_unique<Forgetful<execution::CapitalMoved>>(journal); break;
    default: break;  // the world's own
  }
  return around;
}

}  // namespace tradewind::simulation
