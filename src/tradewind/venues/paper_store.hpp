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
  Status save(const Content& change) override;
  Result<Content> load() override;
  Result<std::vector<trading::AccountEntry>> entries(std::uint64_t sequence, std::uint64_t last) override;
  Result<std::optional<StoredOrder>> order(const trading::OrderId& id) override;

 private:
  struct Statements {
    Statement order, entry, forget_taken, taken;
  };
  SqlitePaperStore(Database database, Statements statements) : database_(std::move(database)), statements_(std::move(statements)) {}
  Status write(const Content& change);
  Status write_taken(const std::string& market, const std::vector<StoredTaken>& all);
  Result<TakenByMarket> taken();
  Database database_;
  Statements statements_;
};

}  // namespace tradewind::venues
