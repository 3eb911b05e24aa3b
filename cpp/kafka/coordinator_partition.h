#pragma once

#include <cstdint>
#include <string_view>

namespace cne::kafka {

/// The partition of a coordinator's topic (__transaction_state, __consumer_offsets) that has a
/// transactional id or a group: Java's hash of the string, made positive, modulo the count.
int32_t coordinator_partition(std::string_view id, int32_t partitions);

}  // namespace cne::kafka
