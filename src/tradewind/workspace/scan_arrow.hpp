// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tradewind/workspace/scan.hpp"

// The Arrow C data interface, as its specification says it is to be declared: an ABI that does not change, so whatever speaks it (pyarrow,
// polars, DuckDB, Arrow in any language) takes these two structs. https://arrow.apache.org/docs/format/CDataInterface.html
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

extern "C" {

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

}  // extern "C"

#endif  // ARROW_C_DATA_INTERFACE

namespace tradewind::workspace {

/// The rows by the Arrow C data interface: a struct whose children are the columns, integers as int64, numbers as float64, text as
/// large_utf8. Nothing is copied when the result is moved in (`std::move`): the consumer reads its memory, and frees it by `release`.
/// Overwrites both structs. Errc::storage when memory is short; both are then marked as released.
Status export_arrow(ScanResult result, ArrowArray* array, ArrowSchema* schema);

}  // namespace tradewind::workspace
