#include "kafka/group_log.h"

#include "kafka/coordinator_partition.h"

namespace cne::kafka {

int32_t partition_of_group(std::string_view group_id, int32_t partitions) {
  return coordinator_partition(group_id, partitions);
}

}  // namespace cne::kafka
