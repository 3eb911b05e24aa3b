#include "frame/gather.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "core/parallel.h"
#include "frame/bits.h"
#include "frame/dispatch.h"

namespace cne::frame {

namespace {

constexpr int64_t kPiece = 1 << 16;  // a multiple of 64, so that pieces share no bitmap word

bool any_negative(const int64_t* rows, int64_t n) {
  int64_t sign = 0;
  for (int64_t i = 0; i < n; ++i) sign |= rows[i];
  return sign < 0;
}

/// Bits of `get(row)` for the rows; 0 for a negative row.
template <typename Get>
Buffer gather_bits(const int64_t* rows, int64_t n, const Get& get) {
  Buffer out = Buffer::allocate(bitmap_bytes(n));
  parallel_for(n, kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; at += 64)
      store_bits(out.mutable_data(), at,
                 pack_bits(at, std::min<int64_t>(64, end - at),
                           [&](int64_t i) { return rows[i] >= 0 && get(rows[i]); }));
  });
  return out;
}

Buffer gather_validity(const Column& column, const int64_t* rows, int64_t n) {
  if (!column.may_have_nulls()) {
    if (!any_negative(rows, n)) return Buffer();
    return gather_bits(rows, n, [](int64_t) { return true; });
  }
  const uint8_t* bits = column.validity_buffer().data();
  const int64_t offset = column.offset();
  return gather_bits(rows, n, [&](int64_t row) { return get_bit(bits, offset + row); });
}

template <typename T>
Buffer gather_values(const Column& column, const int64_t* rows, int64_t n, bool absent) {
  Buffer out = Buffer::allocate(static_cast<size_t>(n) * sizeof(T));
  T* to = out.mutable_as<T>();
  const T* from = column.values<T>();
  parallel_for(n, kPiece, [&](int64_t begin, int64_t end) {
    if (absent)
      for (int64_t i = begin; i < end; ++i) to[i] = rows[i] < 0 ? T{} : from[rows[i]];
    else
      for (int64_t i = begin; i < end; ++i) to[i] = from[rows[i]];
  });
  return out;
}

/// Offsets of the gathered texts, and their bytes.
template <typename Offset>
Column gather_text(const Column& column, DataType type, const int64_t* rows, int64_t n,
                   Buffer validity) {
  const StringView text = column.strings();
  Buffer offsets = Buffer::allocate(static_cast<size_t>(n + 1) * sizeof(Offset));
  auto* ends = offsets.mutable_as<Offset>();
  int64_t size = 0;
  ends[0] = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (rows[i] >= 0) size += text.start(rows[i] + 1) - text.start(rows[i]);
    ends[i + 1] = static_cast<Offset>(size);
  }
  Buffer bytes = Buffer::allocate(static_cast<size_t>(size));
  uint8_t* to = bytes.mutable_data();
  parallel_for(n, kPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto length = static_cast<size_t>(ends[i + 1] - ends[i]);
      if (length > 0) std::memcpy(to + ends[i], text.bytes() + text.start(rows[i]), length);
    }
  });
  return Column::strings(std::move(type), n, std::move(offsets), std::move(bytes),
                         std::move(validity));
}

Column gather_list(const Column& column, const int64_t* rows, int64_t n, Buffer validity) {
  const int32_t* from = column.list_offsets();
  Buffer offsets = Buffer::allocate(static_cast<size_t>(n + 1) * 4);
  auto* ends = offsets.mutable_as<int32_t>();
  std::vector<int64_t> items;
  ends[0] = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (rows[i] >= 0)
      for (int32_t item = from[rows[i]]; item < from[rows[i] + 1]; ++item) items.push_back(item);
    ends[i + 1] = static_cast<int32_t>(items.size());
  }
  Column child = gather(column.children()[0], items.data(), static_cast<int64_t>(items.size()));
  return Column::nested(column.type(), n, std::move(offsets), {std::move(child)},
                        std::move(validity));
}

Column gather_struct(const Column& column, const int64_t* rows, int64_t n, Buffer validity) {
  std::vector<Column> children;
  for (const Column& child : column.children())
    children.push_back(gather(child.slice(column.offset(), column.length()), rows, n));
  return Column::nested(column.type(), n, Buffer(), std::move(children), std::move(validity));
}

/// The bytes of all gathered texts.
int64_t text_bytes(const StringView& text, const int64_t* rows, int64_t n) {
  int64_t size = 0;
  for (int64_t i = 0; i < n; ++i)
    if (rows[i] >= 0) size += text.start(rows[i] + 1) - text.start(rows[i]);
  return size;
}

}  // namespace

Column gather(const Column& column, const int64_t* rows, int64_t n) {
  const DType id = column.type().id;
  Buffer validity = gather_validity(column, rows, n);
  if (is_binary_like(id)) {
    DataType type = column.type();
    // Rows that come more than once can run over small offsets.
    if (!is_large(id) &&
        text_bytes(column.strings(), rows, n) > std::numeric_limits<int32_t>::max())
      type.id = is_string(id) ? DType::kLargeUtf8 : DType::kLargeBinary;
    return is_large(type.id) ? gather_text<int64_t>(column, type, rows, n, std::move(validity))
                             : gather_text<int32_t>(column, type, rows, n, std::move(validity));
  }
  if (id == DType::kList) return gather_list(column, rows, n, std::move(validity));
  if (id == DType::kStruct) return gather_struct(column, rows, n, std::move(validity));
  if (id == DType::kBool) {
    const BoolReader read(column);
    Buffer bits = gather_bits(rows, n, [&](int64_t row) { return read(row); });
    return Column(column.type(), n, std::move(bits), std::move(validity));
  }
  const bool absent = any_negative(rows, n);
  Buffer values = visit_fixed(
      id, [&](auto tag) { return gather_values<decltype(tag)>(column, rows, n, absent); });
  return Column(column.type(), n, std::move(values), std::move(validity));
}

Table gather(const Table& table, const int64_t* rows, int64_t n) {
  if (table.width() == 0) return Table::with_rows(n);
  Table out;
  for (size_t c = 0; c < table.width(); ++c)
    out.add(table.names()[c], gather(table.column(c), rows, n));
  return out;
}

Column repeat(const Column& one, int64_t n) {
  const std::vector<int64_t> rows(static_cast<size_t>(n), 0);
  return gather(one, rows.data(), n);
}

}  // namespace cne::frame
