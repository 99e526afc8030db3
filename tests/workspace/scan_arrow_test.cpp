// SPDX-License-Identifier: Apache-2.0
// What export_arrow hands over, read by Arrow itself.
#include "tradewind/workspace/scan_arrow.hpp"

#include <optional>

#include <arrow/array.h>
#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include "fixture.hpp"

namespace tradewind::workspace {
namespace {

class ScanArrow : public WorkspaceTest {
 protected:
  static std::shared_ptr<arrow::RecordBatch> import(ScanResult result) {
    ArrowArray array;
    ArrowSchema schema;
    need(export_arrow(std::move(result), &array, &schema));
    auto batch = arrow::ImportRecordBatch(&array, &schema);
    if (!batch.ok()) throw std::runtime_error(batch.status().ToString());
    const auto valid = (*batch)->ValidateFull();
    EXPECT_TRUE(valid.ok()) << valid.ToString();
    return *batch;
  }
  /// Every value of the batch against the result's columns.
  static void compare(const arrow::RecordBatch& batch, const ScanResult& result) {
    ASSERT_EQ(batch.num_rows(), static_cast<std::int64_t>(result.rows));
    ASSERT_EQ(batch.num_columns(), static_cast<int>(result.columns.size()));
    for (int c = 0; c < batch.num_columns(); ++c) {
      const ScanColumn& column = result.columns[static_cast<std::size_t>(c)];
      const auto array = batch.column(c);
      EXPECT_EQ(batch.column_name(c), column.name());
      EXPECT_EQ(array->null_count(), static_cast<std::int64_t>(column.nulls())) << column.name();
      for (std::size_t row = 0; row < result.rows; ++row) {
        const auto at = static_cast<std::int64_t>(row);
        ASSERT_EQ(array->IsNull(at), column.is_null(row)) << column.name() << " " << row;
        if (column.is_null(row)) continue;
        switch (array->type_id()) {
          case arrow::Type::INT64: EXPECT_EQ(static_cast<const arrow::Int64Array&>(*array).Value(at), column.integers()[row]); break;
          case arrow::Type::DOUBLE: EXPECT_EQ(static_cast<const arrow::DoubleArray&>(*array).Value(at), column.numbers()[row]); break;
          case arrow::Type::LARGE_STRING:
            EXPECT_EQ(static_cast<const arrow::LargeStringArray&>(*array).GetView(at), column.text(row));
            break;
          default: FAIL() << array->type()->ToString();
        }
      }
    }
  }
};

TEST_F(ScanArrow, hands_over_every_value_null_and_type) {
  write_run("r", Layout::packed, 61);
  const auto result = need(scan(root, {}, {.limit = 0}));
  ASSERT_GT(result.find("sharpe_ratio")->nulls(), 0U);
  const auto batch = import(result);
  compare(*batch, result);
  EXPECT_EQ(batch->GetColumnByName("param.fast")->type_id(), arrow::Type::INT64);
  EXPECT_EQ(batch->GetColumnByName("param.rate")->type_id(), arrow::Type::DOUBLE);
  EXPECT_EQ(batch->GetColumnByName("total_trades")->type_id(), arrow::Type::INT64);
  EXPECT_EQ(batch->GetColumnByName("undefined")->type_id(), arrow::Type::LARGE_STRING);
}

TEST_F(ScanArrow, copies_nothing_of_a_result_that_is_moved_in) {
  write_run("r", Layout::packed, 20);
  auto result = need(scan(root, {}, {.limit = 0}));
  const double* const values = result.find("net_sharpe")->numbers().data();
  const char* const text = result.find("strategy_id")->text_bytes().data();
  const auto batch = import(std::move(result));
  EXPECT_EQ(static_cast<const arrow::DoubleArray&>(*batch->GetColumnByName("net_sharpe")).raw_values(), values);
  EXPECT_EQ(static_cast<const arrow::LargeStringArray&>(*batch->GetColumnByName("strategy_id")).raw_data(),
            reinterpret_cast<const std::uint8_t*>(text));
}

TEST_F(ScanArrow, a_column_outlives_its_batch) {
  write_run("r", Layout::packed, 20);
  const auto result = need(scan(root, {}, {.limit = 0}));
  auto batch = import(result);
  const auto ids = batch->GetColumnByName("strategy_id");
  batch.reset();
  EXPECT_EQ(static_cast<const arrow::LargeStringArray&>(*ids).GetView(3), result.find("strategy_id")->text(3));
}

TEST_F(ScanArrow, a_child_that_was_taken_out_is_its_takers) {
  write_run("r", Layout::packed, 5);
  ArrowArray array;
  ArrowSchema schema;
  need(export_arrow(need(scan(root, {}, {.columns = {"param.fast", "symbol"}})), &array, &schema));
  ArrowArray taken = *array.children[0];
  array.children[0]->release = nullptr;
  array.release(&array);
  schema.release(&schema);
  EXPECT_EQ(array.release, nullptr);
  EXPECT_EQ(schema.release, nullptr);
  EXPECT_GE(static_cast<const std::int64_t*>(taken.buffers[1])[0], 0);
  taken.release(&taken);
  EXPECT_EQ(taken.release, nullptr);
}

TEST_F(ScanArrow, no_rows_are_a_batch_with_all_columns) {
  write_run("r", Layout::packed, 5);
  const auto result = need(scan(root, {}, {.where = "win_rate > 5"}));
  const auto batch = import(result);
  compare(*batch, result);
  EXPECT_EQ(batch->num_rows(), 0);
  EXPECT_GT(batch->num_columns(), 10);
}

TEST(ScanColumnTest, keeps_nulls_wherever_they_stand) {
  for (const std::size_t null : {0U, 1U, 7U, 8U, 9U, 15U, 16U, 20U}) {
    ScanColumn column("x", ScanType::number);
    for (std::size_t row = 0; row < 21; ++row) column.add_number(row == null ? std::nan("") : static_cast<double>(row) + 0.5);
    EXPECT_EQ(column.nulls(), 1U);
    for (std::size_t row = 0; row < 21; ++row) EXPECT_EQ(column.is_null(row), row == null) << null;
  }
}

TEST(ScanColumnTest, becomes_whole_only_when_all_values_are) {
  ScanColumn whole("param.a", ScanType::number), mixed("param.b", ScanType::number), metric("m", ScanType::number);
  for (const double value : {3.0, std::nan(""), -4.0}) {
    whole.add_number(value);
    metric.add_number(value);
  }
  for (const double value : {3.0, 0.5}) mixed.add_number(value);
  whole.narrow();
  mixed.narrow();
  EXPECT_EQ(whole.type(), ScanType::integer);
  EXPECT_EQ(whole.cell(2), Cell(std::int64_t{-4}));
  EXPECT_EQ(whole.cell(1), Cell());
  EXPECT_EQ(mixed.type(), ScanType::number);
  EXPECT_EQ(mixed.cell(0), Cell(std::int64_t{3}));
  EXPECT_EQ(mixed.cell(1), Cell(0.5));
  EXPECT_EQ(metric.cell(0), Cell(3.0));
}

}  // namespace
}  // namespace tradewind::workspace
