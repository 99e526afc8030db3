// SPDX-License-Identifier: Apache-2.0
// Mistakes put around an engine that does not make them, to see that the checks notice each.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "tradewind/execution/journal.hpp"
#include "tradewind/trading/venue.hpp"

namespace tradewind::simulation {

enum class Planted : std::uint8_t {
  none,
  resend_with_new_id,  ///< an order without an answer is sent again under another name
  journal_after_wire,  ///< records reach the disk once the wire has had the orders
  repeated_books,      ///< a feed that stands still gives its last book again as a new one
  slow_wire,           ///< orders stand in a line on this side and leave later, whatever happens meanwhile
  stops_forgotten,     ///< a restart does not know who was stopped
  days_forgotten,      ///< … nor the day's first mark
  capital_forgotten,   ///< … nor where capital was moved
  unwatched_limits,    ///< nobody looks at what strategies and the account lose
  old_book,            ///< the exchange shows an arriving order the book before it
  endless_depth,       ///< what is taken is there again with the next book
  front_of_queue,      ///< who rests stands before everybody
};
/// What each is to be noticed as: a part of a violation's text.
struct PlantedMistake {
  Planted mistake;
  const char* name;
  const char* noticed_as;
};
inline constexpr std::array kPlanted{
    PlantedMistake{Planted::resend_with_new_id, "resend with a new id", "doubled"},
    PlantedMistake{Planted::journal_after_wire, "journal after the wire", "before it was in the journal"},
    PlantedMistake{Planted::repeated_books, "books given again as new", "stale book"},
    PlantedMistake{Planted::slow_wire, "orders that leave late", "while trading was halted"},
    PlantedMistake{Planted::stops_forgotten, "stops forgotten at a restart", "came back by itself"},
    PlantedMistake{Planted::days_forgotten, "days forgotten at a restart", "the day was begun twice"},
    PlantedMistake{Planted::capital_forgotten, "capital moves forgotten at a restart", "cash of its own"},
    PlantedMistake{Planted::unwatched_limits, "limits that nobody watches", "and goes on"},
    PlantedMistake{Planted::old_book, "the book before the arrival", "a book from before its arrival"},
    PlantedMistake{Planted::endless_depth, "depth that comes back", "were taken of a level"},
    PlantedMistake{Planted::front_of_queue, "the front of the queue", "before its turn"},
};

/// The order that the engine sent, of whatever name a planted mistake gave it.
trading::OrderId engines_name(const trading::OrderId& id);

/// What stands between an engine and its world when a mistake is planted; null parts: nothing does.
struct Surroundings {
  std::unique_ptr<execution::Journal> journal;
  std::unique_ptr<trading::Venue> venue;
};
Surroundings plant(Planted mistake, execution::Journal& journal, trading::Venue& venue);

}  // namespace tradewind::simulation
