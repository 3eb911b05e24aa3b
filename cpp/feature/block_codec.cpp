#include "feature/block_codec.h"

#include <cstring>
#include <limits>

#include "feature/byte_io.h"

namespace cne::feature {

namespace {

constexpr uint8_t kHasNulls = 1;

struct ColumnHead {
  uint8_t type, unit, flags, reserved;
  uint32_t zone;
};
static_assert(sizeof(ColumnHead) == 8);

size_t bitmap_bytes(int64_t rows) { return static_cast<size_t>((rows + 7) / 8); }

void put_bits(ByteWriter& out, const uint8_t* bits, int64_t offset, int64_t rows) {
  if (offset % 8 == 0) {
    out.put_bytes(bits + offset / 8, bitmap_bytes(rows));
  } else {
    std::string packed(bitmap_bytes(rows), '\0');
    for (int64_t i = 0; i < rows; ++i)
      if (get_bit(bits, offset + i)) packed[i / 8] |= static_cast<char>(1 << (i % 8));
    out.put_bytes(packed.data(), packed.size());
  }
  out.pad8();
}

void put_column(ByteWriter& out, const Column& column) {
  const int64_t rows = column.length();
  const DataType& type = column.type();
  out.put_bytes(type.zone.data(), type.zone.size());
  out.pad8();
  if (column.null_count() > 0)
    put_bits(out, column.validity_buffer().data(), column.offset(), rows);
  if (type.id == DType::kBool) {
    put_bits(out, column.values_buffer().data(), column.offset(), rows);
  } else if (type.id == DType::kUtf8) {
    const StringView strings = column.strings();
    const int64_t first = strings.start(0);
    for (int64_t i = 0; i <= rows; ++i) out.put(static_cast<int32_t>(strings.start(i) - first));
    out.pad8();
    out.put_bytes(strings.bytes() + first, strings.start(rows) - first);
    out.pad8();
  } else {
    const size_t width = byte_width(type.id);
    out.put_bytes(column.values_buffer().data() + column.offset() * width, rows * width);
    out.pad8();
  }
}

/// Walks over the parts of an encoded block, handing out slices of its buffer.
class BlockReader {
 public:
  explicit BlockReader(const Buffer& bytes)
      : bytes_(bytes),
        in_(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())) {}

  ByteReader& in() { return in_; }
  Buffer part(size_t size) {
    const size_t start = in_.position();
    if (in_.take(size) == nullptr) return {};
    in_.skip_pad8();
    return bytes_.slice(start, size);
  }
  Column column(const ColumnHead& head, int64_t rows) {
    DataType type(static_cast<DType>(head.type));
    type.unit = static_cast<TimeUnit>(head.unit);
    const Buffer zone = part(head.zone);
    if (!zone.empty()) type.zone.assign(zone.as<char>(), zone.size());
    const Buffer validity = (head.flags & kHasNulls) ? part(bitmap_bytes(rows)) : Buffer();
    if (type.id != DType::kUtf8) {
      const size_t width = byte_width(type.id);
      Buffer values = part(width == 0 ? bitmap_bytes(rows) : rows * width);
      return in_.ok() ? Column(type, rows, std::move(values), validity) : Column();
    }
    Buffer offsets = part((rows + 1) * 4);
    if (!in_.ok() || !rising(offsets.as<int32_t>(), rows)) {
      in_.fail();
      return {};
    }
    Buffer text = part(offsets.as<int32_t>()[rows]);
    return in_.ok() ? Column::strings(type, rows, std::move(offsets), std::move(text), validity)
                    : Column();
  }

 private:
  static bool rising(const int32_t* offsets, int64_t rows) {
    bool good = offsets[0] == 0;
    for (int64_t i = 0; i < rows; ++i) good &= offsets[i] <= offsets[i + 1];
    return good;
  }

  Buffer bytes_;
  ByteReader in_;
};

bool is_known(const ColumnHead& head) {
  return head.type <= static_cast<uint8_t>(DType::kTimestamp) &&
         is_feature_type(static_cast<DType>(head.type)) &&
         head.unit <= static_cast<uint8_t>(TimeUnit::kNano) && head.zone < 256;
}

bool matches(const RowBlock& block, const ViewSpec& spec) {
  for (size_t c = 0; c < block.entities.size(); ++c) {
    const DataType& type = block.entities[c].type();
    if (spec.typed() ? !(type == spec.entity_types[c]) : !is_entity_type(type.id)) return false;
    if (block.entities[c].may_have_nulls()) return false;
  }
  for (const Column* time : {&block.event_time, &block.created})
    if (time->type().id != DType::kInt64 || time->may_have_nulls()) return false;
  for (size_t f = 0; f < block.features.size(); ++f)
    if (!(block.features[f].type() == spec.features[f].type)) return false;
  return true;
}

}  // namespace

Buffer encode_block(const RowBlock& block) {
  std::vector<const Column*> columns;
  for (const Column& column : block.entities) columns.push_back(&column);
  columns.push_back(&block.event_time);
  columns.push_back(&block.created);
  for (const Column& column : block.features) columns.push_back(&column);
  ByteWriter out;
  out.put(static_cast<uint32_t>(block.rows));
  out.put(static_cast<uint32_t>(columns.size()));
  for (const Column* column : columns)
    out.put(ColumnHead{static_cast<uint8_t>(column->type().id),
                       static_cast<uint8_t>(column->type().unit),
                       column->null_count() > 0 ? kHasNulls : uint8_t{0}, 0,
                       static_cast<uint32_t>(column->type().zone.size())});
  for (const Column* column : columns) put_column(out, *column);
  return out.take_buffer();
}

std::optional<RowBlock> decode_block(const Buffer& bytes, const ViewSpec& spec) {
  BlockReader reader(bytes);
  RowBlock out;
  out.rows = reader.in().get<uint32_t>();
  const auto count = reader.in().get<uint32_t>();
  const size_t expected = spec.entities.size() + 2 + spec.features.size();
  if (!reader.in().ok() || count != expected) return std::nullopt;
  std::vector<ColumnHead> heads;
  for (uint32_t c = 0; c < count; ++c) {
    heads.push_back(reader.in().get<ColumnHead>());
    if (!is_known(heads.back())) return std::nullopt;
  }
  std::vector<Column> columns;
  for (const ColumnHead& head : heads) {
    columns.push_back(reader.column(head, out.rows));
    if (!reader.in().ok()) return std::nullopt;
  }
  if (reader.in().left() != 0) return std::nullopt;
  const size_t keys = spec.entities.size();
  out.entities.assign(columns.begin(), columns.begin() + keys);
  out.event_time = columns[keys];
  out.created = columns[keys + 1];
  out.features.assign(columns.begin() + keys + 2, columns.end());
  if (!matches(out, spec)) return std::nullopt;
  return out;
}

}  // namespace cne::feature
