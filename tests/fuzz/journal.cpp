// SPDX-License-Identifier: Apache-2.0
// A session's journal: its records, a line each ("kind {json}"), and the state they make; or a whole SQLite file.
#include "tradewind/execution/journal.hpp"
#include "fuzz.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/execution/state.hpp"

namespace tradewind::fuzz {
namespace {

using execution::Record;

void look_at(const execution::EngineState& state) {
  state.broken_invariant();
  state.oversold();
  state.positions();
  state.cash();
  state.involves("m");
  state.available(1, {"m", trading::Outcome::yes});
  state.fingerprint();
}

void read_records(std::string_view input) {
  execution::EngineState state;
  UnixNanos time = 0;
  for (const std::string& line : split(input, '\n')) {
    const auto blank = line.find(' ');
    const auto body = execution::record_from_json(line.substr(0, blank), blank == std::string::npos ? "" : line.substr(blank + 1));
    if (!good(body)) continue;
    const auto kind = execution::record_kind(*body);
    const auto again = execution::record_from_json(kind, dump_json(execution::record_json(*body)));
    require(good(again), "what is written is read", line);
    require(*again == *body, "a record comes back as it was written", line);
    good(state.replay({++time, *body}));
  }
  look_at(state);
}

void read_file(std::string_view input) {
  const Path path = scratch_file("journal.sqlite", input);
  // What SQLite makes beside an input in write-ahead mode says nothing of the next one.
  for (const char* rest : {"-wal", "-shm"}) std::filesystem::remove(path.string() + rest);
  const auto journal = execution::SqliteJournal::open(path, execution::SqliteJournal::Access::reader);
  if (!good(journal)) return;
  execution::EngineState state;
  good(execution::replay(**journal, state));
  look_at(state);
  good((*journal)->read_marks([](const execution::Mark&) {}));
  good((*journal)->statistics());
  good((*journal)->identity());
}

}  // namespace

FUZZ_TARGET(journal) {
  if (input.starts_with("SQLite format 3"))
    read_file(input);
  else
    read_records(input);
}

}  // namespace tradewind::fuzz
