#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "kafka/messages/consumer_group_heartbeat.h"

namespace cne::kafka {

/// Partitions by the ids of their topics. No topic is there without any.
using Assignment = std::map<Uuid, std::set<int32_t>>;

inline bool has_partition(const Assignment& all, const Uuid& topic, int32_t partition) {
  const auto found = all.find(topic);
  return found != all.end() && found->second.contains(partition);
}

inline void add_partition(Assignment& to, const Uuid& topic, int32_t partition) {
  to[topic].insert(partition);
}

inline void remove_partition(Assignment& from, const Uuid& topic, int32_t partition) {
  const auto found = from.find(topic);
  if (found == from.end()) return;
  found->second.erase(partition);
  if (found->second.empty()) from.erase(found);
}

inline size_t count_partitions(const Assignment& all) {
  size_t count = 0;
  for (const auto& [topic, partitions] : all) count += partitions.size();
  return count;
}

/// Calls `visit(topic, partition)` for each, ascending.
template <typename Visit>
void for_each_partition(const Assignment& all, Visit&& visit) {
  for (const auto& [topic, partitions] : all)
    for (const int32_t partition : partitions) visit(topic, partition);
}

inline bool is_subset(const Assignment& part, const Assignment& whole) {
  bool inside = true;
  for_each_partition(part, [&](const Uuid& topic, int32_t partition) {
    inside = inside && has_partition(whole, topic, partition);
  });
  return inside;
}

inline bool overlap(const Assignment& a, const Assignment& b) {
  bool both = false;
  for_each_partition(a, [&](const Uuid& topic, int32_t partition) {
    both = both || has_partition(b, topic, partition);
  });
  return both;
}

inline Assignment to_assignment(const std::vector<TopicPartitions>& list) {
  Assignment out;
  for (const TopicPartitions& each : list)
    if (!each.partitions.empty())
      out[each.topic_id].insert(each.partitions.begin(), each.partitions.end());
  return out;
}

inline std::vector<TopicPartitions> to_list(const Assignment& all) {
  std::vector<TopicPartitions> out;
  for (const auto& [topic, partitions] : all)
    out.push_back({topic, {partitions.begin(), partitions.end()}});
  return out;
}

}  // namespace cne::kafka
