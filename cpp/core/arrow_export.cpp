#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "core/arrow.h"
#include "core/error.h"

namespace cne::arrow {

namespace {

std::string format_of(const DataType& type) {
  constexpr char kUnits[] = "smun";
  const std::string unit(1, kUnits[static_cast<size_t>(type.unit)]);
  switch (type.id) {
    case DType::kBool:
      return "b";
    case DType::kInt8:
      return "c";
    case DType::kUInt8:
      return "C";
    case DType::kInt16:
      return "s";
    case DType::kUInt16:
      return "S";
    case DType::kInt32:
      return "i";
    case DType::kUInt32:
      return "I";
    case DType::kInt64:
      return "l";
    case DType::kUInt64:
      return "L";
    case DType::kFloat32:
      return "f";
    case DType::kFloat64:
      return "g";
    case DType::kUtf8:
      return "u";
    case DType::kLargeUtf8:
      return "U";
    case DType::kBinary:
      return "z";
    case DType::kLargeBinary:
      return "Z";
    case DType::kDate:
      return "tdD";
    case DType::kTimestamp:
      return "ts" + unit + ":" + type.zone;
    case DType::kDuration:
      return "tD" + unit;
    case DType::kList:
      return "+l";
    case DType::kStruct:
      return "+s";
  }
  return "";
}

struct SchemaParts {
  std::string format;
  std::string name;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> pointers;
};

void release_schema(ArrowSchema* schema) {
  const std::unique_ptr<SchemaParts> parts(static_cast<SchemaParts*>(schema->private_data));
  for (ArrowSchema* child : parts->pointers)
    if (child->release != nullptr) child->release(child);
  schema->release = nullptr;
}

struct ArrayParts {
  Column column;
  std::vector<const void*> buffers;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;
};

void release_array(ArrowArray* array) {
  const std::unique_ptr<ArrayParts> parts(static_cast<ArrayParts*>(array->private_data));
  for (ArrowArray* child : parts->pointers)
    if (child->release != nullptr) child->release(child);
  array->release = nullptr;
}

void finish_array(std::unique_ptr<ArrayParts> parts, int64_t length, int64_t offset,
                  int64_t null_count, ArrowArray* out) {
  for (ArrowArray& child : parts->children) parts->pointers.push_back(&child);
  *out = ArrowArray{};
  out->length = length;
  out->null_count = null_count;
  out->offset = offset;
  out->n_buffers = static_cast<int64_t>(parts->buffers.size());
  out->buffers = parts->buffers.data();
  out->n_children = static_cast<int64_t>(parts->children.size());
  out->children = parts->pointers.data();
  out->release = release_array;
  out->private_data = parts.release();
}

struct StreamParts {
  Schema schema;
  std::vector<Table> batches;
  size_t next = 0;
  std::string error;
};

template <typename Body>
int guarded(ArrowArrayStream* stream, const Body& body) {
  auto* parts = static_cast<StreamParts*>(stream->private_data);
  try {
    body(*parts);
    return 0;
  } catch (const std::exception& error) {
    parts->error = error.what();
    return EINVAL;
  }
}

}  // namespace

void export_field(const Field& field, ArrowSchema* out) {
  auto parts = std::make_unique<SchemaParts>();
  parts->format = format_of(field.type);
  parts->name = field.name;
  parts->children.resize(field.type.children.size());
  for (size_t i = 0; i < parts->children.size(); ++i) {
    export_field(field.type.children[i], &parts->children[i]);
    parts->pointers.push_back(&parts->children[i]);
  }
  *out = ArrowSchema{};
  out->format = parts->format.c_str();
  out->name = parts->name.c_str();
  out->flags = 2;  // nullable
  out->n_children = static_cast<int64_t>(parts->children.size());
  out->children = parts->pointers.data();
  out->release = release_schema;
  out->private_data = parts.release();
}

void export_column(const Column& column, ArrowArray* out) {
  auto parts = std::make_unique<ArrayParts>();
  parts->column = column;
  const DType id = column.type().id;
  parts->buffers.push_back(column.may_have_nulls() ? column.validity_buffer().data() : nullptr);
  if (is_binary_like(id) || id == DType::kList)
    parts->buffers.push_back(column.offsets_buffer().data());
  if (!is_nested(id)) parts->buffers.push_back(column.values_buffer().data());
  parts->children.resize(column.children().size());
  for (size_t i = 0; i < parts->children.size(); ++i)
    export_column(column.children()[i], &parts->children[i]);
  finish_array(std::move(parts), column.length(), column.offset(), column.null_count(), out);
}

void export_schema(const Schema& schema, ArrowSchema* out) {
  export_field({"", DataType::structure(schema), false}, out);
}

void export_table(const Table& table, ArrowArray* out) {
  auto parts = std::make_unique<ArrayParts>();
  parts->buffers.push_back(nullptr);
  parts->children.resize(table.width());
  for (size_t i = 0; i < table.width(); ++i) export_column(table.column(i), &parts->children[i]);
  finish_array(std::move(parts), table.rows(), 0, 0, out);
}

void export_stream(const Schema& schema, std::vector<Table> batches, ArrowArrayStream* out) {
  auto parts = std::make_unique<StreamParts>();
  parts->schema = schema;
  parts->batches = std::move(batches);
  *out = ArrowArrayStream{};
  out->get_schema = [](ArrowArrayStream* stream, ArrowSchema* schema_out) {
    return guarded(stream, [&](StreamParts& p) { export_schema(p.schema, schema_out); });
  };
  out->get_next = [](ArrowArrayStream* stream, ArrowArray* array_out) {
    return guarded(stream, [&](StreamParts& p) {
      *array_out = ArrowArray{};
      if (p.next < p.batches.size()) export_table(p.batches[p.next++], array_out);
    });
  };
  out->get_last_error = [](ArrowArrayStream* stream) -> const char* {
    return static_cast<StreamParts*>(stream->private_data)->error.c_str();
  };
  out->release = [](ArrowArrayStream* stream) {
    delete static_cast<StreamParts*>(stream->private_data);
    stream->release = nullptr;
  };
  out->private_data = parts.release();
}

}  // namespace cne::arrow
