#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "core/column.h"
#include "frame/dispatch.h"

namespace cne::frame {

/// A fixed-width key as 64 bits: equal keys, equal bits. -0 becomes 0, NaN one NaN.
template <typename T>
uint64_t key_word(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (value == 0) value = 0;
    if (std::isnan(value)) value = std::numeric_limits<T>::quiet_NaN();
  }
  uint64_t out = 0;
  std::memcpy(&out, &value, sizeof(T));
  return out;
}

/// Appends element i of a key column: a byte that tells a null, then 8 bytes or a size and text.
inline void append_key(const Column& key, int64_t i, std::string& out) {
  const bool valid = key.is_valid(i);
  out.push_back(valid ? 1 : 0);
  if (!valid) return;
  if (is_binary_like(key.type().id)) {
    const std::string_view text = key.strings()[i];
    const auto size = static_cast<uint32_t>(text.size());
    out.append(reinterpret_cast<const char*>(&size), 4);
    out.append(text);
    return;
  }
  const uint64_t word = visit_reader(key, [&](auto read) { return key_word(read(i)); });
  out.append(reinterpret_cast<const char*>(&word), 8);
}

}  // namespace cne::frame
