#include "kafka/group_log.h"

namespace cne::kafka {

namespace {

/// s[0]*31^(n-1) + ... + s[n-1] over UTF-16, modulo 2^32 (java.lang.String.hashCode). Bytes that
/// are no UTF-8 count as they are.
uint32_t java_hash(std::string_view text) {
  uint32_t hash = 0;
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t at) {
      return at < text.size() ? static_cast<uint8_t>(text[at]) : uint8_t{0};
    };
    const uint8_t lead = byte(i);
    const size_t more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    uint32_t code = more == 0 ? lead : lead & (0x3f >> more);
    for (size_t k = 1; k <= more; ++k) code = code << 6 | (byte(i + k) & 0x3f);
    i += more + 1;
    if (code >= 0x10000) {
      hash = hash * 31 + (0xd800 + ((code - 0x10000) >> 10));
      code = 0xdc00 + ((code - 0x10000) & 0x3ff);
    }
    hash = hash * 31 + code;
  }
  return hash;
}

}  // namespace

int32_t partition_of_group(std::string_view group_id, int32_t partitions) {
  return static_cast<int32_t>(java_hash(group_id) & 0x7fffffff) % partitions;
}

}  // namespace cne::kafka
