#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kafka/group_coordinator.h"

namespace cne::kafka {

/// Who commits: a member of a group, or, with the epoch -1, somebody for a group without members.
struct LocalCommitter {
  std::string group_id;
  std::string member_id;
  std::optional<std::string> instance_id;
  int32_t epoch = -1;
};

using LocalKey = std::pair<std::string, int32_t>;  // topic and partition

/// Commits offsets and waits until they are safe; the first error that there is, and whose it is.
/// Throws IoError when no answer comes.
struct LocalCommitResult {
  ErrorCode error = ErrorCode::kNone;
  LocalKey key;
};
LocalCommitResult commit_offsets(GroupCoordinator& groups, const LocalCommitter& committer,
                                 const std::map<LocalKey, int64_t>& offsets);

/// What was committed for partitions; none where nothing was. With `stable` it waits for the end of
/// transactions that have offsets of them; throws StateError when they do not end.
std::map<LocalKey, std::optional<int64_t>> committed_offsets(GroupCoordinator& groups,
                                                             const std::string& group_id,
                                                             const std::vector<LocalKey>& keys,
                                                             bool stable);

}  // namespace cne::kafka
