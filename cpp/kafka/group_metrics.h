#pragma once

#include <cstddef>
#include <vector>

#include "core/metrics.h"
#include "kafka/group_coordinator.h"
#include "log/topic_store.h"

namespace cne::kafka {

/// Appends how many groups are in each state, and the first `most` committed offsets by group,
/// topic and partition with how far each is behind the high watermark. Returns how many are left
/// off. Offsets of partitions that are no more are not shown.
size_t add_group_samples(GroupCoordinator& groups, log::TopicStore& store, size_t most,
                         std::vector<MetricSample>& out);

}  // namespace cne::kafka
