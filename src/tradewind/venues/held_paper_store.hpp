// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "tradewind/venues/paper_exchange.hpp"

namespace tradewind::venues {

/// Holds what a paper account changes until it is let go, so that it counts together with what is kept elsewhere: there `text` is written
/// first, and `redo` brings the store up to it when the process ended in between.
class HeldPaperStore final : public PaperStore {
 public:
  /// `store` must outlive it.
  explicit HeldPaperStore(PaperStore& store) : store_(store) {}

  Status save(const Content& change) override;
  Result<Content> load() override { return store_.load(); }
  Result<std::vector<trading::AccountEntry>> entries(std::uint64_t sequence, std::uint64_t last) override;
  Result<std::optional<StoredOrder>> order(const trading::OrderId& id) override;

  bool empty() const noexcept { return held_.orders.empty() && held_.entries.empty() && held_.taken.empty(); }
  /// All that is held, as JSON.
  std::string text() const;
  /// Puts it into the store. Errors: as the store's; it is then still held.
  Status let_go();
  /// Puts into a store what `text` told; what is there already stays as it is. Errors: Errc::corrupt; as the store's.
  static Status redo(PaperStore& store, std::string_view text);

 private:
  PaperStore& store_;
  Content held_;
};

}  // namespace tradewind::venues
