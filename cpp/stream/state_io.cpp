#include "stream/state_io.h"

#include "core/error.h"
#include "core/utf8.h"

namespace cne::stream {

void StateWriter::put_column(const Column& column) {
  const int64_t n = column.length();
  const DataType& type = column.type();
  put_text(to_string(type));
  put<int64_t>(n);
  for (int64_t i = 0; i < n; ++i) put<uint8_t>(column.is_valid(i));
  if (is_binary_like(type.id)) {
    const StringView text = column.strings();
    for (int64_t i = 0; i < n; ++i) put_text(column.is_valid(i) ? text[i] : std::string_view());
  } else if (type.id == DType::kBool) {
    for (int64_t i = 0; i < n; ++i) put<uint8_t>(column.bit(i));
  } else if (type.id == DType::kList) {
    const int32_t* offsets = column.list_offsets();
    for (int64_t i = 0; i < n; ++i) put<int32_t>(offsets[i + 1] - offsets[i]);
    put_column(column.children()[0].slice(offsets[0], offsets[n] - offsets[0]));
  } else if (type.id == DType::kStruct) {
    for (const Column& child : column.children()) put_column(child.slice(column.offset(), n));
  } else if (n > 0) {
    const size_t width = byte_width(type.id);
    const auto* from = reinterpret_cast<const char*>(column.values<uint8_t>()) - column.offset();
    bytes_.append(from + static_cast<size_t>(column.offset()) * width,
                  static_cast<size_t>(n) * width);
  }
}

void StateWriter::put_table(const Table& table) {
  put<uint64_t>(table.width());
  put<int64_t>(table.rows());
  for (size_t i = 0; i < table.width(); ++i) {
    put_text(table.names()[i]);
    put_column(table.column(i));
  }
}

const char* StateReader::take(size_t size) {
  if (size > bytes_.size() - at_)
    throw CorruptionError(
        message("checkpoint: expected ", size, " more bytes at ", at_, " of ", bytes_.size()));
  at_ += size;
  return bytes_.data() + at_ - size;
}

std::string StateReader::get_name() {
  const std::string_view name = get_text();
  if (!is_utf8(name)) throw CorruptionError(message("checkpoint: a name at ", at_, " is not text"));
  return std::string(name);
}

size_t StateReader::get_count(size_t least_bytes) {
  const auto count = get<uint64_t>();
  if (count > (bytes_.size() - at_) / least_bytes)
    throw CorruptionError(
        message("checkpoint: a count of ", count, " at ", at_, " of ", bytes_.size(), " bytes"));
  return count;
}

void StateReader::refuse(const char* what, const std::string& value) const {
  throw CorruptionError(
      message("checkpoint: no ", what, ": ", value, ", before byte ", at_, " of ", bytes_.size()));
}

Buffer StateReader::get_validity(size_t rows) {
  Buffer validity = Buffer::zeros((rows + 7) / 8);
  bool nulls = false;
  for (size_t i = 0; i < rows; ++i) {
    if (get<uint8_t>())
      set_bit(validity.mutable_data(), static_cast<int64_t>(i));
    else
      nulls = true;
  }
  return nulls ? validity : Buffer();
}

Column StateReader::get_strings(const DataType& type, size_t rows, Buffer validity) {
  const bool large = is_large(type.id);
  Buffer offsets = Buffer::zeros((rows + 1) * (large ? 8 : 4));
  std::string text;
  for (size_t i = 0; i < rows; ++i) {
    const std::string_view value = get_text();
    if (is_string(type.id) && !is_utf8(value)) refuse("text", "bytes that are not UTF-8");
    text += value;
    if (large)
      offsets.mutable_as<int64_t>()[i + 1] = static_cast<int64_t>(text.size());
    else
      offsets.mutable_as<int32_t>()[i + 1] = static_cast<int32_t>(text.size());
  }
  if (!large && text.size() > INT32_MAX) refuse("column of text", "too large a one");
  Buffer bytes = Buffer::allocate(text.size());
  if (!text.empty()) std::memcpy(bytes.mutable_data(), text.data(), text.size());
  return Column::strings(type, static_cast<int64_t>(rows), std::move(offsets), std::move(bytes),
                         std::move(validity));
}

Column StateReader::get_nested(DataType type, size_t rows, Buffer validity) {
  Buffer offsets;
  int64_t items = static_cast<int64_t>(rows);
  if (type.id == DType::kList) {
    items = 0;
    offsets = Buffer::zeros((rows + 1) * 4);
    for (size_t i = 0; i < rows; ++i) {
      items += get_within<int32_t>(0, INT32_MAX, "length of a list");
      if (items > INT32_MAX) refuse("column of lists", "too large a one");
      offsets.mutable_as<int32_t>()[i + 1] = static_cast<int32_t>(items);
    }
  }
  std::vector<Column> children;
  for (Field& field : type.children) {
    children.push_back(get_column(field.type));
    if (children.back().length() != items)
      refuse("number of items", message(children.back().length()));
    field.type = children.back().type();
  }
  return Column::nested(std::move(type), static_cast<int64_t>(rows), std::move(offsets),
                        std::move(children), std::move(validity));
}

Column StateReader::get_column(const DataType& expected) {
  DataType type = expected;
  const std::string name = get_name();
  if (is_binary_like(type.id) && name != to_string(type))
    type.id = is_string(type.id)  ? is_large(type.id) ? DType::kUtf8 : DType::kLargeUtf8
              : is_large(type.id) ? DType::kBinary
                                  : DType::kLargeBinary;
  if (!is_nested(type.id) && name != to_string(type))
    refuse(message("column of type ", to_string(expected)).c_str(), "one of " + name);
  const size_t n = get_count(1);
  const auto rows = static_cast<int64_t>(n);
  Buffer validity = get_validity(n);
  if (is_binary_like(type.id)) return get_strings(type, n, std::move(validity));
  if (is_nested(type.id)) return get_nested(std::move(type), n, std::move(validity));
  if (type.id == DType::kBool) {
    Buffer bits = Buffer::zeros((n + 7) / 8);
    for (int64_t i = 0; i < rows; ++i)
      if (get<uint8_t>()) set_bit(bits.mutable_data(), i);
    return Column(type, rows, std::move(bits), std::move(validity));
  }
  const size_t size = n * byte_width(type.id);
  const char* from = take(size);
  Buffer values = Buffer::allocate(size);
  if (size > 0) std::memcpy(values.mutable_data(), from, size);
  return Column(type, rows, std::move(values), std::move(validity));
}

Table StateReader::get_table(const Schema& schema) {
  const auto width = get<uint64_t>();
  if (width != schema.size()) refuse("number of columns", message(width));
  const int64_t rows = get_total();
  Table out = Table::with_rows(rows);
  for (const Field& field : schema) {
    if (std::string name = get_name(); name != field.name) refuse("column", name);
    Column column = get_column(field.type);
    if (column.length() != rows) refuse("number of rows", message(column.length()));
    out.add(field.name, std::move(column));
  }
  return out;
}

void StateReader::finish() const {
  if (at_ != bytes_.size())
    throw CorruptionError(message("checkpoint: ", bytes_.size() - at_, " bytes too many"));
}

}  // namespace cne::stream
