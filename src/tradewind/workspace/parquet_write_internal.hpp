// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>

#include <arrow/util/key_value_metadata.h>
#include <parquet/api/writer.h>

#include "tradewind/workspace/signal_file.hpp"

namespace tradewind::workspace {

// What the writers of the several Parquet files share. They throw as the library does: call them inside `guarded`.

inline parquet::schema::NodePtr column(const std::string& name, std::shared_ptr<const parquet::LogicalType> logical,
                                       parquet::Type::type physical, parquet::Repetition::type repetition = parquet::Repetition::REQUIRED) {
  return parquet::schema::PrimitiveNode::Make(name, repetition, std::move(logical), physical);
}

inline std::shared_ptr<parquet::schema::GroupNode> schema_of(parquet::schema::NodeVector columns) {
  return std::static_pointer_cast<parquet::schema::GroupNode>(
      parquet::schema::GroupNode::Make("schema", parquet::Repetition::REQUIRED, std::move(columns)));
}

inline std::shared_ptr<const arrow::KeyValueMetadata> metadata_of(const KeyValues& key_values) {
  auto metadata = std::make_shared<arrow::KeyValueMetadata>();
  for (const auto& [key, value] : key_values) metadata->Append(key, value);
  return metadata;
}

template <class Writer, class T>
void write_column(parquet::RowGroupWriter& group, std::span<const T> values) {
  auto* writer = static_cast<Writer*>(group.NextColumn());
  writer->WriteBatch(static_cast<std::int64_t>(values.size()), nullptr, nullptr, values.data());
  writer->Close();
}

}  // namespace tradewind::workspace
