// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/scan.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <set>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "tradewind/base/expression.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/workspace/catalog_internal.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/scan_fill_internal.hpp"

namespace tradewind::workspace {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

struct OpenRun {
  std::string run_id;
  std::vector<CatalogTable> tables;
};

/// A column of one table for the filter; a column the table lacks is undefined (or empty text) throughout.
class Column final : public ExpressionColumn {
 public:
  Column(const CatalogTable& table, std::string_view name, std::string_view run_id, bool as_text)
      : table_(&table), column_(table.find(name)), as_text_(as_text) {
    if (name == "run_id") run_id_ = run_id;
    if (column_ < 0 || table.is_text(column_)) return;
    const auto& data = *table.batch().column_data(column_);
    if (data.type->id() == arrow::Type::DOUBLE) doubles_ = data.GetValues<double>(1);
  }
  bool is_text() const override { return as_text_; }
  void numbers(std::size_t begin, std::span<double> out) const override {
    // The value slot under a null holds NaN, so validity need not be looked at.
    if (doubles_ != nullptr)
      std::memcpy(out.data(), doubles_ + begin, out.size_bytes());
    else
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = number(begin + i);
  }
  double number(std::size_t row) const {
    return doubles_ != nullptr ? doubles_[row] : column_ < 0 ? kUndefined : table_->number(column_, row);
  }
  std::string_view text(std::size_t row) const override {
    if (!run_id_.empty()) return run_id_;
    if (column_ < 0) return {};
    if (table_->is_text(column_)) return table_->text(column_, row);
    // The same parameter is a number in one segment and text in another.
    scratch_ = number_text(table_->number(column_, row));
    return scratch_;
  }

 private:
  const CatalogTable* table_;
  int column_;
  bool as_text_;
  const double* doubles_ = nullptr;
  std::string_view run_id_;
  mutable std::string scratch_;
};

/// The columns of all tables in the order they are shown; true for text.
class Names {
 public:
  explicit Names(const std::vector<OpenRun>& runs) {
    for (const auto* name : {"run_id", "strategy_id", "strategy_type", "symbol"}) add(name, true);
    for_each(runs, [&](const CatalogTable& table) {
      for (const auto& field : table.batch().schema()->fields())
        if (field->name().starts_with("param.")) add(field->name(), field->type()->id() == arrow::Type::STRING);
    });
    for_each(runs, [&](const CatalogTable& table) {
      for (const std::string& metric : table.metric_columns()) add(metric, false);
    });
    for (const auto* name : {"total_signals", "signal_changes", "compression_ratio", "total_trades", "total_fills", "rejected_orders"})
      add(name, false);
    add("undefined", true);
  }

  const std::vector<std::string>& all() const { return names_; }
  bool is_text(const std::string& name) const {
    const auto found = text_.find(name);
    return found != text_.end() && found->second;
  }
  Status check(const std::string& name) const {
    if (text_.contains(name)) return {};
    if (name == "dsr" || name == "psr")
      return Error(Errc::unknown_name, "no column '" + name + "': the run has not been tested for luck", {},
                   "`tradewind overfit RUN` tests it and writes psr and dsr of its strategies");
    return Error(Errc::unknown_name, "no column '" + printable(name) + "'", {}, suggestion(name, names_));
  }

 private:
  template <class Body>
  static void for_each(const std::vector<OpenRun>& runs, Body&& body) {
    for (const OpenRun& run : runs)
      for (const CatalogTable& table : run.tables) body(table);
  }
  void add(const std::string& name, bool text) {
    const auto [it, fresh] = text_.try_emplace(name, text);
    if (fresh) names_.push_back(name);
    it->second = it->second || text;
  }
  std::vector<std::string> names_;
  std::map<std::string, bool> text_;
};

struct Source {
  const CatalogTable* table;
  const OpenRun* run;
  int id;
  Column sort;
};

/// Total order: sort column (undefined last), then run_id, strategy_id.
class Order {
 public:
  Order(const std::vector<Source>& sources, bool by_text, bool by_id, bool descending)
      : sources_(&sources), by_text_(by_text), by_id_(by_id), descending_(descending) {}
  bool operator()(const ScanHit& a, const ScanHit& b) const {
    if (!by_id_) {
      if (by_text_) {
        const std::string x(text(a));
        const std::string_view y = text(b);
        if (x != y) return x.empty() || y.empty() ? y.empty() : descending_ ? x > y : x < y;
      } else {
        const bool no_a = std::isnan(a.number), no_b = std::isnan(b.number);
        if (no_a != no_b) return no_b;
        if (!no_a && a.number != b.number) return descending_ ? a.number > b.number : a.number < b.number;
      }
    }
    const Source& first = (*sources_)[a.table];
    const Source& second = (*sources_)[b.table];
    if (first.run != second.run) return first.run->run_id < second.run->run_id;
    return first.table->text(first.id, a.row) < second.table->text(second.id, b.row);
  }

 private:
  std::string_view text(const ScanHit& hit) const { return (*sources_)[hit.table].sort.text(hit.row); }
  const std::vector<Source>* sources_;
  bool by_text_;
  bool by_id_;
  bool descending_;
};

/// Keeps the best `limit` hits while they stream by.
class Best {
 public:
  Best(std::size_t limit, Order order) : limit_(limit), order_(order) {}
  void offer(const ScanHit& hit) {
    if (hits_.size() < limit_) {
      hits_.push_back(hit);
      if (hits_.size() == limit_) std::make_heap(hits_.begin(), hits_.end(), order_);  // all that is asked for may never be reached
    } else if (limit_ > 0 && order_(hit, hits_.front())) {
      std::pop_heap(hits_.begin(), hits_.end(), order_);
      hits_.back() = hit;
      std::push_heap(hits_.begin(), hits_.end(), order_);
    }
  }
  std::vector<ScanHit> sorted() && {
    std::sort(hits_.begin(), hits_.end(), order_);
    return std::move(hits_);
  }

 private:
  std::size_t limit_;
  Order order_;
  std::vector<ScanHit> hits_;
};

std::vector<OpenRun> open_runs(const Path& root, const std::vector<std::string>& ids, std::vector<ScanFault>& faults) {
  std::vector<OpenRun> out;
  for (const std::string& id : ids) {
    auto tables = open_catalog(root / id);
    if (tables)
      out.push_back({id, std::move(*tables)});
    else
      faults.push_back({id, tables.error()});
  }
  return out;
}

Result<std::vector<std::string>> run_ids(const Path& root, std::span<const std::string> runs, std::vector<ScanFault>& faults) {
  std::vector<std::string> ids;
  if (runs.empty()) {
    TRADEWIND_ASSIGN(const auto entries, list_runs(root));
    for (const RunEntry& entry : entries) {
      if (entry.fault)
        faults.push_back({entry.run_id, *entry.fault});
      else
        ids.push_back(entry.run_id);
    }
    return ids;
  }
  for (const std::string& id : std::set<std::string>(runs.begin(), runs.end())) {
    const auto metadata = read_run_metadata(root, id);
    if (!metadata && metadata.error().code() != Errc::corrupt && metadata.error().code() != Errc::newer_format) return metadata.error();
    if (metadata)
      ids.push_back(id);
    else
      faults.push_back({id, metadata.error()});
  }
  return ids;
}

Status check_query(const ScanQuery& query, const Names& names, const Expression* filter) {
  if (filter != nullptr)
    for (const std::string& name : filter->names()) TRADEWIND_TRY(names.check(name));
  if (!query.sort.empty()) TRADEWIND_TRY(names.check(query.sort));
  for (const std::string& name : query.columns) TRADEWIND_TRY(names.check(name));
  return {};
}

Status select_rows(const Source& source, const Names& names, const Expression& filter, std::vector<std::uint32_t>& matching) {
  std::vector<std::unique_ptr<Column>> columns;
  std::vector<const ExpressionColumn*> pointers;
  for (const std::string& name : filter.names()) {
    columns.push_back(std::make_unique<Column>(*source.table, name, source.run->run_id, names.is_text(name)));
    pointers.push_back(columns.back().get());
  }
  return filter.select(pointers, source.table->rows(), matching);
}

std::vector<Source> sources_of(const std::vector<OpenRun>& runs, const std::string& sort, bool by_text) {
  std::vector<Source> out;
  for (const OpenRun& run : runs)
    for (const CatalogTable& table : run.tables)
      out.push_back({&table, &run, table.find("strategy_id"), Column(table, sort, run.run_id, by_text)});
  return out;
}

/// Leaves out the runs of which a column that is read in every row has rotted; they become faults.
void drop_rotten(std::vector<OpenRun>& runs, const ScanQuery& query, const Expression* filter, std::vector<ScanFault>& faults) {
  std::set<std::string> used;
  if (filter != nullptr) used.insert(filter->names().begin(), filter->names().end());
  used.insert(query.sort.empty() ? "strategy_id" : query.sort);
  std::erase_if(runs, [&](const OpenRun& run) {
    for (const CatalogTable& table : run.tables)
      for (const std::string& name : used)
        if (const auto good = table.pages().check_column(table.find(name)); !good) {
          faults.push_back({run.run_id, good.error()});
          return true;
        }
    return false;
  });
}

/// The columns of the hits; the run of which a cell has rotted, instead.
std::optional<ScanFault> show(const std::vector<Source>& sources, std::span<const ScanHit> hits, const std::vector<std::string>& columns,
                              const Names& names, ScanResult& result) {
  std::vector<ScanTable> tables;
  for (const Source& source : sources) tables.push_back({source.table, source.run->run_id});
  for (const std::string& name : columns)
    if (const auto rotten = fill_column(tables, hits, name, names.is_text(name), result.columns))
      return ScanFault{sources[rotten->table].run->run_id, rotten->error};
  result.rows = hits.size();
  return std::nullopt;
}

/// Filters and sorts; gives the fault of a run that turned out to have rotted, with `result` half done.
Result<std::optional<ScanFault>> look(const std::vector<OpenRun>& open, const ScanQuery& query, const Names& names,
                                      const Expression* filter, ScanResult& result) {
  const bool by_text = !open.empty() && !query.sort.empty() && names.is_text(query.sort);
  const auto sources = sources_of(open, query.sort, by_text);
  const std::size_t page = query.limit == 0 ? std::numeric_limits<std::size_t>::max()
                                            : query.limit + std::min(query.offset, std::numeric_limits<std::size_t>::max() - query.limit);
  Best best(page, Order(sources, by_text, query.sort.empty(), query.descending));
  std::vector<std::uint32_t> matching;
  for (std::size_t s = 0; s < sources.size(); ++s) {
    const Source& source = sources[s];
    result.scanned += source.table->rows();
    const auto offer = [&](std::uint32_t row) { best.offer({by_text ? 0 : source.sort.number(row), static_cast<std::uint32_t>(s), row}); };
    if (filter != nullptr) {
      matching.clear();
      TRADEWIND_TRY(select_rows(source, names, *filter, matching));
      for (const std::uint32_t row : matching) offer(row);
      result.matched += matching.size();
    } else {
      for (std::uint32_t row = 0; row < source.table->rows(); ++row) offer(row);
      result.matched += source.table->rows();
    }
  }
  const auto hits = std::move(best).sorted();
  const auto page_hits = std::span(hits).subspan(std::min(query.offset, hits.size()));
  return show(sources, page_hits, query.columns.empty() ? names.all() : query.columns, names, result);
}

}  // namespace

const ScanColumn* ScanResult::find(std::string_view column) const noexcept {
  for (const ScanColumn& each : columns)
    if (each.name() == column) return &each;
  return nullptr;
}

Result<ScanResult> scan(const Path& root, std::span<const std::string> runs, const ScanQuery& query) {
  const Stopwatch watch;
  ScanResult result;
  std::optional<Expression> filter;
  if (!trim(query.where).empty()) {
    TRADEWIND_ASSIGN(filter, Expression::parse(query.where));
  }
  TRADEWIND_ASSIGN(const auto ids, run_ids(root, runs, result.faults));
  auto open = open_runs(root, ids, result.faults);
  const Names names(open);
  const Expression* const condition = filter ? &*filter : nullptr;
  const bool anything = std::any_of(open.begin(), open.end(), [](const OpenRun& run) { return !run.tables.empty(); });
  if (anything) TRADEWIND_TRY(check_query(query, names, condition));
  if (!anything) open.clear();
  drop_rotten(open, query, condition, result.faults);
  for (;;) {
    TRADEWIND_ASSIGN(const auto rotten, look(open, query, names, condition, result));
    if (!rotten) break;
    // What one run has lost is said, and the others answer as if it were not there.
    std::erase_if(open, [&](const OpenRun& run) { return run.run_id == rotten->run_id; });
    result.faults.push_back(*rotten);
    result.columns.clear();
    result.scanned = result.matched = 0;
  }
  result.milliseconds = watch.milliseconds();
  return result;
}

}  // namespace tradewind::workspace
