// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/scan_arrow.hpp"

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tradewind/base/guard.hpp"
#include "tradewind/workspace/scan_arrow_internal.hpp"

namespace tradewind::workspace {
namespace {

using SharedColumns = std::shared_ptr<const std::vector<ScanColumn>>;

/// What an exported struct points to. A consumer may take a child out and keep it longer than its parent, so each holds the columns.
struct SchemaHold {
  std::string name;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> pointers;
};
struct ArrayHold {
  SharedColumns columns;
  std::array<const void*, 3> buffers{};
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;
};

template <class Hold, class Struct>
void release(Struct* exported) {
  for (std::int64_t i = 0; i < exported->n_children; ++i)
    if (Struct* const child = exported->children[i]; child->release != nullptr) child->release(child);
  delete static_cast<Hold*>(exported->private_data);
  exported->release = nullptr;
}

const char* format_of(ScanType type) { return type == ScanType::integer ? "l" : type == ScanType::number ? "g" : "U"; }

template <class Struct>
std::vector<Struct*> pointers_to(std::vector<Struct>& children) {
  std::vector<Struct*> out;
  for (Struct& child : children) out.push_back(&child);
  return out;
}

void fill(ArrowSchema& out, const char* format, std::string name, std::vector<ArrowSchema> children) {
  auto hold = std::make_unique<SchemaHold>(std::move(name), std::move(children));
  hold->pointers = pointers_to(hold->children);
  out = {.format = format,
         .name = hold->name.c_str(),
         .metadata = nullptr,
         .flags = hold->children.empty() ? ARROW_FLAG_NULLABLE : 0,
         .n_children = static_cast<std::int64_t>(hold->children.size()),
         .children = hold->pointers.data(),
         .dictionary = nullptr,
         .release = release<SchemaHold, ArrowSchema>,
         .private_data = hold.get()};
  static_cast<void>(hold.release());
}

void fill(ArrowArray& out, const SharedColumns& columns, std::size_t rows, std::vector<ArrowArray> children) {
  auto hold = std::make_unique<ArrayHold>(columns, std::array<const void*, 3>{}, std::move(children));
  hold->pointers = pointers_to(hold->children);
  out = {.length = static_cast<std::int64_t>(rows),
         .null_count = 0,
         .offset = 0,
         .n_buffers = 1,
         .n_children = static_cast<std::int64_t>(hold->children.size()),
         .buffers = hold->buffers.data(),
         .children = hold->pointers.data(),
         .dictionary = nullptr,
         .release = release<ArrayHold, ArrowArray>,
         .private_data = hold.get()};
  static_cast<void>(hold.release());
}

/// A child's buffers: validity, then values, or offsets and text.
void point_at(const ScanColumn& column, ArrowArray& out) {
  out.null_count = static_cast<std::int64_t>(column.nulls());
  out.n_buffers = column.type() == ScanType::text ? 3 : 2;
  out.buffers[0] = column.nulls() == 0 ? nullptr : column.validity().data();
  switch (column.type()) {
    case ScanType::integer: out.buffers[1] = column.integers().data(); break;
    case ScanType::number: out.buffers[1] = column.numbers().data(); break;
    case ScanType::text:
      out.buffers[1] = column.text_offsets().data();
      out.buffers[2] = column.text_bytes().data();
      break;
  }
}

/// Structs under construction: released again when something throws half way.
template <class Struct>
struct Children {
  std::vector<Struct> all;
  ~Children() {
    for (Struct& child : all)
      if (child.release != nullptr) child.release(&child);
  }
};

void export_schema(const std::vector<ScanColumn>& columns, ArrowSchema* schema) {
  Children<ArrowSchema> children;
  children.all.resize(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) fill(children.all[i], format_of(columns[i].type()), columns[i].name(), {});
  fill(*schema, "+s", "", std::move(children.all));
  schema->flags = 0;
}

void export_array(const SharedColumns& columns, std::size_t rows, ArrowArray* array) {
  Children<ArrowArray> children;
  children.all.resize(columns->size());
  for (std::size_t i = 0; i < columns->size(); ++i) {
    fill(children.all[i], columns, rows, {});
    point_at((*columns)[i], children.all[i]);
  }
  fill(*array, columns, rows, std::move(children.all));
}

}  // namespace

Status share_arrow(const SharedColumns& columns, std::size_t rows, ArrowArray* array, ArrowSchema* schema) {
  *array = {};
  *schema = {};
  const Status done = tradewind::guarded([&]() -> Status {
    export_schema(*columns, schema);
    export_array(columns, rows, array);
    return {};
  });
  if (!done && schema->release != nullptr) schema->release(schema);
  return done;
}

Status export_arrow(ScanResult result, ArrowArray* array, ArrowSchema* schema) {
  return tradewind::guarded([&] {
    const std::size_t rows = result.rows;
    return share_arrow(std::make_shared<const std::vector<ScanColumn>>(std::move(result.columns)), rows, array, schema);
  });
}

}  // namespace tradewind::workspace
