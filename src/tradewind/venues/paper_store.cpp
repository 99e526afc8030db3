// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/paper_store.hpp"

#include <limits>

#include "tradewind/base/json.hpp"
#include "tradewind/trading/order_json.hpp"

namespace tradewind::venues {
namespace {

/// A row of body, filled, open, met, ahead, arrival.
Result<PaperStore::StoredOrder> read_order(Statement& row) {
  TRADEWIND_ASSIGN(trading::Order order, trading::order_from_json(read_json(row.text(0))));
  return PaperStore::StoredOrder{std::move(order),    {row.integer(1)}, row.integer(2) != 0,
                                 row.integer(3) != 0, {row.integer(4)}, row.integer(5)};
}

/// Accounts of before orders waited for a book: those they hold have met theirs, and nobody knows who came first.
Status add_columns(Database& database) {
  TRADEWIND_ASSIGN(const bool met, database.has_column("orders", "met"));
  if (!met)
    TRADEWIND_TRY(
        database.run("ALTER TABLE orders ADD COLUMN met INTEGER NOT NULL DEFAULT 1;"
                     "ALTER TABLE orders ADD COLUMN ahead INTEGER NOT NULL DEFAULT 0"));
  TRADEWIND_ASSIGN(const bool arrival, database.has_column("orders", "arrival"));
  return arrival ? Status() : database.run("ALTER TABLE orders ADD COLUMN arrival INTEGER NOT NULL DEFAULT 0");
}

}  // namespace

Result<std::unique_ptr<SqlitePaperStore>> SqlitePaperStore::open(const Path& path) {
  TRADEWIND_ASSIGN(Database database, Database::open(path, Database::Mode::create));
  TRADEWIND_TRY(
      database.run("CREATE TABLE IF NOT EXISTS orders(id TEXT PRIMARY KEY, body TEXT NOT NULL, filled INTEGER NOT NULL, open INTEGER NOT "
                   "NULL) WITHOUT ROWID;"
                   "CREATE TABLE IF NOT EXISTS entries(sequence INTEGER PRIMARY KEY, body TEXT NOT NULL)"));
  TRADEWIND_TRY(
      database.run("CREATE TABLE IF NOT EXISTS taken(market TEXT NOT NULL, side TEXT NOT NULL, price INTEGER NOT NULL, shares INTEGER NOT "
                   "NULL, since INTEGER NOT NULL, PRIMARY KEY(market, side, price)) WITHOUT ROWID"));
  TRADEWIND_TRY(add_columns(database));
  TRADEWIND_ASSIGN(Statement order, database.prepare("INSERT OR REPLACE INTO orders(id, body, filled, open, met, ahead, arrival) "
                                                     "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  TRADEWIND_ASSIGN(Statement entry, database.prepare("INSERT OR IGNORE INTO entries(sequence, body) VALUES(?1, ?2)"));
  TRADEWIND_ASSIGN(Statement forget, database.prepare("DELETE FROM taken WHERE market = ?1"));
  TRADEWIND_ASSIGN(Statement taken, database.prepare("INSERT INTO taken(market, side, price, shares, since) VALUES(?1, ?2, ?3, ?4, ?5)"));
  Statements statements{std::move(order), std::move(entry), std::move(forget), std::move(taken)};
  return std::unique_ptr<SqlitePaperStore>(new SqlitePaperStore(std::move(database), std::move(statements)));
}

Status SqlitePaperStore::write_taken(const std::string& market, const std::vector<StoredTaken>& all) {
  TRADEWIND_TRY(statements_.forget_taken.bind(1, market).run());
  for (const StoredTaken& one : all)
    TRADEWIND_TRY(statements_.taken.bind(1, market)
                      .bind(2, enum_name(one.at.side))
                      .bind(3, one.at.price.micros)
                      .bind(4, one.shares.micros)
                      .bind(5, one.since)
                      .run());
  return {};
}

Status SqlitePaperStore::write(const Content& change) {
  for (const StoredOrder& stored : change.orders)
    TRADEWIND_TRY(statements_.order.bind(1, stored.order.id)
                      .bind(2, dump_json(to_json(stored.order)))
                      .bind(3, stored.filled.micros)
                      .bind(4, stored.open ? 1 : 0)
                      .bind(5, stored.met ? 1 : 0)
                      .bind(6, stored.ahead.micros)
                      .bind(7, stored.arrival)
                      .run());
  for (const trading::AccountEntry& entry : change.entries)
    TRADEWIND_TRY(statements_.entry.bind(1, static_cast<std::int64_t>(entry.sequence)).bind(2, dump_json(to_json(entry))).run());
  for (const auto& [market, all] : change.taken) TRADEWIND_TRY(write_taken(market, all));
  return {};
}

Status SqlitePaperStore::save(const Content& change) {
  TRADEWIND_TRY(database_.run("BEGIN IMMEDIATE"));
  Status written = write(change);
  if (written) written = database_.run("COMMIT");
  if (!written) static_cast<void>(database_.run("ROLLBACK"));
  return written;
}

Result<PaperStore::TakenByMarket> SqlitePaperStore::taken() {
  TakenByMarket found;
  TRADEWIND_ASSIGN(Statement rows, database_.prepare("SELECT market, side, price, shares, since FROM taken"));
  for (;;) {
    TRADEWIND_ASSIGN(const bool more, rows.step());
    if (!more) return found;
    const auto side = enum_from_name<trading::Side>(rows.text(1));
    if (!side) return Error(Errc::corrupt, "the paper account does not say of which side something was taken", "venue.sqlite");
    found[rows.text(0)].push_back({{*side, {rows.integer(2)}}, {rows.integer(3)}, rows.integer(4)});
  }
}

Result<PaperStore::Content> SqlitePaperStore::load() {
  Content content;
  TRADEWIND_ASSIGN(Statement orders, database_.prepare("SELECT body, filled, open, met, ahead, arrival FROM orders ORDER BY arrival, id"));
  for (;;) {
    TRADEWIND_ASSIGN(const bool more, orders.step());
    if (!more) break;
    TRADEWIND_ASSIGN(StoredOrder stored, read_order(orders));
    content.orders.push_back(std::move(stored));
  }
  TRADEWIND_ASSIGN(content.entries, entries(0, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())));
  TRADEWIND_ASSIGN(content.taken, taken());
  return content;
}

Result<std::vector<trading::AccountEntry>> SqlitePaperStore::entries(std::uint64_t sequence, std::uint64_t last) {
  std::vector<trading::AccountEntry> found;
  TRADEWIND_ASSIGN(Statement entries,
                   database_.prepare("SELECT body FROM entries WHERE sequence > ?1 AND sequence <= ?2 ORDER BY sequence"));
  entries.bind(1, static_cast<std::int64_t>(sequence)).bind(2, static_cast<std::int64_t>(last));
  for (;;) {
    TRADEWIND_ASSIGN(const bool more, entries.step());
    if (!more) break;
    TRADEWIND_ASSIGN(trading::AccountEntry entry, trading::entry_from_json(read_json(entries.text(0))));
    found.push_back(std::move(entry));
  }
  return found;
}

Result<std::optional<PaperStore::StoredOrder>> SqlitePaperStore::order(const trading::OrderId& id) {
  TRADEWIND_ASSIGN(Statement orders, database_.prepare("SELECT body, filled, open, met, ahead, arrival FROM orders WHERE id = ?1"));
  orders.bind(1, id);
  TRADEWIND_ASSIGN(const bool there, orders.step());
  if (!there) return std::optional<StoredOrder>();
  TRADEWIND_ASSIGN(StoredOrder stored, read_order(orders));
  return std::optional(std::move(stored));
}

}  // namespace tradewind::venues
