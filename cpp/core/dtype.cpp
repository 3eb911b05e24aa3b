#include "core/dtype.h"

#include <array>
#include <utility>

#include "core/error.h"

namespace cne {

namespace {

struct NamedType {
  const char* name;
  DType id;
};

constexpr std::array kNames = {
    NamedType{"bool", DType::kBool},
    NamedType{"int8", DType::kInt8},
    NamedType{"int16", DType::kInt16},
    NamedType{"int32", DType::kInt32},
    NamedType{"int64", DType::kInt64},
    NamedType{"uint8", DType::kUInt8},
    NamedType{"uint16", DType::kUInt16},
    NamedType{"uint32", DType::kUInt32},
    NamedType{"uint64", DType::kUInt64},
    NamedType{"float32", DType::kFloat32},
    NamedType{"float64", DType::kFloat64},
    NamedType{"utf8", DType::kUtf8},
    NamedType{"large_utf8", DType::kLargeUtf8},
    NamedType{"binary", DType::kBinary},
    NamedType{"large_binary", DType::kLargeBinary},
    NamedType{"date", DType::kDate},
    // Other names for the same types; the ones above are what to_string prints.
    NamedType{"string", DType::kUtf8},
    NamedType{"str", DType::kUtf8},
    NamedType{"large_string", DType::kLargeUtf8},
    NamedType{"double", DType::kFloat64},
    NamedType{"float", DType::kFloat64},
    NamedType{"int", DType::kInt64},
    NamedType{"bytes", DType::kBinary},
    NamedType{"date32", DType::kDate},
    NamedType{"date32[day]", DType::kDate},
};

constexpr std::array<const char*, 4> kUnits = {"s", "ms", "us", "ns"};

}  // namespace

int64_t ticks_per_second(TimeUnit unit) {
  constexpr std::array<int64_t, 4> ticks = {1, 1'000, 1'000'000, 1'000'000'000};
  return ticks[static_cast<size_t>(unit)];
}

DataType DataType::timestamp(TimeUnit unit, std::string zone) {
  DataType out(DType::kTimestamp);
  out.unit = unit;
  out.zone = std::move(zone);
  return out;
}

DataType DataType::duration(TimeUnit unit) {
  DataType out(DType::kDuration);
  out.unit = unit;
  return out;
}

DataType DataType::list(Field item) {
  DataType out(DType::kList);
  out.children.push_back(std::move(item));
  return out;
}

DataType DataType::structure(std::vector<Field> fields) {
  DataType out(DType::kStruct);
  out.children = std::move(fields);
  return out;
}

bool DataType::operator==(const DataType& other) const {
  if (id != other.id) return false;
  if (id == DType::kTimestamp) return unit == other.unit && zone == other.zone;
  if (id == DType::kDuration) return unit == other.unit;
  return !is_nested(id) || children == other.children;
}

bool Field::operator==(const Field& other) const {
  return name == other.name && type == other.type;
}

bool is_integer(DType id) { return id >= DType::kInt8 && id <= DType::kUInt64; }
bool is_signed_integer(DType id) { return id >= DType::kInt8 && id <= DType::kInt64; }
bool is_floating(DType id) { return id == DType::kFloat32 || id == DType::kFloat64; }
bool is_numeric(DType id) { return is_integer(id) || is_floating(id); }
bool is_string(DType id) { return id == DType::kUtf8 || id == DType::kLargeUtf8; }
bool is_binary_like(DType id) { return id >= DType::kUtf8 && id <= DType::kLargeBinary; }
bool is_large(DType id) { return id == DType::kLargeUtf8 || id == DType::kLargeBinary; }
bool is_temporal(DType id) { return id >= DType::kDate && id <= DType::kDuration; }
bool is_nested(DType id) { return id == DType::kList || id == DType::kStruct; }

size_t byte_width(DType id) {
  switch (id) {
    case DType::kInt8:
    case DType::kUInt8:
      return 1;
    case DType::kInt16:
    case DType::kUInt16:
      return 2;
    case DType::kInt32:
    case DType::kUInt32:
    case DType::kFloat32:
    case DType::kDate:
      return 4;
    case DType::kInt64:
    case DType::kUInt64:
    case DType::kFloat64:
    case DType::kTimestamp:
    case DType::kDuration:
      return 8;
    default:
      return 0;
  }
}

std::string to_string(const DataType& type) {
  const char* unit = kUnits[static_cast<size_t>(type.unit)];
  switch (type.id) {
    case DType::kTimestamp:
      return type.zone.empty() ? message("timestamp[", unit, "]")
                               : message("timestamp[", unit, ", ", type.zone, "]");
    case DType::kDuration:
      return message("duration[", unit, "]");
    case DType::kList:
      return message("list<", to_string(type.children.at(0).type), ">");
    case DType::kStruct: {
      std::string out = "struct<";
      for (size_t i = 0; i < type.children.size(); ++i)
        out +=
            message(i ? ", " : "", type.children[i].name, ": ", to_string(type.children[i].type));
      return out + ">";
    }
    default:
      for (const NamedType& named : kNames)
        if (named.id == type.id) return named.name;
      return "unknown";
  }
}

DataType parse_type(const std::string& name, const char* function) {
  for (const NamedType& named : kNames)
    if (name == named.name) return DataType(named.id);
  if (name == "datetime" || name == "timestamp") return DataType::timestamp(TimeUnit::kMicro);
  for (const char* kind : {"timestamp[", "duration["}) {
    if (!name.starts_with(kind) || !name.ends_with(']')) continue;
    std::string inner = name.substr(std::string(kind).size());
    inner.pop_back();
    std::string zone;
    if (const size_t comma = inner.find(','); comma != std::string::npos) {
      zone = inner.substr(comma + 1);
      while (zone.starts_with(' ')) zone.erase(0, 1);
      if (zone.starts_with("tz=")) zone.erase(0, 3);
      inner.resize(comma);
    }
    for (size_t i = 0; i < kUnits.size(); ++i)
      if (inner == kUnits[i]) {
        const auto unit = static_cast<TimeUnit>(i);
        return kind[0] == 't' ? DataType::timestamp(unit, zone) : DataType::duration(unit);
      }
  }
  throw TypeError(message(function,
                          ": expected a type such as \"int64\", \"float64\", \"utf8\", "
                          "\"bool\", \"date\" or \"timestamp[us, UTC]\", got \"",
                          name, "\""));
}

}  // namespace cne
