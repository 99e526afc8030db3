// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/database.hpp"
#include "tradewind/venues/paper_exchange.hpp"

namespace tradewind::venues {

/// A paper account in an SQLite file of its own, apart from the engine's journal as a real venue's books are.
class SqlitePaperStore final : public PaperStore {
 public:
  /// Creates the file when it is not there. Errors: Errc::storage, Errc::corrupt.
  static Result<std::unique_ptr<SqlitePaperStore>> open(const Path& path);
  Status save(std::span<const StoredOrder> orders, std::span<const trading::AccountEntry> entries) override;
  Result<Content> load() override;
  Result<std::vector<trading::AccountEntry>> entries(std::uint64_t sequence, std::uint64_t last) override;
  Result<std::optional<StoredOrder>> order(const trading::OrderId& id) override;

 private:
  explicit SqlitePaperStore(Database database, Statement order, Statement entry)
      : database_(std::move(database)), order_(std::move(order)), entry_(std::move(entry)) {}
  Status write(std::span<const StoredOrder> orders, std::span<const trading::AccountEntry> entries);
  Database database_;
  Statement order_;
  Statement entry_;
};

}  // namespace tradewind::venues
