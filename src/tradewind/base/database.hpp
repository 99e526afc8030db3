// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tradewind/base/file.hpp"
#include "tradewind/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace tradewind {

/// A prepared statement. Parameters are numbered from 1, columns from 0. Belongs to the thread of its database.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::string_view text);
  /// Whether there is a (further) row. Errors: Errc::storage, Errc::corrupt.
  Result<bool> step();
  /// Runs a statement that gives no rows, and makes it ready to be used again.
  Status run();
  void reset();
  std::int64_t integer(int column) const;
  std::string text(int column) const;

 private:
  friend class Database;
  Statement(sqlite3* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}
  sqlite3* database_;
  sqlite3_stmt* statement_;
};

/// An SQLite file in write-ahead mode with synchronous=FULL: what a finished transaction wrote survives a crash and a power loss. Several
/// processes may read while one writes; a writer waits up to `busy_seconds` for another.
class Database {
 public:
  enum class Mode : std::uint8_t { create, write, read };
  /// Errors: Errc::not_found (unless `create`), Errc::storage, Errc::corrupt.
  static Result<Database> open(const Path& path, Mode mode, double busy_seconds = 5);
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  /// Runs SQL text without results.
  Status run(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  std::int64_t last_row() const;
  /// Whether a table is there and has the column: files of a version before may not.
  Result<bool> has_column(std::string_view table, std::string_view column);

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_ = nullptr;
};

}  // namespace tradewind
