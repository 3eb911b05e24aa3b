#include "log/row_reader.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "log/big_endian.h"
#include "log/varint.h"

namespace cne::log {

namespace {

constexpr char kFunction[] = "produce";

[[noreturn]] void throw_type(const std::string& role, const std::string& name, const Column& column,
                             const char* expected) {
  throw TypeError(message(kFunction, ": the ", role, " column \"", name, "\" is ",
                          to_string(column.type()), ", expected ", expected));
}

bool is_header_list(const DataType& type) {
  if (type.id != DType::kList || type.children[0].type.id != DType::kStruct) return false;
  const std::vector<Field>& parts = type.children[0].type.children;
  return parts.size() == 2 && is_string(parts[0].type.id) && is_binary_like(parts[1].type.id);
}

}  // namespace

RowReader::RowReader(const Table& table, const ProduceOptions& options, int64_t now_ms)
    : rows_(table.rows()), now_ms_(now_ms) {
  choose_key(table, options);
  choose_timestamp(table, options);
  choose_headers(table, options);
  choose_value(table, options);
}

void RowReader::choose_key(const Table& table, const ProduceOptions& options) {
  if (!options.key) return;
  key_ = &table.at(*options.key, kFunction);
  const DType id = key_->type().id;
  if (is_binary_like(id))
    key_text_ = key_->strings();
  else if (!is_integer(id))
    throw_type("key", *options.key, *key_, "utf8, binary or an integer type");
}

void RowReader::choose_timestamp(const Table& table, const ProduceOptions& options) {
  if (!options.timestamp) return;
  timestamp_ = &table.at(*options.timestamp, kFunction);
  const DataType& type = timestamp_->type();
  if (type.id == DType::kTimestamp) {
    const int64_t per_second = ticks_per_second(type.unit);
    ticks_per_ms_ = std::max<int64_t>(1, per_second / 1000);
    ms_per_tick_ = std::max<int64_t>(1, 1000 / per_second);
  } else if (type.id != DType::kInt64) {
    throw_type("timestamp", *options.timestamp, *timestamp_, "a timestamp or int64 milliseconds");
  }
  const auto fail = [&](const auto&... what) {
    throw ArgumentError(
        message(kFunction, ": the timestamp column \"", *options.timestamp, "\" is ", what...));
  };
  for (int64_t row = 0, wide; row < rows_; ++row) {
    if (!timestamp_->is_valid(row)) fail("null in row ", row);
    const int64_t ticks = timestamp_->values<int64_t>()[row];
    if (__builtin_mul_overflow(ticks, ms_per_tick_, &wide))
      fail(ticks, " s in row ", row, ", which 64 bits of milliseconds do not hold");
  }
}

void RowReader::choose_headers(const Table& table, const ProduceOptions& options) {
  if (!options.headers) return;
  headers_ = &table.at(*options.headers, kFunction);
  if (!is_header_list(headers_->type()))
    throw_type("headers", *options.headers, *headers_, "list<struct<key: utf8, value: binary>>");
  const Column& entries = headers_->children()[0];
  const Column& keys = entries.children()[0];
  for (int64_t row = 0; row < rows_; ++row) {
    if (!headers_->is_valid(row)) continue;
    for (int64_t i = headers_->list_offsets()[row]; i < headers_->list_offsets()[row + 1]; ++i) {
      const int64_t at = entries.offset() + i;  // a struct's offset counts into its children
      if (!entries.is_valid(i) || !keys.is_valid(at))
        throw ArgumentError(
            message(kFunction, ": a header in row ", row, " is null or has no key"));
      if (!is_utf8(keys.strings()[at]))
        throw ArgumentError(
            message(kFunction, ": the key of a header in row ", row, " is not UTF-8"));
    }
  }
}

void RowReader::choose_value(const Table& table, const ProduceOptions& options) {
  std::optional<std::string> name = options.value;
  if (!name && options.json_columns.empty() && table.find("value") >= 0) name = "value";
  if (name) {
    value_ = &table.at(*name, kFunction);
    if (!is_binary_like(value_->type().id))
      throw_type("value", *name, *value_,
                 "utf8 or binary, which is stored as it is (value=[\"value\"] writes it as JSON)");
    value_text_ = value_->strings();
    return;
  }
  std::vector<std::string> names = options.json_columns;
  if (names.empty()) {
    // A key of bytes has no form in JSON; it is in the record itself.
    const auto is_byte_key = [&](const std::string& name) {
      if (name != options.key) return false;
      const DType id = table.at(name, kFunction).type().id;
      return is_binary_like(id) && !is_string(id);
    };
    for (const std::string& each : table.names())
      if (each != options.headers && !is_byte_key(each)) names.push_back(each);
  }
  std::vector<Column> columns;
  for (const std::string& each : names) columns.push_back(table.at(each, kFunction));
  json_.emplace(std::move(names), std::move(columns), kFunction);
}

Bytes RowReader::key(int64_t row) {
  if (key_ == nullptr || !key_->is_valid(row)) return {};
  if (key_text_) return (*key_text_)[row];
  store_be(integer_key_, integer_at(*key_, row));
  return std::string_view(reinterpret_cast<const char*>(integer_key_), sizeof integer_key_);
}

Bytes RowReader::value(int64_t row) {
  if (json_) {
    json_bytes_.clear();
    json_->append_row(row, json_bytes_);
    return json_bytes_.view();
  }
  if (!value_->is_valid(row)) return {};
  return (*value_text_)[row];
}

int64_t RowReader::timestamp_ms(int64_t row) const {
  if (timestamp_ == nullptr) return now_ms_;
  const int64_t ticks = timestamp_->values<int64_t>()[row];
  if (ticks_per_ms_ == 1) return ticks * ms_per_tick_;
  return ticks / ticks_per_ms_ - (ticks % ticks_per_ms_ < 0 ? 1 : 0);
}

std::string_view RowReader::headers(int64_t row) {
  if (headers_ == nullptr || !headers_->is_valid(row)) return RecordEncoder::no_headers();
  const int32_t* offsets = headers_->list_offsets();
  const Column& entries = headers_->children()[0];
  const StringView keys = entries.children()[0].strings();
  const Column& values = entries.children()[1];
  header_bytes_.clear();
  header_bytes_.end_at(
      put_varint(header_bytes_.room(kMaxVarintSize), offsets[row + 1] - offsets[row]));
  for (int64_t i = offsets[row]; i < offsets[row + 1]; ++i) {
    const int64_t at = entries.offset() + i;
    Bytes value;
    if (values.is_valid(at)) value = values.strings()[at];
    append_header(keys[at], value, header_bytes_);
  }
  return header_bytes_.view();
}

}  // namespace cne::log
