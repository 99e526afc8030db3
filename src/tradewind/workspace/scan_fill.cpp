// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <vector>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "tradewind/workspace/scan_fill_internal.hpp"

namespace tradewind::workspace {
namespace {

constexpr std::array<std::string_view, 5> kCounts = {"total_signals", "signal_changes", "total_trades", "total_fills", "rejected_orders"};

/// One column of one table. What is looked up by name, is looked up once.
class TableColumn {
 public:
  TableColumn(const ScanTable& from, const std::string& name) : table_(from.table) {
    if (name == "run_id") {
      run_id_ = from.run_id;
      return;
    }
    column_ = table_->find(name);
    if (column_ < 0) return;
    data_ = table_->batch().column_data(column_).get();
    is_text_ = table_->is_text(column_);
    if (data_->type->id() == arrow::Type::DOUBLE) doubles_ = data_->GetValues<double>(1);
  }

  bool is_missing() const { return data_ == nullptr; }
  bool is_integer() const { return data_ != nullptr && !is_text_ && doubles_ == nullptr; }
  /// Where many of its rows are shown, the column is checked at once; if anything in it has rotted, each cell for itself.
  void expect(std::size_t rows) {
    if (data_ != nullptr && rows > table_->rows() / 8) checked_ = static_cast<bool>(table_->pages().check_column(column_));
  }
  Status check(std::uint32_t row) const { return checked_ ? Status() : table_->pages().check_cell(column_, row); }

  void add_to(ScanColumn& out, std::uint32_t row) const {
    if (!run_id_.empty()) return out.add_text(run_id_);
    if (data_ == nullptr || data_->IsNull(row)) return out.add_null();
    if (is_text_) return out.add_text(table_->text(column_, row));
    if (doubles_ != nullptr) return out.add_number(doubles_[row]);
    out.add_integer(table_->integer(column_, row));
  }

 private:
  const CatalogTable* table_;
  std::string_view run_id_;
  int column_ = -1;
  const arrow::ArrayData* data_ = nullptr;
  const double* doubles_ = nullptr;
  bool is_text_ = false;
  bool checked_ = false;
};

ScanType type_of(std::span<const TableColumn> columns, const std::string& name, bool as_text) {
  if (as_text) return ScanType::text;
  bool known = false;
  for (const TableColumn& column : columns) {
    if (column.is_missing()) continue;
    if (!column.is_integer()) return ScanType::number;
    known = true;
  }
  return known || std::find(kCounts.begin(), kCounts.end(), name) != kCounts.end() ? ScanType::integer : ScanType::number;
}

}  // namespace

std::optional<RottenTable> fill_column(std::span<const ScanTable> tables, std::span<const ScanHit> hits, const std::string& name,
                                       bool as_text, std::vector<ScanColumn>& out) {
  std::vector<TableColumn> columns;
  columns.reserve(tables.size());
  for (const ScanTable& table : tables) columns.emplace_back(table, name);
  std::vector<std::size_t> rows(tables.size(), 0);
  for (const ScanHit& hit : hits) ++rows[hit.table];
  for (std::size_t t = 0; t < tables.size(); ++t) columns[t].expect(rows[t]);
  ScanColumn& column = out.emplace_back(name, type_of(columns, name, as_text));
  column.reserve(hits.size());
  for (const ScanHit& hit : hits) {
    const TableColumn& from = columns[hit.table];
    if (const auto good = from.check(hit.row); !good) return RottenTable{hit.table, good.error()};
    from.add_to(column, hit.row);
  }
  if (name.starts_with("param.")) column.narrow();
  return std::nullopt;
}

}  // namespace tradewind::workspace
