#include "kafka/local_offsets.h"

#include <chrono>
#include <future>
#include <memory>
#include <thread>

#include "core/error.h"

namespace cne::kafka {

namespace {

using std::chrono::milliseconds;

constexpr int16_t kVersion = 9;  // topics by name, members of the consumer protocol
constexpr milliseconds kTimeout{60'000};
constexpr milliseconds kUnstableRetry{5};

const GroupClient kClient{"cnengine", "/127.0.0.1", kVersion};

}  // namespace

LocalCommitResult commit_offsets(GroupCoordinator& groups, const LocalCommitter& committer,
                                 const std::map<LocalKey, int64_t>& offsets) {
  OffsetCommitRequest request;
  request.group_id = committer.group_id;
  request.generation_id = committer.epoch;
  request.member_id = committer.member_id;
  request.group_instance_id = committer.instance_id;
  for (const auto& [key, offset] : offsets) {
    if (request.topics.empty() || request.topics.back().name != key.first)
      request.topics.emplace_back().name = key.first;
    auto& partition = request.topics.back().partitions.emplace_back();
    partition.index = key.second;
    partition.offset = offset;
  }
  const auto answer = std::make_shared<std::promise<OffsetCommitResponse>>();
  auto future = answer->get_future();
  groups.offset_commit(kClient, request, [answer](const OffsetCommitResponse& response) {
    answer->set_value(response);
  });
  if (future.wait_for(kTimeout) != std::future_status::ready)
    throw IoError(message("commit: the offsets of group \"", committer.group_id,
                          "\" were not on the disk within ", kTimeout.count(), " ms"));
  const OffsetCommitResponse response = future.get();
  for (const auto& topic : response.topics)
    for (const auto& partition : topic.partitions)
      if (partition.error != ErrorCode::kNone)
        return {partition.error, {topic.name, partition.index}};
  return {};
}

std::map<LocalKey, std::optional<int64_t>> committed_offsets(GroupCoordinator& groups,
                                                             const std::string& group_id,
                                                             const std::vector<LocalKey>& keys,
                                                             bool stable) {
  OffsetFetchRequest::Group request;
  request.group_id = group_id;
  std::map<std::string, std::vector<int32_t>> by_topic;
  for (const auto& [topic, partition] : keys) by_topic[topic].push_back(partition);
  auto& topics = request.topics.emplace();
  for (auto& [name, partitions] : by_topic) {
    auto& topic = topics.emplace_back();
    topic.name = name;
    topic.partitions = std::move(partitions);
  }
  const auto deadline = std::chrono::steady_clock::now() + kTimeout;
  for (;;) {
    const OffsetFetchResponse::Group response = groups.offset_fetch(kClient, request, stable);
    if (response.error != ErrorCode::kNone)
      throw StateError(
          message("committed: group \"", group_id, "\": ", error_name(response.error)));
    std::map<LocalKey, std::optional<int64_t>> out;
    bool is_stable = true;
    for (const auto& topic : response.topics) {
      for (const auto& partition : topic.partitions) {
        is_stable &= partition.error != ErrorCode::kUnstableOffsetCommit;
        auto& offset = out[{topic.name, partition.index}];
        if (partition.offset >= 0) offset = partition.offset;
      }
    }
    if (is_stable) return out;
    if (std::chrono::steady_clock::now() >= deadline)
      throw StateError(message("committed: a transaction with offsets of group \"", group_id,
                               "\" did not end within ", kTimeout.count(), " ms"));
    std::this_thread::sleep_for(kUnstableRetry);
  }
}

}  // namespace cne::kafka
