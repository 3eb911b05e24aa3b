#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cne {

/// The element types of columns. Layouts are Arrow's.
enum class DType : uint8_t {
  kBool,  // bit-packed
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kFloat32,
  kFloat64,
  kUtf8,
  kLargeUtf8,  // int32 and int64 offsets
  kBinary,
  kLargeBinary,  // int32 and int64 offsets
  kDate,         // int32 days since 1970-01-01
  kTimestamp,    // int64 since 1970-01-01T00:00:00 UTC, in `unit`
  kDuration,     // int64 in `unit`
  kList,         // int32 offsets, one child
  kStruct,       // one child a field
};

enum class TimeUnit : uint8_t { kSecond, kMilli, kMicro, kNano };

/// Ticks of `unit` in one second: 1, 10^3, 10^6, 10^9.
int64_t ticks_per_second(TimeUnit unit);

struct Field;

/// The type of a column: an element type with what it needs beside it. A value.
struct DataType {
  DType id = DType::kInt64;
  TimeUnit unit = TimeUnit::kNano;  // kTimestamp, kDuration
  std::string zone;                 // kTimestamp: IANA name, empty when it has none
  std::vector<Field> children;      // kList: one; kStruct: its fields

  DataType() = default;
  DataType(DType id) : id(id) {}  // NOLINT: a type is named by its id in most places
  static DataType timestamp(TimeUnit unit, std::string zone = {});
  static DataType duration(TimeUnit unit);
  static DataType list(Field item);
  static DataType structure(std::vector<Field> fields);

  bool operator==(const DataType& other) const;
};

struct Field {
  std::string name;
  DataType type;
  bool nullable = true;
  bool operator==(const Field& other) const;
};

bool is_integer(DType id);  // signed and unsigned, not bool
bool is_signed_integer(DType id);
bool is_floating(DType id);
bool is_numeric(DType id);      // integer or floating
bool is_string(DType id);       // utf8, large utf8
bool is_binary_like(DType id);  // utf8 and binary, both offset widths
bool is_large(DType id);        // int64 offsets
bool is_temporal(DType id);     // date, timestamp, duration
bool is_nested(DType id);
/// Bytes of one element of a fixed-width type; 0 for bool (one bit), strings and nested types.
size_t byte_width(DType id);

/// The names that Python and error messages use: "bool", "int64", "utf8", "timestamp[us, UTC]".
std::string to_string(const DataType& type);
/// Reads such a name; also "string", "double", "float", "datetime" (timestamp[us]).
/// Throws TypeError naming `function`.
DataType parse_type(const std::string& name, const char* function);

}  // namespace cne
