// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/database.hpp"
#include "tradewind/execution/record.hpp"

namespace tradewind::execution {

/// Where records go before anything is sent. One writer.
class Journal {
 public:
  virtual ~Journal() = default;
  /// All or nothing; durable on return. Errors: Errc::storage.
  virtual Status append(std::span<const Record> records) = 0;
  /// Every record in order. Errors: Errc::corrupt, Errc::newer_format, Errc::storage.
  virtual Status read(const std::function<void(const Record&)>& take) const = 0;
};

class EngineState;
/// What the records of a journal make of a new session's state; `also` is called with each. Errors: as Journal::read; Errc::corrupt, with
/// the number of the record, for one that does not fit those before it.
Status replay(const Journal& journal, EngineState& state, const std::function<void(const Record&)>& also = {});

/// The same with what replays a record. Errors: Errc::corrupt with the number of the record that `take` refuses.
Status replay(const Journal& journal, const std::function<Status(const Record&)>& take);

/// In memory, for simulations and for a StrategyManager without a session.
class MemoryJournal final : public Journal {
 public:
  Status append(std::span<const Record> records) override {
    records_.insert(records_.end(), records.begin(), records.end());
    return {};
  }
  Status read(const std::function<void(const Record&)>& take) const override {
    for (const Record& record : records_) take(record);
    return {};
  }
  const std::vector<Record>& records() const noexcept { return records_; }

 private:
  std::vector<Record> records_;
};

/// Holds records until they are let go, so that all of a cycle counts or nothing of it: for a venue within the process, which forgets with
/// it what was sent meanwhile.
class HeldJournal final : public Journal {
 public:
  /// `journal` must outlive it.
  explicit HeldJournal(Journal& journal) : journal_(journal) {}
  Status append(std::span<const Record> records) override {
    held_.insert(held_.end(), records.begin(), records.end());
    return {};
  }
  /// Of those that were let go.
  Status read(const std::function<void(const Record&)>& take) const override { return journal_.read(take); }
  bool empty() const noexcept { return held_.empty(); }
  /// Errors: as the journal's; they are then still held.
  Status let_go() {
    TRADEWIND_TRY(journal_.append(held_));
    held_.clear();
    return {};
  }

 private:
  Journal& journal_;
  std::vector<Record> held_;
};

/// A command a person left for the engine.
struct Command {
  std::int64_t number = 0;
  std::string text;  ///< JSON: {"do": "halt" | "resume" | "enable" | "disable" | "rebalance", …}
};

/// Equity of the session at the end of a cycle.
struct Mark {
  std::int64_t cycle = 0;
  UnixNanos time = 0;
  std::vector<Money> equity;  ///< by ledger, external last
};

/// What a token was worth some time after a fill of it.
struct Markout {
  std::uint64_t entry = 0;  ///< the fill's number in the account
  int seconds = 0;          ///< at least so long after it: at the first book then
  Price mid;                ///< of its bid and ask
};

/// {fill's number in the account: {seconds: mid}}
using MidsAfter = std::map<std::uint64_t, std::map<int, Price>>;

/// A session's SQLite file; every record has a checksum that is compared when it is read: journal, marks, statistics and the inbox for
/// commands. Marks and statistics are written with the next records or once they are asked to be: the last of them may be missing after a
/// crash, records never.
class SqliteJournal final : public Journal {
 public:
  enum class Access : std::uint8_t { engine, inbox, reader };
  /// Errors: Errc::already_exists while another process runs the session; Errc::not_found for inbox and reader; Errc::corrupt, storage.
  static Result<std::unique_ptr<SqliteJournal>> open(const Path& path, Access access);
  ~SqliteJournal() override;

  Status append(std::span<const Record> records) override;
  Status read(const std::function<void(const Record&)>& take) const override;

  /// Held back until the next append or flush.
  void mark(Mark mark) { marks_.push_back(std::move(mark)); }
  void mark(Markout markout) { markouts_.push_back(markout); }
  void set_statistics(std::string json) { statistics_ = std::move(json); }
  /// What counts outside the records is asked for at every write and stored with it, so that both are of one moment.
  void count_with(std::function<std::string()> counters) { counters_ = std::move(counters); }
  /// What whoever keeps a book beside this one has still to write there once the next records are written.
  void set_pending(std::string json) { pending_ = std::move(json); }
  Status flush();
  Status read_marks(const std::function<void(const Mark&)>& take) const;
  Result<MidsAfter> markouts() const;
  /// What `look` reads is all of one moment, whatever is written meanwhile. Errors: those of `look`.
  Status at_one_moment(const std::function<Status()>& look) const;
  /// Made at random when the session was begun: tells it from every other, also of the same name. Of an engine's journal.
  Result<std::string> identity() const;
  /// The latest statistics written; empty without.
  Result<std::string> statistics() const;

  /// The counters of the last write; empty without.
  Result<std::string> counters() const;
  /// What was set_pending last; empty without.
  Result<std::string> pending() const;

  /// Leaves a command; gives its number.
  Result<std::int64_t> leave(const std::string& text);
  /// Commands after `last`, in order.
  Result<std::vector<Command>> commands_after(std::int64_t last);
  /// The last record's number.
  Result<std::int64_t> last_record() const;
  /// The answer to a command among the records after `record`, which moves on to the last one read. O(new records).
  Result<std::optional<CommandTaken>> answer(std::int64_t command, std::int64_t& record) const;
  /// The last mark, without its equity; cycle 0 when there is none. Errors: Errc::corrupt when a mark before it is missing.
  Result<Mark> last_mark() const;
  /// Whether some process runs the session now.
  static bool running(const Path& path);

 private:
  SqliteJournal(Database database, int lock) : database_(std::move(database)), lock_(lock) {}
  Status prepare();
  Status write(std::span<const Record> records);

  mutable Database database_;
  int lock_ = -1;             ///< descriptor of the lock file
  std::int64_t records_ = 0;  ///< in the journal
  std::optional<Statement> insert_;
  std::optional<Statement> insert_mark_;
  std::optional<Statement> put_statistics_;
  std::optional<Statement> put_counters_;
  std::optional<Statement> put_pending_;
  std::optional<Statement> insert_markout_;
  std::optional<Statement> select_commands_;
  std::vector<Mark> marks_;
  std::vector<Markout> markouts_;
  std::optional<std::string> statistics_;
  std::optional<std::string> pending_;
  std::function<std::string()> counters_;
};

}  // namespace tradewind::execution
