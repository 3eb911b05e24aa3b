#include "core/json_reader.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/iso8601.h"
#include "core/json_scanner.h"

namespace cne {

using Kind = JsonScanner::Kind;

namespace {

template <typename T>
std::optional<T> to_real(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<T>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<T>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<T>::infinity();
  T value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc()) return value;
  // Out of range: too small is fine, too large is not.
  const double wide = std::strtod(std::string(text).c_str(), nullptr);
  if (std::abs(wide) > static_cast<double>(std::numeric_limits<T>::max())) return std::nullopt;
  return static_cast<T>(wide);
}

template <typename T>
std::optional<T> to_integer(std::string_view text) {
  T value = 0;
  if (text == "-0") return value;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ec == std::errc() && result.ptr == end) return value;
  if (text.find_first_of(".eE") == std::string_view::npos) return std::nullopt;
  const auto real = to_real<double>(text);
  // Beyond 2^53 a float no longer tells which integer was meant.
  if (!real || std::trunc(*real) != *real || std::abs(*real) > 9007199254740992.0)
    return std::nullopt;
  if (*real < static_cast<double>(std::numeric_limits<T>::min()) ||
      *real > static_cast<double>(std::numeric_limits<T>::max()))
    return std::nullopt;
  return static_cast<T>(*real);
}

}  // namespace

/// One column while it is filled. A row is staged by `read` and written by `commit`, so that a
/// repeated field replaces the first and a bad record leaves nothing behind.
class JsonColumn {
 public:
  JsonColumn(const Field& field, int64_t rows) : type_(field.type), rows_(rows) {
    const auto n = static_cast<size_t>(rows);
    validity_ = Buffer::zeros((n + 7) / 8);
    if (is_binary_like(type_.id))
      ends_.reserve(n + 1), ends_.push_back(0);
    else
      values_ = Buffer::zeros(type_.id == DType::kBool ? (n + 7) / 8 : n * byte_width(type_.id));
  }

  void clear() { present_ = false; }

  /// Eats one value. False when it does not have the type (or the text is broken: the scanner then
  /// has the reason).
  bool read(JsonScanner& json) {
    const Kind kind = json.peek();
    present_ = kind != Kind::kNull;
    if (!present_) return json.word(kind);
    std::string_view text;
    if (is_binary_like(type_.id)) {
      if (kind != Kind::kString || !json.string(&text)) return false;
      text_ = text;
      return true;
    }
    if (type_.id == DType::kBool) {
      if (kind != Kind::kTrue && kind != Kind::kFalse) return false;
      word_ = kind == Kind::kTrue;
      return json.word(kind);
    }
    if (kind == Kind::kString && (type_.id == DType::kDate || type_.id == DType::kTimestamp))
      return json.string(&text) && read_time(text);
    return kind == Kind::kNumber && json.number(&text) && read_number(text);
  }

  void commit(int64_t row) {
    if (is_binary_like(type_.id)) {
      if (present_) bytes_.append(text_);
      ends_.push_back(static_cast<int64_t>(bytes_.size()));
    } else if (type_.id == DType::kBool) {
      if (present_ && word_) set_bit(values_.mutable_data(), row);
    } else if (present_) {
      const size_t width = byte_width(type_.id);
      std::memcpy(values_.mutable_data() + static_cast<size_t>(row) * width, &word_, width);
    }
    if (present_)
      set_bit(validity_.mutable_data(), row);
    else
      nulls_ = true;
  }

  Column finish() {
    Buffer validity = nulls_ ? std::move(validity_) : Buffer();
    if (!is_binary_like(type_.id))
      return Column(type_, rows_, std::move(values_), std::move(validity));
    const bool large = is_large(type_.id) || bytes_.size() > static_cast<size_t>(INT32_MAX);
    DataType type = type_;
    if (large) type.id = is_string(type.id) ? DType::kLargeUtf8 : DType::kLargeBinary;
    Buffer offsets = Buffer::allocate(ends_.size() * (large ? 8 : 4));
    for (size_t i = 0; i < ends_.size(); ++i)
      if (large)
        offsets.mutable_as<int64_t>()[i] = ends_[i];
      else
        offsets.mutable_as<int32_t>()[i] = static_cast<int32_t>(ends_[i]);
    Buffer bytes = Buffer::allocate(bytes_.size());
    if (!bytes_.empty()) std::memcpy(bytes.mutable_data(), bytes_.data(), bytes_.size());
    return Column::strings(std::move(type), rows_, std::move(offsets), std::move(bytes),
                           std::move(validity));
  }

 private:
  template <typename T>
  bool keep(std::optional<T> value) {
    if (!value) return false;
    word_ = 0;
    std::memcpy(&word_, &*value, sizeof(T));
    return true;
  }
  bool read_time(std::string_view text) {
    if (type_.id == DType::kDate) {
      int32_t days;
      return parse_iso_date(text, &days) && keep(std::optional(days));
    }
    int64_t ticks;
    return parse_iso_timestamp(text, type_.unit, &ticks) && keep(std::optional(ticks));
  }
  bool read_number(std::string_view text) {
    switch (type_.id) {
      case DType::kInt8:
        return keep(to_integer<int8_t>(text));
      case DType::kInt16:
        return keep(to_integer<int16_t>(text));
      case DType::kInt32:
      case DType::kDate:
        return keep(to_integer<int32_t>(text));
      case DType::kUInt8:
        return keep(to_integer<uint8_t>(text));
      case DType::kUInt16:
        return keep(to_integer<uint16_t>(text));
      case DType::kUInt32:
        return keep(to_integer<uint32_t>(text));
      case DType::kUInt64:
        return keep(to_integer<uint64_t>(text));
      case DType::kFloat64:
        return keep(to_real<double>(text));
      case DType::kFloat32:
        return keep(to_real<float>(text));
      default:
        return keep(to_integer<int64_t>(text));
    }
  }

  DataType type_;
  int64_t rows_;
  Buffer values_;
  Buffer validity_;
  std::string bytes_;
  std::vector<int64_t> ends_;
  bool nulls_ = false;
  // The staged row. Text is kept by value: the scanner's memory may change before the commit.
  bool present_ = false;
  uint64_t word_ = 0;
  std::string text_;
};

JsonReader::JsonReader(Schema schema, BadRecord policy, const char* function, int max_depth)
    : schema_(std::move(schema)), policy_(policy), function_(function), max_depth_(max_depth) {
  for (const Field& field : schema_) {
    if (is_nested(field.type.id))
      throw TypeError(message(function, ": column \"", field.name,
                              "\": expected a type without children, got ", to_string(field.type)));
    for (const std::string& name : names_)
      if (name == field.name)
        throw ArgumentError(message(function, ": the schema names \"", name, "\" twice"));
    names_.push_back(field.name);
  }
}

int JsonReader::find(std::string_view name) {
  // Records of one producer have their fields in one order, so the next column is a good guess.
  for (size_t tried = 0; tried < names_.size(); ++tried) {
    const size_t i = guess_ < names_.size() ? guess_ : 0;
    guess_ = i + 1;
    if (names_[i] == name) return static_cast<int>(i);
  }
  return -1;
}

JsonRecords JsonReader::read(const Column& texts, int64_t first) {
  if (!is_binary_like(texts.type().id))
    throw TypeError(message(function_, ": expected JSON in a utf8 or binary column, got ",
                            to_string(texts.type())));
  std::vector<JsonColumn> columns;
  columns.reserve(schema_.size());
  for (const Field& field : schema_) columns.emplace_back(field, texts.length());
  JsonRecords out;
  const StringView view = texts.strings();
  for (int64_t row = 0; row < texts.length(); ++row) {
    for (JsonColumn& column : columns) column.clear();
    const bool valid = texts.is_valid(row);
    JsonScanner json(valid ? view[row] : std::string_view(), max_depth_);
    int field = -1;
    if (!valid || !read_object(json, columns, &field)) {
      std::string reason = "expected an object, got a null value";
      if (valid) reason = describe(json, field, view[row]);
      reason = message(function_, ": record ", first + row, ": ", reason);
      if (policy_ == BadRecord::kFail) throw CorruptionError(reason);
      if (out.bad.empty()) out.first_error = reason;
      out.bad.push_back(row);
      for (JsonColumn& column : columns) column.clear();
    }
    for (JsonColumn& column : columns) column.commit(row);
  }
  out.table = Table::with_rows(texts.length());
  for (size_t i = 0; i < columns.size(); ++i) out.table.add(names_[i], columns[i].finish());
  return out;
}

/// Eats one object; when a value does not have the type of its column, `*field` is the column.
bool JsonReader::read_object(JsonScanner& json, std::vector<JsonColumn>& columns, int* field) {
  guess_ = 0;
  if (!json.expect('{')) return false;
  if (json.accept('}')) return json.at_end();
  std::string_view name;
  do {
    if (!json.string(&name)) return false;
    const int i = find(name);
    if (!json.expect(':')) return false;
    if (i < 0) {
      if (!json.skip()) return false;
    } else if (!columns[static_cast<size_t>(i)].read(json)) {
      *field = i;
      return false;
    }
  } while (json.accept(','));
  return json.expect('}') && json.at_end();
}

std::string JsonReader::describe(const JsonScanner& json, int field, std::string_view text) const {
  std::string out;
  if (json.error() != nullptr)
    out = json.error();
  else
    out = message("field \"", names_[static_cast<size_t>(field)], "\": expected ",
                  to_string(schema_[static_cast<size_t>(field)].type));
  std::string shown;
  for (const char c : text.substr(0, 200)) shown.push_back(c >= ' ' && c < 127 ? c : '?');
  return message(out, " at byte ", json.position(), " of ", shown);
}

}  // namespace cne
