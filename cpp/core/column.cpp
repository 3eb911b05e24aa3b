#include "core/column.h"

#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "core/error.h"

namespace cne {

int64_t count_bits(const uint8_t* bits, int64_t offset, int64_t length) {
  int64_t count = 0;
  int64_t i = offset;
  const int64_t end = offset + length;
  for (; i < end && (i & 7) != 0; ++i) count += get_bit(bits, i);
  for (; i + 64 <= end; i += 64) {
    uint64_t word;
    std::memcpy(&word, bits + (i >> 3), 8);
    count += std::popcount(word);
  }
  for (; i < end; ++i) count += get_bit(bits, i);
  return count;
}

Column::Column(DataType type, int64_t length, Buffer values, Buffer validity, int64_t offset)
    : type_(std::move(type)),
      length_(length),
      offset_(offset),
      values_(std::move(values)),
      validity_(std::move(validity)) {}

Column Column::strings(DataType type, int64_t length, Buffer offsets, Buffer bytes, Buffer validity,
                       int64_t offset) {
  Column out(std::move(type), length, std::move(bytes), std::move(validity), offset);
  out.offsets_ = std::move(offsets);
  return out;
}

Column Column::nested(DataType type, int64_t length, Buffer offsets, std::vector<Column> children,
                      Buffer validity, int64_t offset) {
  Column out(std::move(type), length, Buffer(), std::move(validity), offset);
  out.offsets_ = std::move(offsets);
  out.children_ = std::move(children);
  return out;
}

Column Column::nulls(DataType type, int64_t length) {
  const auto n = static_cast<size_t>(length);
  Buffer validity = Buffer::zeros((n + 7) / 8);
  if (is_binary_like(type.id)) {
    const size_t width = is_large(type.id) ? 8 : 4;
    return strings(std::move(type), length, Buffer::zeros((n + 1) * width), Buffer::zeros(0),
                   std::move(validity));
  }
  if (type.id == DType::kList) {
    Column child = nulls(type.children.at(0).type, 0);
    return nested(std::move(type), length, Buffer::zeros((n + 1) * 4), {std::move(child)},
                  std::move(validity));
  }
  if (type.id == DType::kStruct) {
    std::vector<Column> children;
    for (const Field& field : type.children) children.push_back(nulls(field.type, length));
    return nested(std::move(type), length, Buffer(), std::move(children), std::move(validity));
  }
  const size_t width = byte_width(type.id);
  return Column(std::move(type), length, Buffer::zeros(width ? n * width : (n + 7) / 8),
                std::move(validity));
}

int64_t Column::null_count() const {
  return validity_ ? length_ - count_bits(validity_.data(), offset_, length_) : 0;
}

Column Column::slice(int64_t start, int64_t length) const {
  if (start < 0 || length < 0 || start > length_ || length > length_ - start)
    throw ShapeError(message("Column::slice: expected a range inside ", length_,
                             " elements, got start ", start, " length ", length));
  Column out = *this;
  out.offset_ += start;
  out.length_ = length;
  return out;
}

Column Column::with_type(DataType type) const {
  if (byte_width(type.id) != byte_width(type_.id) || is_nested(type.id) ||
      is_binary_like(type.id) != is_binary_like(type_.id) ||
      is_large(type.id) != is_large(type_.id))
    throw TypeError(message("Column::with_type: expected a type laid out as ", to_string(type_),
                            ", got ", to_string(type)));
  Column out = *this;
  out.type_ = std::move(type);
  return out;
}

namespace {

void copy_bits(const uint8_t* from, int64_t from_offset, uint8_t* to, int64_t to_offset,
               int64_t length) {
  if ((from_offset & 7) == 0 && (to_offset & 7) == 0) {
    std::memcpy(to + to_offset / 8, from + from_offset / 8, static_cast<size_t>(length / 8));
    for (int64_t i = length / 8 * 8; i < length; ++i)
      if (get_bit(from, from_offset + i)) set_bit(to, to_offset + i);
    return;
  }
  for (int64_t i = 0; i < length; ++i)
    if (get_bit(from, from_offset + i)) set_bit(to, to_offset + i);
}

template <typename Offset>
Buffer joined_offsets(const std::vector<Column>& parts, int64_t rows) {
  Buffer out = Buffer::allocate(static_cast<size_t>(rows + 1) * sizeof(Offset));
  Offset* to = out.mutable_as<Offset>();
  int64_t end = 0;
  *to++ = 0;
  for (const Column& part : parts) {
    const bool list = part.type().id == DType::kList;
    const StringView view(
        part.offsets_buffer().data() + part.offset() * (is_large(part.type().id) ? 8 : 4),
        !list && is_large(part.type().id), nullptr);
    if (part.length() == 0) continue;
    const int64_t shift = end - view.start(0);
    for (int64_t i = 1; i <= part.length(); ++i) *to++ = static_cast<Offset>(view.start(i) + shift);
    end = view.start(part.length()) + shift;
  }
  return out;
}

}  // namespace

int64_t integer_at(const Column& column, int64_t i) {
  switch (column.type().id) {
    case DType::kInt8:
      return column.values<int8_t>()[i];
    case DType::kInt16:
      return column.values<int16_t>()[i];
    case DType::kInt32:
      return column.values<int32_t>()[i];
    case DType::kUInt8:
      return column.values<uint8_t>()[i];
    case DType::kUInt16:
      return column.values<uint16_t>()[i];
    case DType::kUInt32:
      return column.values<uint32_t>()[i];
    default:
      return column.values<int64_t>()[i];
  }
}

Column concat(const std::vector<Column>& parts, const char* function) {
  assert(!parts.empty());
  if (parts.size() == 1) return parts[0];
  DataType type = parts[0].type();
  int64_t rows = 0;
  int64_t bytes = 0;
  bool nullable = false;
  bool large = false;
  for (const Column& part : parts) {
    const bool text = is_binary_like(type.id) && is_string(type.id) == is_string(part.type().id) &&
                      is_binary_like(part.type().id);
    if (!text && part.type() != type)
      throw TypeError(message(function, ": expected columns of one type, got ", to_string(type),
                              " and ", to_string(part.type())));
    rows += part.length();
    nullable |= part.may_have_nulls();
    large |= is_large(part.type().id);
    if (text && part.length() > 0)
      bytes += part.strings().start(part.length()) - part.strings().start(0);
  }
  const auto n = static_cast<size_t>(rows);

  Buffer validity;
  if (nullable) {
    validity = Buffer::zeros((n + 7) / 8);
    int64_t at = 0;
    for (const Column& part : parts) {
      if (part.may_have_nulls())
        copy_bits(part.validity_buffer().data(), part.offset(), validity.mutable_data(), at,
                  part.length());
      else
        for (int64_t i = 0; i < part.length(); ++i) set_bit(validity.mutable_data(), at + i);
      at += part.length();
    }
  }

  if (is_binary_like(type.id)) {
    large |= bytes > std::numeric_limits<int32_t>::max();
    if (large) type = is_string(type.id) ? DType::kLargeUtf8 : DType::kLargeBinary;
    Buffer data = Buffer::allocate(static_cast<size_t>(bytes));
    uint8_t* to = data.mutable_data();
    for (const Column& part : parts) {
      if (part.length() == 0) continue;
      const StringView view = part.strings();
      const auto size = static_cast<size_t>(view.start(part.length()) - view.start(0));
      if (size > 0) std::memcpy(to, view.bytes() + view.start(0), size);
      to += size;
    }
    Buffer offsets =
        large ? joined_offsets<int64_t>(parts, rows) : joined_offsets<int32_t>(parts, rows);
    return Column::strings(std::move(type), rows, std::move(offsets), std::move(data),
                           std::move(validity));
  }
  if (type.id == DType::kList) {
    std::vector<Column> items;
    int64_t count = 0;
    for (const Column& part : parts) {
      const int32_t* offsets = part.list_offsets();
      const int64_t start = part.length() ? offsets[0] : 0;
      const int64_t size = part.length() ? offsets[part.length()] - start : 0;
      items.push_back(part.children()[0].slice(start, size));
      count += size;
    }
    if (count > std::numeric_limits<int32_t>::max())
      throw ShapeError(message(function, ": a list column holds at most 2^31 items, got ", count));
    return Column::nested(std::move(type), rows, joined_offsets<int32_t>(parts, rows),
                          {concat(items, function)}, std::move(validity));
  }
  if (type.id == DType::kStruct) {
    std::vector<Column> children;
    for (size_t c = 0; c < type.children.size(); ++c) {
      std::vector<Column> columns;
      for (const Column& part : parts)
        columns.push_back(part.children()[c].slice(part.offset(), part.length()));
      children.push_back(concat(columns, function));
    }
    return Column::nested(std::move(type), rows, Buffer(), std::move(children),
                          std::move(validity));
  }
  const size_t width = byte_width(type.id);
  if (width == 0) {
    Buffer bits = Buffer::zeros((n + 7) / 8);
    int64_t at = 0;
    for (const Column& part : parts) {
      copy_bits(part.values_buffer().data(), part.offset(), bits.mutable_data(), at, part.length());
      at += part.length();
    }
    return Column(std::move(type), rows, std::move(bits), std::move(validity));
  }
  Buffer values = Buffer::allocate(n * width);
  uint8_t* to = values.mutable_data();
  for (const Column& part : parts) {
    const size_t size = static_cast<size_t>(part.length()) * width;
    if (size > 0)
      std::memcpy(to, part.values_buffer().data() + static_cast<size_t>(part.offset()) * width,
                  size);
    to += size;
  }
  return Column(std::move(type), rows, std::move(values), std::move(validity));
}

}  // namespace cne
