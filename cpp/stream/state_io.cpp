#include "stream/state_io.h"

#include "core/error.h"
#include "core/json_scanner.h"

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
  if (!is_valid_utf8(name))
    throw CorruptionError(message("checkpoint: a name at ", at_, " is not text"));
  return std::string(name);
}

size_t StateReader::get_count(size_t least_bytes) {
  const auto count = get<uint64_t>();
  if (count > (bytes_.size() - at_) / least_bytes)
    throw CorruptionError(
        message("checkpoint: a count of ", count, " at ", at_, " of ", bytes_.size(), " bytes"));
  return count;
}

Column StateReader::get_column() {
  const DataType type = parse_type(get_name(), "checkpoint");
  const size_t n = get_count(1);
  const auto rows = static_cast<int64_t>(n);
  Buffer validity = Buffer::zeros((n + 7) / 8);
  bool nulls = false;
  for (int64_t i = 0; i < rows; ++i) {
    if (get<uint8_t>())
      set_bit(validity.mutable_data(), i);
    else
      nulls = true;
  }
  if (!nulls) validity = Buffer();
  if (is_binary_like(type.id)) {
    const bool large = is_large(type.id);
    Buffer offsets = Buffer::zeros((n + 1) * (large ? 8 : 4));
    std::string text;
    for (size_t i = 0; i < n; ++i) {
      text += get_text();
      if (large)
        offsets.mutable_as<int64_t>()[i + 1] = static_cast<int64_t>(text.size());
      else
        offsets.mutable_as<int32_t>()[i + 1] = static_cast<int32_t>(text.size());
    }
    Buffer bytes = Buffer::allocate(text.size());
    if (!text.empty()) std::memcpy(bytes.mutable_data(), text.data(), text.size());
    return Column::strings(type, rows, std::move(offsets), std::move(bytes), std::move(validity));
  }
  if (type.id == DType::kBool) {
    Buffer bits = Buffer::zeros((n + 7) / 8);
    for (int64_t i = 0; i < rows; ++i)
      if (get<uint8_t>()) set_bit(bits.mutable_data(), i);
    return Column(type, rows, std::move(bits), std::move(validity));
  }
  const size_t size = n * byte_width(type.id);
  Buffer values = Buffer::allocate(size);
  const char* from = take(size);
  if (size > 0) std::memcpy(values.mutable_data(), from, size);
  return Column(type, rows, std::move(values), std::move(validity));
}

Table StateReader::get_table() {
  const size_t width = get_count(1);
  const auto rows = get<int64_t>();
  Table out = Table::with_rows(rows);
  for (size_t i = 0; i < width; ++i) {
    std::string name = get_name();
    out.add(std::move(name), get_column());
  }
  return out;
}

void StateReader::finish() const {
  if (at_ != bytes_.size())
    throw CorruptionError(message("checkpoint: ", bytes_.size() - at_, " bytes too many"));
}

}  // namespace cne::stream
