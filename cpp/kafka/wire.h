#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "core/byte_buffer.h"
#include "core/error.h"
#include "core/file.h"
#include "kafka/error_code.h"

namespace cne::kafka {

/// The versions of a message that have a field.
struct Versions {
  int16_t first = 0;
  int16_t last = std::numeric_limits<int16_t>::max();
  constexpr bool has(int16_t version) const { return first <= version && version <= last; }
};
constexpr Versions since(int16_t first) { return {first, std::numeric_limits<int16_t>::max()}; }
constexpr Versions until(int16_t last) { return {0, last}; }
constexpr Versions between(int16_t first, int16_t last) { return {first, last}; }

/// Of a string, in every version. Bytes and arrays may be longer.
constexpr size_t kMaxString = std::numeric_limits<int16_t>::max();

/// Bytes that are no message. The connection that they came from is closed.
class WireError : public CorruptionError {
 public:
  using CorruptionError::CorruptionError;
};

struct Uuid {
  std::array<uint8_t, 16> bytes{};
  bool operator==(const Uuid&) const = default;
  auto operator<=>(const Uuid&) const = default;
  bool is_zero() const { return *this == Uuid{}; }
};

/// The type `bytes` of the protocol.
struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

/// The type `records` of the protocol. A decoded one views the frame that it came in; in a response
/// it is the slices of files, one behind the other, which are sent without being read.
struct Records {
  bool null = true;
  uint8_t* data = nullptr;
  size_t size = 0;
  std::vector<FileSlice> slices;  // instead of data
};

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};

/// Everything that has fields of its own.
template <typename T>
concept Structure = std::is_class_v<T> && !IsOptional<T>::value && !IsVector<T>::value &&
                    !std::is_same_v<T, std::string> && !std::is_same_v<T, Uuid> &&
                    !std::is_same_v<T, Bytes> && !std::is_same_v<T, Records>;

}  // namespace cne::kafka
