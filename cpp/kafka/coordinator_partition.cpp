#include "kafka/coordinator_partition.h"

#include <cstddef>
#include <cstdlib>
#include <limits>

namespace cne::kafka {

int32_t coordinator_partition(std::string_view id, int32_t partitions) {
  uint32_t hash = 0;
  const auto add = [&](uint32_t unit) { hash = hash * 31 + unit; };
  // Java hashes UTF-16. Bytes that are no UTF-8 became U+FFFD when it decoded them.
  for (size_t at = 0; at < id.size();) {
    const auto lead = static_cast<uint8_t>(id[at]);
    const size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t point = size == 1 ? lead : lead & (0xffu >> (size + 1));
    bool good = at + size <= id.size() && (lead < 0x80 || (lead >= 0xc2 && lead <= 0xf4));
    for (size_t i = 1; good && i < size; ++i) {
      const auto next = static_cast<uint8_t>(id[at + i]);
      good = (next & 0xc0) == 0x80;
      point = point << 6 | (next & 0x3f);
    }
    if (!good) {
      add(0xfffd);
      ++at;
      continue;
    }
    at += size;
    if (point < 0x10000) {
      add(point);
    } else {
      point -= 0x10000;
      add(0xd800 | point >> 10);
      add(0xdc00 | (point & 0x3ff));
    }
  }
  const auto number = static_cast<int32_t>(hash);
  return number == std::numeric_limits<int32_t>::min() ? 0 : std::abs(number) % partitions;
}

}  // namespace cne::kafka
