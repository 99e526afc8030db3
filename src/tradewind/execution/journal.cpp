// SPDX-License-Identifier: Apache-2.0
#include "tradewind/execution/journal.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/execution/state.hpp"

namespace tradewind::execution {
namespace {

constexpr const char* kDamagedSession = "restore the session's folder from a copy, or begin another session";
constexpr const char* kSchema =
    "CREATE TABLE IF NOT EXISTS journal(sequence INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, "
    "checksum TEXT);"
    "CREATE TABLE IF NOT EXISTS marks(cycle INTEGER PRIMARY KEY, time INTEGER NOT NULL, equity TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS statistics(id INTEGER PRIMARY KEY CHECK(id = 1), body TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS markouts(entry INTEGER, seconds INTEGER, mid INTEGER NOT NULL, PRIMARY KEY(entry, seconds)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS counters(id INTEGER PRIMARY KEY CHECK(id = 1), body TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS pending(id INTEGER PRIMARY KEY CHECK(id = 1), body TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS inbox(number INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS identity(id INTEGER PRIMARY KEY CHECK(id = 1), name TEXT NOT NULL);"
    "INSERT OR IGNORE INTO identity(id, name) VALUES(1, lower(hex(randomblob(16))));";

Path lock_path(const Path& path) { return path.string() + ".lock"; }

/// The lock goes with the process, whatever ends it.
Result<int> take_lock(const Path& path) {
  const Path file = lock_path(path);
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) return system_error("opening the lock of the session", file, errno);
  // Somebody who only looks whether the session runs holds the lock for a moment.
  for (int attempt = 0; attempt < 20; ++attempt) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
    ::usleep(10'000);
  }
  ::close(fd);
  return Error(Errc::already_exists, "another process runs this session", path.string(),
               "stop it first, or give this session another name by --session");
}

std::string equity_text(const std::vector<Money>& equity) {
  std::string text;
  for (const Money money : equity) text += (text.empty() ? "" : " ") + decimal_text(money);
  return text;
}

/// Of a record at its place: 16 hexadecimal digits.
std::string checksum_of(std::int64_t sequence, UnixNanos time, std::string_view kind, std::string_view body) {
  return sha256_hex(fmt::format("{}|{}|{}|{}", sequence, time, kind, body)).substr(0, 16);
}

/// Whether the records of the journal may have checksums: those of a version before did not.
Result<bool> has_checksums(Database& database) { return database.has_column("journal", "checksum"); }

/// One integer that a query gives.
Result<std::int64_t> integer_of(Database& database, std::string_view sql) {
  TRADEWIND_ASSIGN(Statement row, database.prepare(sql));
  TRADEWIND_ASSIGN(const bool there, row.step());
  return there ? row.integer(0) : 0;
}

}  // namespace

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(const Path& path, Access access) {
  int lock = -1;
  if (access == Access::engine) {
    TRADEWIND_TRY(make_directories(path.parent_path()));
    TRADEWIND_ASSIGN(lock, take_lock(path));
  }
  const Database::Mode mode = access == Access::engine  ? Database::Mode::create
                              : access == Access::inbox ? Database::Mode::write
                                                        : Database::Mode::read;
  auto database = Database::open(path, mode);
  if (!database) {
    if (lock >= 0) ::close(lock);
    return database.error();
  }
  std::unique_ptr<SqliteJournal> journal(new SqliteJournal(std::move(*database), lock));
  if (access == Access::engine) TRADEWIND_TRY(journal->prepare());
  return journal;
}

SqliteJournal::~SqliteJournal() {
  if (lock_ >= 0) ::close(lock_);
}

Status replay(const Journal& journal, EngineState& state, const std::function<void(const Record&)>& also) {
  return replay(journal, [&](const Record& record) -> Status {
    TRADEWIND_TRY(state.replay(record));
    if (also) also(record);
    return {};
  });
}

Status replay(const Journal& journal, const std::function<Status(const Record&)>& take_record) {
  Status fit;
  std::int64_t number = 0;
  TRADEWIND_TRY(journal.read([&](const Record& record) {
    ++number;
    if (!fit) return;
    fit = take_record(record);
    if (!fit) fit = fit.error().with_where("record " + std::to_string(number)).with_hint(kDamagedSession);
  }));
  return fit;
}

bool SqliteJournal::running(const Path& path) {
  const int fd = ::open(lock_path(path).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool free = ::flock(fd, LOCK_SH | LOCK_NB) == 0;
  ::close(fd);
  return !free;
}

Status SqliteJournal::prepare() {
  TRADEWIND_TRY(database_.run(kSchema));
  TRADEWIND_ASSIGN(const bool checked, has_checksums(database_));
  if (!checked) TRADEWIND_TRY(database_.run("ALTER TABLE journal ADD COLUMN checksum TEXT"));
  TRADEWIND_ASSIGN(records_, integer_of(database_, "SELECT max(sequence) FROM journal"));
  TRADEWIND_ASSIGN(Statement insert,
                   database_.prepare("INSERT INTO journal(sequence, time, kind, body, checksum) VALUES(?1, ?2, ?3, ?4, ?5)"));
  TRADEWIND_ASSIGN(Statement mark, database_.prepare("INSERT OR REPLACE INTO marks(cycle, time, equity) VALUES(?1, ?2, ?3)"));
  TRADEWIND_ASSIGN(Statement statistics, database_.prepare("INSERT OR REPLACE INTO statistics(id, body) VALUES(1, ?1)"));
  TRADEWIND_ASSIGN(Statement counters, database_.prepare("INSERT OR REPLACE INTO counters(id, body) VALUES(1, ?1)"));
  TRADEWIND_ASSIGN(Statement commands, database_.prepare("SELECT number, body FROM inbox WHERE number > ?1 ORDER BY number"));
  insert_.emplace(std::move(insert));
  insert_mark_.emplace(std::move(mark));
  put_statistics_.emplace(std::move(statistics));
  put_counters_.emplace(std::move(counters));
  TRADEWIND_ASSIGN(Statement pending, database_.prepare("INSERT OR REPLACE INTO pending(id, body) VALUES(1, ?1)"));
  put_pending_.emplace(std::move(pending));
  TRADEWIND_ASSIGN(Statement markout, database_.prepare("INSERT OR REPLACE INTO markouts(entry, seconds, mid) VALUES(?1, ?2, ?3)"));
  insert_markout_.emplace(std::move(markout));
  select_commands_.emplace(std::move(commands));
  return {};
}

Status SqliteJournal::write(std::span<const Record> records) {
  std::int64_t sequence = records_;
  for (const Record& record : records) {
    const std::string_view kind = record_kind(record.body);
    const std::string body = dump_json(record_json(record.body));
    insert_->bind(1, ++sequence).bind(2, record.time).bind(3, kind).bind(4, body);
    TRADEWIND_TRY(insert_->bind(5, checksum_of(sequence, record.time, kind, body)).run());
  }
  for (const Mark& mark : marks_)
    TRADEWIND_TRY(insert_mark_->bind(1, mark.cycle).bind(2, mark.time).bind(3, equity_text(mark.equity)).run());
  for (const Markout& one : markouts_)
    TRADEWIND_TRY(insert_markout_->bind(1, static_cast<std::int64_t>(one.entry)).bind(2, one.seconds).bind(3, one.mid.micros).run());
  if (statistics_) TRADEWIND_TRY(put_statistics_->bind(1, *statistics_).run());
  if (counters_) TRADEWIND_TRY(put_counters_->bind(1, counters_()).run());
  if (pending_) TRADEWIND_TRY(put_pending_->bind(1, *pending_).run());
  return {};
}

Status SqliteJournal::append(std::span<const Record> records) {
  TRADEWIND_TRY(database_.run("BEGIN IMMEDIATE"));
  Status written = write(records);
  if (written) written = database_.run("COMMIT");
  if (!written) {
    static_cast<void>(database_.run("ROLLBACK"));
    return written;
  }
  records_ += static_cast<std::int64_t>(records.size());
  marks_.clear();
  markouts_.clear();
  statistics_.reset();
  pending_.reset();
  return {};
}

Status SqliteJournal::flush() { return marks_.empty() && !statistics_ ? Status() : append({}); }

Status SqliteJournal::read(const std::function<void(const Record&)>& take) const {
  TRADEWIND_ASSIGN(const bool checked, has_checksums(database_));
  TRADEWIND_ASSIGN(Statement rows, database_.prepare(fmt::format("SELECT sequence, time, kind, body, {} FROM journal ORDER BY sequence",
                                                                 checked ? "checksum" : "NULL")));
  for (std::int64_t expected = 1;; ++expected) {
    TRADEWIND_ASSIGN(const bool more, rows.step());
    if (!more) return {};
    const std::int64_t sequence = rows.integer(0);
    if (sequence != expected) return Error(Errc::corrupt, "a record of the journal is missing", "record " + std::to_string(expected));
    const std::string checksum = rows.text(4);
    if (!checksum.empty() && checksum != checksum_of(sequence, rows.integer(1), rows.text(2), rows.text(3)))
      return Error(Errc::corrupt, "a record of the journal does not have the bytes that were written", "record " + std::to_string(sequence),
                   kDamagedSession);
    auto body = record_from_json(rows.text(2), rows.text(3));
    if (!body) return body.error().with_where("record " + std::to_string(sequence));
    take({rows.integer(1), std::move(*body)});
  }
}

Status SqliteJournal::read_marks(const std::function<void(const Mark&)>& take) const {
  TRADEWIND_ASSIGN(Statement rows, database_.prepare("SELECT cycle, time, equity FROM marks ORDER BY cycle"));
  for (std::int64_t expected = 1;; ++expected) {
    TRADEWIND_ASSIGN(const bool more, rows.step());
    if (!more) return {};
    Mark mark{rows.integer(0), rows.integer(1), {}};
    // Every cycle leaves its mark, so the number of one is bounded by how many there are.
    if (mark.cycle != expected)
      return Error(Errc::corrupt, fmt::format("the session's marks go from cycle {} to {}", expected - 1, mark.cycle), "marks",
                   kDamagedSession);
    if (mark.time < 0)
      return Error(Errc::corrupt, "a mark of the session is from before 1970", "cycle " + std::to_string(mark.cycle), kDamagedSession);
    AmountBound bound;
    for (const std::string& one : split(rows.text(2), ' ')) {
      const auto money = parse_fixed<Money>(one);
      if (!money || !bound.take(*money))
        return Error(Errc::corrupt, "a mark of the session is damaged", "cycle " + std::to_string(mark.cycle), kDamagedSession);
      mark.equity.push_back(*money);
    }
    take(mark);
  }
}

Status SqliteJournal::at_one_moment(const std::function<Status()>& look) const {
  TRADEWIND_TRY(database_.run("BEGIN"));
  const Status seen = look();
  TRADEWIND_TRY(database_.run("COMMIT"));
  return seen;
}

Result<std::string> SqliteJournal::identity() const {
  TRADEWIND_ASSIGN(Statement row, database_.prepare("SELECT name FROM identity"));
  TRADEWIND_ASSIGN(const bool there, row.step());
  return there ? row.text(0) : std::string();
}

Result<std::string> SqliteJournal::statistics() const {
  TRADEWIND_ASSIGN(Statement row, database_.prepare("SELECT body FROM statistics"));
  TRADEWIND_ASSIGN(const bool there, row.step());
  return there ? row.text(0) : std::string();
}

Result<std::string> SqliteJournal::counters() const {
  TRADEWIND_ASSIGN(const bool known, database_.has_column("counters", "body"));  // sessions of before kept them with the statistics
  if (!known) return std::string();
  TRADEWIND_ASSIGN(Statement row, database_.prepare("SELECT body FROM counters"));
  TRADEWIND_ASSIGN(const bool there, row.step());
  return there ? row.text(0) : std::string();
}

Result<std::string> SqliteJournal::pending() const {
  TRADEWIND_ASSIGN(Statement row, database_.prepare("SELECT body FROM pending"));
  TRADEWIND_ASSIGN(const bool there, row.step());
  return there ? row.text(0) : std::string();
}

Result<MidsAfter> SqliteJournal::markouts() const {
  MidsAfter found;
  TRADEWIND_ASSIGN(const bool known, database_.has_column("markouts", "mid"));
  if (!known) return found;
  TRADEWIND_ASSIGN(Statement rows, database_.prepare("SELECT entry, seconds, mid FROM markouts"));
  for (;;) {
    TRADEWIND_ASSIGN(const bool more, rows.step());
    if (!more) return found;
    const Price mid{rows.integer(2)};
    if (rows.integer(0) < 0 || mid.micros < 0 || mid > kPriceOfCertainty)
      return Error(Errc::corrupt, "a markout of the session is damaged");
    found[static_cast<std::uint64_t>(rows.integer(0))][static_cast<int>(rows.integer(1))] = mid;
  }
}

Result<std::int64_t> SqliteJournal::last_record() const { return integer_of(database_, "SELECT max(sequence) FROM journal"); }

Result<Mark> SqliteJournal::last_mark() const {
  TRADEWIND_ASSIGN(Statement row, database_.prepare("SELECT cycle, time FROM marks ORDER BY cycle DESC LIMIT 1"));
  TRADEWIND_ASSIGN(const bool there, row.step());
  const Mark last = there ? Mark{row.integer(0), row.integer(1), {}} : Mark{};
  TRADEWIND_ASSIGN(const std::int64_t marks, integer_of(database_, "SELECT count(*) FROM marks"));
  if (last.cycle == marks && last.time >= 0 && last.time < INT64_MAX / 2) return last;
  return Error(Errc::corrupt, fmt::format("the session's marks end with cycle {} and there are {}", last.cycle, marks), "marks",
               kDamagedSession);
}

Result<std::optional<CommandTaken>> SqliteJournal::answer(std::int64_t command, std::int64_t& record) const {
  TRADEWIND_ASSIGN(Statement rows, database_.prepare("SELECT sequence, kind, body FROM journal WHERE sequence > ?1 ORDER BY sequence"));
  rows.bind(1, record);
  for (;;) {
    TRADEWIND_ASSIGN(const bool more, rows.step());
    if (!more) return std::optional<CommandTaken>();
    record = rows.integer(0);
    if (rows.text(1) != record_kind(CommandTaken{})) continue;
    TRADEWIND_ASSIGN(const RecordBody body, record_from_json(rows.text(1), rows.text(2)));
    if (const auto& taken = std::get<CommandTaken>(body); taken.command == command) return std::optional(taken);
  }
}

Result<std::int64_t> SqliteJournal::leave(const std::string& text) {
  TRADEWIND_ASSIGN(Statement insert, database_.prepare("INSERT INTO inbox(body) VALUES(?1)"));
  TRADEWIND_TRY(insert.bind(1, text).run());
  return database_.last_row();
}

Result<std::vector<Command>> SqliteJournal::commands_after(std::int64_t last) {
  std::vector<Command> found;
  select_commands_->bind(1, last);
  for (;;) {
    auto more = select_commands_->step();
    if (!more) return more.error();
    if (!*more) break;
    found.push_back({select_commands_->integer(0), clean_text(select_commands_->text(1))});
  }
  select_commands_->reset();
  return found;
}

}  // namespace tradewind::execution
