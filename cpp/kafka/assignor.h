#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/assignment.h"

namespace cne::kafka {

/// What an assignor knows of a member.
struct AssignorMember {
  std::string id;
  std::optional<std::string> instance_id;
  std::vector<Uuid> topics;  // that it subscribes to and that exist, ascending, each once
  Assignment current;        // what it was meant to have before
};

using TopicSizes = std::map<Uuid, int32_t>;                 // topic to its number of partitions
using GroupAssignment = std::map<std::string, Assignment>;  // by member

/// As even as subscriptions allow (no partition could move to a member with two less), and moving
/// as few partitions as that takes.
GroupAssignment assign_uniform(const std::vector<AssignorMember>& members,
                               const TopicSizes& topics);
/// Of each topic a run of partitions to each subscriber, in the order of their instance or member
/// ids; topics of equal size and subscribers are cut alike.
GroupAssignment assign_range(const std::vector<AssignorMember>& members, const TopicSizes& topics);

constexpr std::string_view kDefaultAssignor = "uniform";
bool is_assignor(std::string_view name);
/// By the assignor of a name, which there must be.
GroupAssignment assign_by(std::string_view name, const std::vector<AssignorMember>& members,
                          const TopicSizes& topics);

}  // namespace cne::kafka
