// SPDX-License-Identifier: Apache-2.0
#include "tradewind/venues/paper_store.hpp"

#include "tradewind/venues/order_json.hpp"

namespace tradewind::venues {

Result<std::unique_ptr<SqlitePaperStore>> SqlitePaperStore::open(const Path& path) {
  TRADEWIND_ASSIGN(Database database, Database::open(path, Database::Mode::create));
  TRADEWIND_TRY(database.run("CREATE TABLE IF NOT EXISTS orders(id TEXT PRIMARY KEY, body TEXT NOT NULL, filled INTEGER NOT NULL, open INTEGER NOT NULL) WITHOUT ROWID;"
                             "CREATE TABLE IF NOT EXISTS entries(sequence INTEGER PRIMARY KEY, body TEXT NOT NULL)"));
  TRADEWIND_ASSIGN(Statement order, database.prepare("INSERT OR REPLACE INTO orders(id, body, filled, open) VALUES(?1, ?2, ?3, ?4)"));
  TRADEWIND_ASSIGN(Statement entry, database.prepare("INSERT INTO entries(sequence, body) VALUES(?1, ?2)"));
  return std::unique_ptr<SqlitePaperStore>(new SqlitePaperStore(std::move(database), std::move(order), std::move(entry)));
}

Status SqlitePaperStore::write(std::span<const StoredOrder> orders, std::span<const AccountEntry> entries) {
  for (const StoredOrder& stored : orders)
    TRADEWIND_TRY(order_.bind(1, stored.order.id).bind(2, to_json(stored.order).dump()).bind(3, stored.filled.micros).bind(4, stored.open ? 1 : 0).run());
  for (const AccountEntry& entry : entries)
    TRADEWIND_TRY(entry_.bind(1, static_cast<std::int64_t>(entry.sequence)).bind(2, to_json(entry).dump()).run());
  return {};
}

Status SqlitePaperStore::save(std::span<const StoredOrder> orders, std::span<const AccountEntry> entries) {
  TRADEWIND_TRY(database_.run("BEGIN IMMEDIATE"));
  Status written = write(orders, entries);
  if (written) written = database_.run("COMMIT");
  if (!written) static_cast<void>(database_.run("ROLLBACK"));
  return written;
}

Result<PaperStore::Content> SqlitePaperStore::load() {
  Content content;
  TRADEWIND_ASSIGN(Statement orders, database_.prepare("SELECT body, filled, open FROM orders"));
  for (;;) {
    TRADEWIND_ASSIGN(const bool more, orders.step());
    if (!more) break;
    TRADEWIND_ASSIGN(Order order, order_from_json(Json::parse(orders.text(0), nullptr, false)));
    content.orders.push_back({std::move(order), {orders.integer(1)}, orders.integer(2) != 0});
  }
  TRADEWIND_ASSIGN(Statement entries, database_.prepare("SELECT body FROM entries ORDER BY sequence"));
  for (;;) {
    TRADEWIND_ASSIGN(const bool more, entries.step());
    if (!more) break;
    TRADEWIND_ASSIGN(AccountEntry entry, entry_from_json(Json::parse(entries.text(0), nullptr, false)));
    content.entries.push_back(std::move(entry));
  }
  return content;
}

}  // namespace tradewind::venues
