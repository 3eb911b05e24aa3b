#include "log/record_decoder.h"

#include <cassert>
#include <cstring>
#include <string>
#include <utility>

#include "core/utf8.h"
#include "log/record_walk.h"

namespace cne::log {

namespace {

/// A record is at least this long: seven varints and bytes of one byte each.
constexpr size_t kMinRecordSize = 7;

template <typename T>
void put(ByteBuffer& out, T value) {
  out.append(&value, sizeof value);
}

/// The caller has made room.
template <typename T>
void put_unchecked(ByteBuffer& out, T value) {
  uint8_t* to = out.data() + out.size();
  std::memcpy(to, &value, sizeof value);
  out.end_at(to + sizeof value);
}

}  // namespace

Schema record_schema() {
  const DataType header =
      DataType::structure({{"key", DType::kUtf8, false}, {"value", DType::kBinary, true}});
  return {{"offset", DType::kInt64, false},
          {"timestamp", DataType::timestamp(TimeUnit::kMilli, "UTC"), false},
          {"key", DType::kBinary, true},
          {"value", DType::kBinary, true},
          {"headers", DataType::list({"item", header, true}), false}};
}

void RecordDecoder::reserve(size_t records, size_t bytes) {
  offsets_.reserve(records * 8);
  timestamps_.reserve(records * 8);
  for (BytesColumn* column : {&keys_, &values_}) {
    column->ends.reserve(records * 4);
    column->valid.reserve(records);
    column->bytes.reserve(bytes);
  }
}

/// Doubles where it must, as `reserve` alone would copy everything for each batch.
void RecordDecoder::room_for(size_t records, size_t bytes) {
  offsets_.room(records * 8);
  timestamps_.room(records * 8);
  for (BytesColumn* column : {&keys_, &values_}) {
    column->ends.room(records * 4);
    column->valid.room(records);
    column->bytes.room(bytes);
  }
}

const char* RecordDecoder::add(const BatchHeader& header, const uint8_t* batch, int64_t from) {
  if (header.control() || header.next_offset() <= from) return nullptr;
  const uint8_t* data = batch + kBatchHeaderSize;
  size_t size = header.size() - kBatchHeaderSize;
  if (header.codec() != Codec::kNone) {
    plain_.clear();
    decompress(header.codec(), data, size, kMaxBatchSize, plain_);
    data = plain_.data();
    size = plain_.size();
  }
  // Checked before memory is asked for: the count is the sender's word.
  if (static_cast<size_t>(header.records) > size / kMinRecordSize)
    return "the batch is too short for its records";
  assert(has_room());
  room_for(static_cast<size_t>(header.records), size);
  return add_records(header, data, size, from);
}

const char* RecordDecoder::add_records(const BatchHeader& header, const uint8_t* data, size_t size,
                                       int64_t from) {
  const char* wrong_headers = nullptr;
  const char* wrong = walk_records(header, data, size, [&](const RecordView& record) {
    const int64_t offset = header.base_offset + record.offset_delta;
    if (offset < from) return true;
    put_unchecked(offsets_, offset);
    put_unchecked(timestamps_, record.timestamp(header));
    const auto put_part = [](BytesColumn& column, const uint8_t* bytes, int64_t count) {
      if (count > 0) {
        uint8_t* to = column.bytes.data() + column.bytes.size();
        std::memcpy(to, bytes, static_cast<size_t>(count));
        column.bytes.end_at(to + count);
      }
      put_unchecked(column.ends, static_cast<int32_t>(column.bytes.size()));
      put_unchecked(column.valid, static_cast<uint8_t>(count >= 0));
      column.nulls += count < 0;
    };
    put_part(keys_, record.key, record.key_size);
    put_part(values_, record.value, record.value_size);
    const uint8_t* at = record.headers;
    if (*at == 0 && header_ends_.empty()) {
      ++at;  // the common case: no record has headers
    } else if ((at = add_headers(at, record.end)) == nullptr) {
      wrong_headers = "the headers of a record are malformed";
      return false;
    }
    if (at == record.end) return true;
    wrong_headers = "a record is longer than its parts";
    return false;
  });
  return wrong != nullptr ? wrong : wrong_headers;
}

/// Called after the record was counted. The first call makes up for the records before it.
const uint8_t* RecordDecoder::add_headers(const uint8_t* at, const uint8_t* end) {
  while (header_ends_.size() / 4 < offsets_.size() / 8 - 1) put(header_ends_, int32_t{0});
  int64_t count = 0;
  at = get_varint(at, end, &count);
  if (at == nullptr || count < 0) return nullptr;
  for (int64_t i = 0; i < count; ++i) {
    const uint8_t* key = nullptr;
    const uint8_t* value = nullptr;
    int64_t key_size = 0;
    int64_t value_size = 0;
    if ((at = get_sized(at, end, &key, &key_size)) == nullptr || key_size < 0 ||
        (at = get_sized(at, end, &value, &value_size)) == nullptr)
      return nullptr;
    if (!is_utf8({reinterpret_cast<const char*>(key), static_cast<size_t>(key_size)}))
      return nullptr;
    const auto put_part = [](BytesColumn& column, const uint8_t* bytes, int64_t size) {
      if (size > 0) column.bytes.append(bytes, static_cast<size_t>(size));
      put(column.ends, static_cast<int32_t>(column.bytes.size()));
      put(column.valid, static_cast<uint8_t>(size >= 0));
      column.nulls += size < 0;
    };
    put_part(header_keys_, key, key_size);
    put_part(header_values_, value, value_size);
  }
  put(header_ends_, static_cast<int32_t>(header_keys_.ends.size() / 4));
  return at;
}

Column RecordDecoder::BytesColumn::finish(DType type, int64_t rows) {
  Buffer offsets = Buffer::allocate(static_cast<size_t>(rows + 1) * 4);
  std::memset(offsets.mutable_data(), 0, 4);
  if (rows > 0) std::memcpy(offsets.mutable_data() + 4, ends.data(), static_cast<size_t>(rows) * 4);
  Buffer validity;
  if (nulls > 0) {
    validity = Buffer::zeros(static_cast<size_t>((rows + 7) / 8));
    for (int64_t i = 0; i < rows; ++i)
      if (valid.data()[i] != 0) set_bit(validity.mutable_data(), i);
  }
  return Column::strings(type, rows, std::move(offsets), bytes.release(), std::move(validity));
}

Table RecordDecoder::finish() {
  const int64_t rows = records();
  const Schema schema = record_schema();
  std::vector<std::string> names;
  for (const Field& field : schema) names.push_back(field.name);
  Buffer ends = Buffer::zeros(static_cast<size_t>(rows + 1) * 4);
  int64_t headers = 0;
  if (!header_ends_.empty()) {
    headers = static_cast<int64_t>(header_keys_.ends.size() / 4);
    std::memcpy(ends.mutable_data() + 4, header_ends_.data(), static_cast<size_t>(rows) * 4);
  }
  Column entries = Column::nested(
      schema[4].type.children[0].type, headers, Buffer(),
      {header_keys_.finish(DType::kUtf8, headers), header_values_.finish(DType::kBinary, headers)});
  std::vector<Column> columns;
  columns.emplace_back(schema[0].type, rows, offsets_.release());
  columns.emplace_back(schema[1].type, rows, timestamps_.release());
  columns.push_back(keys_.finish(DType::kBinary, rows));
  columns.push_back(values_.finish(DType::kBinary, rows));
  columns.push_back(Column::nested(schema[4].type, rows, std::move(ends), {std::move(entries)}));
  return Table(std::move(names), std::move(columns));
}

}  // namespace cne::log
