#include "core/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"

namespace cne {

namespace {

constexpr size_t kNumberRoom = 32;

template <typename T>
void put_number(T value, ByteBuffer& out) {
  char* to = reinterpret_cast<char*>(out.room(kNumberRoom));
  const auto result = std::to_chars(to, to + kNumberRoom, value);
  out.end_at(reinterpret_cast<uint8_t*>(result.ptr));
}

/// 0: as it is; 1: \u00xx; else the letter after the backslash.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> out{};
  for (size_t i = 0; i < 0x20; ++i) out[i] = 1;
  out['\n'] = 'n';
  out['\r'] = 'r';
  out['\t'] = 't';
  out['\b'] = 'b';
  out['\f'] = 'f';
  out['"'] = '"';
  out['\\'] = '\\';
  return out;
}
constexpr auto kEscapes = make_escapes();

uint8_t* put_digits(uint8_t* to, uint64_t value, int count) {
  for (int i = count - 1; i >= 0; --i, value /= 10) to[i] = static_cast<uint8_t>('0' + value % 10);
  return to + count;
}

/// Year, month and day of days since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date
/// algorithms", civil_from_days).
uint8_t* put_date(uint8_t* to, int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<uint64_t>(days - era * 146097);
  const uint64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const uint64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint64_t shifted = (5 * day_of_year + 2) / 153;
  const uint64_t day = day_of_year - (153 * shifted + 2) / 5 + 1;
  const uint64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  const int64_t year = static_cast<int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0);
  if (year >= 0 && year <= 9999) {
    to = put_digits(to, static_cast<uint64_t>(year), 4);
  } else {  // ISO 8601's expanded years: a sign and at least six digits
    const auto distance = static_cast<uint64_t>(std::abs(year));
    int digits = 6;
    for (uint64_t left = distance / 1'000'000; left > 0; left /= 10) ++digits;
    *to++ = year < 0 ? '-' : '+';
    to = put_digits(to, distance, digits);
  }
  *to++ = '-';
  to = put_digits(to, month, 2);
  *to++ = '-';
  return put_digits(to, day, 2);
}

int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

void put_value(const Column& column, int64_t row, ByteBuffer& out);

void put_list(const Column& column, int64_t row, ByteBuffer& out) {
  const int32_t* offsets = column.list_offsets();
  out.push('[');
  for (int32_t i = offsets[row]; i < offsets[row + 1]; ++i) {
    if (i > offsets[row]) out.push(',');
    put_value(column.children()[0], i, out);
  }
  out.push(']');
}

void put_struct(const Column& column, int64_t row, ByteBuffer& out) {
  out.push('{');
  for (size_t i = 0; i < column.children().size(); ++i) {
    if (i > 0) out.push(',');
    json_string(column.type().children[i].name, out);
    out.push(':');
    put_value(column.children()[i], column.offset() + row, out);
  }
  out.push('}');
}

void put_value(const Column& column, int64_t row, ByteBuffer& out) {
  if (!column.is_valid(row)) return out.append("null");
  switch (column.type().id) {
    case DType::kBool:
      return out.append(column.bit(row) ? "true" : "false");
    case DType::kInt8:
      return json_integer(int64_t{column.values<int8_t>()[row]}, out);
    case DType::kInt16:
      return json_integer(int64_t{column.values<int16_t>()[row]}, out);
    case DType::kInt32:
      return json_integer(int64_t{column.values<int32_t>()[row]}, out);
    case DType::kInt64:
    case DType::kDuration:
      return json_integer(column.values<int64_t>()[row], out);
    case DType::kUInt8:
      return json_integer(uint64_t{column.values<uint8_t>()[row]}, out);
    case DType::kUInt16:
      return json_integer(uint64_t{column.values<uint16_t>()[row]}, out);
    case DType::kUInt32:
      return json_integer(uint64_t{column.values<uint32_t>()[row]}, out);
    case DType::kUInt64:
      return json_integer(column.values<uint64_t>()[row], out);
    case DType::kFloat32:
      return json_number(column.values<float>()[row], out);
    case DType::kFloat64:
      return json_number(column.values<double>()[row], out);
    case DType::kUtf8:
    case DType::kLargeUtf8:
      return json_string(column.strings()[row], out);
    case DType::kDate:
      return json_date(column.values<int32_t>()[row], out);
    case DType::kTimestamp:
      return json_timestamp(column.values<int64_t>()[row], column.type().unit,
                            !column.type().zone.empty(), out);
    case DType::kList:
      return put_list(column, row, out);
    case DType::kStruct:
      return put_struct(column, row, out);
    case DType::kBinary:
    case DType::kLargeBinary:
      break;
  }
  assert(false);  // the constructor refuses binary columns
}

bool has_binary(const DataType& type) {
  if (is_binary_like(type.id) && !is_string(type.id)) return true;
  for (const Field& child : type.children)
    if (has_binary(child.type)) return true;
  return false;
}

/// Throws unless all text in rows [begin, end) is UTF-8: JSON has no other.
void check_text(const Column& column, int64_t begin, int64_t end, const std::string& name,
                const char* function) {
  if (is_string(column.type().id)) {
    const StringView text = column.strings();
    for (int64_t row = begin; row < end; ++row)
      if (column.is_valid(row) && !is_utf8(text[row]))
        throw ArgumentError(
            message(function, ": the text of column \"", name, "\" in row ", row, " is not UTF-8"));
  } else if (column.type().id == DType::kList && begin < end) {
    const int32_t* offsets = column.list_offsets();
    check_text(column.children()[0], offsets[begin], offsets[end], name, function);
  } else if (column.type().id == DType::kStruct) {
    for (const Column& child : column.children())
      check_text(child, column.offset() + begin, column.offset() + end, name, function);
  }
}

}  // namespace

void json_string(std::string_view text, ByteBuffer& out) {
  // Room for the worst case at once: six bytes for each.
  uint8_t* to = out.room(text.size() * 6 + 2);
  *to++ = '"';
  for (const char c : text) {
    const char escape = kEscapes[static_cast<uint8_t>(c)];
    if (escape == 0) {
      *to++ = static_cast<uint8_t>(c);
    } else if (escape == 1) {
      constexpr char kHex[] = "0123456789abcdef";
      std::memcpy(to, "\\u00", 4);
      to[4] = static_cast<uint8_t>(kHex[static_cast<uint8_t>(c) >> 4]);
      to[5] = static_cast<uint8_t>(kHex[c & 15]);
      to += 6;
    } else {
      *to++ = '\\';
      *to++ = static_cast<uint8_t>(escape);
    }
  }
  *to++ = '"';
  out.end_at(to);
}

void json_number(double value, ByteBuffer& out) {
  if (!std::isfinite(value)) return out.append("null");
  put_number(value, out);
}

void json_number(float value, ByteBuffer& out) {
  if (!std::isfinite(value)) return out.append("null");
  put_number(value, out);
}

void json_integer(int64_t value, ByteBuffer& out) { put_number(value, out); }
void json_integer(uint64_t value, ByteBuffer& out) { put_number(value, out); }

void json_date(int64_t days, ByteBuffer& out) {
  uint8_t* to = out.room(kNumberRoom);
  *to++ = '"';
  to = put_date(to, days);
  *to++ = '"';
  out.end_at(to);
}

void json_timestamp(int64_t ticks, TimeUnit unit, bool utc, ByteBuffer& out) {
  const int64_t per_second = ticks_per_second(unit);
  const int64_t seconds = floor_divide(ticks, per_second);
  const int64_t rest = ticks % per_second;  // seconds * per_second may not fit
  const int64_t days = floor_divide(seconds, 86400);
  const auto second = static_cast<uint64_t>(seconds - days * 86400);
  uint8_t* to = out.room(2 * kNumberRoom);
  *to++ = '"';
  to = put_date(to, days);
  *to++ = 'T';
  to = put_digits(to, second / 3600, 2);
  *to++ = ':';
  to = put_digits(to, second / 60 % 60, 2);
  *to++ = ':';
  to = put_digits(to, second % 60, 2);
  if (unit != TimeUnit::kSecond) {
    *to++ = '.';
    to = put_digits(to, static_cast<uint64_t>(rest < 0 ? rest + per_second : rest),
                    3 * static_cast<int>(unit));
  }
  if (utc) *to++ = 'Z';
  *to++ = '"';
  out.end_at(to);
}

JsonRowWriter::JsonRowWriter(std::vector<std::string> names, std::vector<Column> columns,
                             const char* function) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (has_binary(columns[i].type()))
      throw TypeError(message(function, ": column \"", names[i], "\" is ",
                              to_string(columns[i].type()), "; JSON has no bytes"));
    check_text(columns[i], 0, columns[i].length(), names[i], function);
    ByteBuffer prefix;
    prefix.push(i == 0 ? '{' : ',');
    json_string(names[i], prefix);
    prefix.push(':');
    parts_.push_back({std::string(prefix.view()), std::move(columns[i])});
  }
}

void JsonRowWriter::append_row(int64_t row, ByteBuffer& out) const {
  if (parts_.empty()) out.push('{');
  for (const Part& part : parts_) {
    out.append(part.prefix);
    put_value(part.column, row, out);
  }
  out.push('}');
}

}  // namespace cne
