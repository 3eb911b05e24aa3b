#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/metrics.h"
#include "log/topic_store.h"

namespace cne::kafka {

/// Appends what topics, the first `most` of them by name, took and gave since the store was opened,
/// the size and offsets of the first `most` partitions, and how long syncs take.
/// Returns how many partitions are left off.
size_t add_log_samples(log::TopicStore& store, size_t most, std::vector<MetricSample>& out);

/// A name from outside as the value of a label: bytes that are no text, and control characters, are
/// shown as \xNN.
std::string label_value(std::string_view name);

}  // namespace cne::kafka
