#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "core/arrow.h"
#include "core/error.h"

namespace cne::arrow {

namespace {

constexpr int64_t kFlagNullable = 2;

std::optional<TimeUnit> parse_unit(char letter) {
  switch (letter) {
    case 's':
      return TimeUnit::kSecond;
    case 'm':
      return TimeUnit::kMilli;
    case 'u':
      return TimeUnit::kMicro;
    case 'n':
      return TimeUnit::kNano;
    default:
      return std::nullopt;
  }
}

std::optional<DType> parse_plain(std::string_view format) {
  if (format.size() != 1) return std::nullopt;
  switch (format[0]) {
    case 'b':
      return DType::kBool;
    case 'n':
      return DType::kBool;
    case 'c':
      return DType::kInt8;
    case 'C':
      return DType::kUInt8;
    case 's':
      return DType::kInt16;
    case 'S':
      return DType::kUInt16;
    case 'i':
      return DType::kInt32;
    case 'I':
      return DType::kUInt32;
    case 'l':
      return DType::kInt64;
    case 'L':
      return DType::kUInt64;
    case 'e':
      return DType::kFloat32;
    case 'f':
      return DType::kFloat32;
    case 'g':
      return DType::kFloat64;
    case 'u':
      return DType::kUtf8;
    case 'U':
      return DType::kLargeUtf8;
    case 'z':
      return DType::kBinary;
    case 'Z':
      return DType::kLargeBinary;
    default:
      return std::nullopt;
  }
}

/// What pyarrow calls a type that has no layout of ours, for messages.
std::string type_name(std::string_view format) {
  const std::string rest(format.substr(std::min<size_t>(format.size(), 2)));
  if (format.starts_with("d:")) return "decimal(" + rest.substr(0, rest.rfind(",256")) + ")";
  if (format.starts_with("w:")) return "fixed_size_binary(" + rest + ")";
  if (format.starts_with("+w:")) return "fixed_size_list of " + std::string(format.substr(3));
  if (format == "tts" || format == "ttm") return message("time32[", format == "tts" ? "s]" : "ms]");
  if (format == "ttu" || format == "ttn")
    return message("time64[", format == "ttu" ? "us]" : "ns]");
  if (format.starts_with("ti")) return "interval";
  if (format == "+r") return "run_end_encoded";
  if (format == "+m") return "map";
  if (format == "+vl" || format == "+vL") return "list_view";
  if (format.starts_with("+u")) return "union";
  return message("\"", format, "\"");
}

/// Deeper types are refused, so that no walk over one uses the stack up.
constexpr int kMaxDepth = 62;

Field import_field(const ArrowSchema& schema, const char* function, int depth) {
  if (depth > kMaxDepth)
    throw TypeError(message(function, ": a column is nested more than ", kMaxDepth,
                            " levels deep, which is not supported"));
  Field out;
  out.name = schema.name ? schema.name : "";
  out.nullable = (schema.flags & kFlagNullable) != 0;
  if (schema.dictionary != nullptr) {
    out.type = import_field(*schema.dictionary, function, depth + 1).type;
    if (is_large(out.type.id)) out.type.id = is_string(out.type.id) ? DType::kUtf8 : DType::kBinary;
    return out;
  }
  const std::string_view format = schema.format;
  if (const auto plain = parse_plain(format)) {
    out.type = *plain;
  } else if (format == "vu") {
    out.type = DType::kUtf8;
  } else if (format == "vz") {
    out.type = DType::kBinary;
  } else if (format == "tdD" || format == "tdm") {
    out.type = DType::kDate;
  } else if (format.size() >= 4 && format.starts_with("ts") && parse_unit(format[2])) {
    out.type = DataType::timestamp(*parse_unit(format[2]), std::string(format.substr(4)));
  } else if (format.size() == 3 && format.starts_with("tD") && parse_unit(format[2])) {
    out.type = DataType::duration(*parse_unit(format[2]));
  } else if ((format == "+l" || format == "+L") && schema.n_children == 1) {
    out.type = DataType::list(import_field(*schema.children[0], function, depth + 1));
  } else if (format == "+s") {
    std::vector<Field> fields;
    for (int64_t c = 0; c < schema.n_children; ++c)
      fields.push_back(import_field(*schema.children[c], function, depth + 1));
    out.type = DataType::structure(std::move(fields));
  } else {
    throw TypeError(message(function, ": column \"", out.name, "\" has the Arrow type ",
                            type_name(format),
                            ", which is not supported; cast it to a number, "
                            "text, date or timestamp first, or leave it out"));
  }
  return out;
}

}  // namespace

Field import_field(const ArrowSchema& schema, const char* function) {
  return import_field(schema, function, 0);
}

}  // namespace cne::arrow
