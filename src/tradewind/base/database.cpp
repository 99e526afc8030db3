// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/database.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include <sqlite3.h>

#include "tradewind/base/text.hpp"

namespace tradewind {
namespace {

Error sqlite_error(sqlite3* handle, int code, const std::string& where) {
  const std::string text = printable(handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code), 200);  // it quotes the file
  const int primary = code & 0xFF;
  if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB)
    return {Errc::corrupt, std::string("the database is damaged: ") + text, where, "restore its folder from a copy, or begin another one"};
  std::string hint;
  if (primary == SQLITE_FULL) hint = "free some space";
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) hint = "another process is writing; try again";
  if (primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY)
    hint = "the file and its folder must be writable, even to read what a process may be writing; or look at a copy";
  if (primary == SQLITE_IOERR) hint = "check the disk: its free space and its health";
  return {Errc::storage, std::string("the database refused: ") + text, where, hint};
}

/// Nobody writes to a file of a read-only file system: SQLite, which else makes files beside it even to read it, is told so. With a
/// write-ahead log left beside it SQLite reads both by itself.
bool is_sealed(const Path& path) {
  const Path folder = path.parent_path().empty() ? Path(".") : path.parent_path();
  return ::access(folder.c_str(), W_OK) != 0 && errno == EROFS && !is_there(path.string() + "-wal");
}

std::string sealed_uri(const Path& path) {
  std::string uri = "file:";
  for (const char c : path.string()) {
    if (c == '%' || c == '?' || c == '#')
      uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
    else
      uri += c;
  }
  return uri + "?immutable=1";
}

std::string name_of(sqlite3* handle) {
  const char* name = sqlite3_db_filename(handle, "main");
  return name == nullptr ? std::string() : std::string(name);
}

}  // namespace

Statement::Statement(Statement&& other) noexcept : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}
Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_, parameter, value);
  return *this;
}
Statement& Statement::bind(int parameter, std::string_view text) {
  sqlite3_bind_text(statement_, parameter, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Error error = sqlite_error(database_, code, name_of(database_));
  sqlite3_reset(statement_);
  return error;
}

Status Statement::run() {
  const auto more = step();
  sqlite3_reset(statement_);
  if (!more) return Error(more.error());
  return {};
}

void Statement::reset() { sqlite3_reset(statement_); }
std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }
std::string Statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

Result<Database> Database::open(const Path& path, Mode mode, double busy_seconds) {
  std::error_code ignored;
  if (mode != Mode::create && !std::filesystem::exists(path, ignored))
    return Error(Errc::not_found, "there is no such database", path.string());
  // SQLite's own check would refuse links among the folders of the path, too.
  if (mode != Mode::read && std::filesystem::is_symlink(path, ignored)) return system_error("opening the database", path, ELOOP);
  const int flags = mode == Mode::read    ? SQLITE_OPEN_READONLY
                    : mode == Mode::write ? SQLITE_OPEN_READWRITE
                                          : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const bool sealed = mode == Mode::read && is_sealed(path);
  const std::string name = sealed ? sealed_uri(path) : path.string();
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | (sealed ? SQLITE_OPEN_URI : 0), nullptr);
  Database database(handle);
  if (code != SQLITE_OK) return sqlite_error(handle, code, path.string());
  sqlite3_busy_timeout(handle, static_cast<int>(busy_seconds * 1000));
  if (mode == Mode::read) return database;
  // Such a database is appended to and seldom read, so a quarter of SQLite's usual cache (in KiB) is plenty.
  TRADEWIND_TRY(database.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-512"));
  return database;
}

Database::Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
Database& Database::operator=(Database&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}
Database::~Database() { sqlite3_close_v2(handle_); }

Status Database::run(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(handle_, code, name_of(handle_));
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return sqlite_error(handle_, code, name_of(handle_));
  return Statement(handle_, statement);
}

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(handle_); }

Result<bool> Database::has_column(std::string_view table, std::string_view column) {
  TRADEWIND_ASSIGN(Statement row, prepare("SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2"));
  return row.bind(1, table).bind(2, column).step();
}

}  // namespace tradewind
