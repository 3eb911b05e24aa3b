#include "kafka/messages/list_offsets.h"

#include <map>
#include <string_view>
#include <utility>

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

namespace {

// Timestamps that stand for places of the log.
constexpr int64_t kLatest = -1;
constexpr int64_t kEarliest = -2;
constexpr int64_t kMaxTimestamp = -3;
constexpr int64_t kEarliestLocal = -4;
constexpr int64_t kLatestTiered = -5;
constexpr int64_t kEarliestPendingUpload = -6;

void look_up(log::PartitionLog& log, int64_t timestamp, bool committed,
             ListOffsetsResponse::Partition& response) {
  const int64_t end = committed ? log.last_stable_offset() : log.end_offset();
  response.leader_epoch = kLeaderEpoch;
  switch (timestamp) {
    case kLatest:
      response.offset = end;
      return;
    case kEarliest:
    case kEarliestLocal:
      response.offset = log.start_offset();
      return;
    case kLatestTiered:
    case kEarliestPendingUpload:
      response.leader_epoch = -1;  // nothing is tiered
      return;
    default:
      break;
  }
  if (timestamp < kMaxTimestamp) {
    response.error = ErrorCode::kInvalidRequest;
    response.leader_epoch = -1;
    return;
  }
  const log::OffsetAndTime found =
      timestamp == kMaxTimestamp ? log.max_timestamp()
                                 : log.find_timestamp(timestamp).value_or(log::OffsetAndTime());
  // Records that the reader may not see yet count as not there.
  if (found.offset < 0 || found.offset >= end) {
    response.leader_epoch = -1;
    return;
  }
  response.offset = found.offset;
  response.timestamp = found.timestamp_ms;
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, ListOffsetsRequest&& request) {
  ListOffsetsResponse response;
  std::map<std::pair<std::string_view, int32_t>, int> times;
  for (const auto& topic : request.topics)
    for (const auto& asked : topic.partitions) ++times[{topic.name, asked.index}];
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& asked : topic.partitions) {
      auto& partition = out.partitions.emplace_back();
      partition.index = asked.index;
      const FoundPartition found =
          find_partition(broker, *call, AclOperation::kDescribe, topic.name, {}, asked.index);
      partition.error = found.log ? check_leader_epoch(asked.current_leader_epoch) : found.error;
      if (found.error != ErrorCode::kTopicAuthorizationFailed &&
          times[{topic.name, asked.index}] > 1)
        partition.error = ErrorCode::kInvalidRequest;  // which of them is meant?
      if (partition.error != ErrorCode::kNone) continue;
      try {
        look_up(*found.log, asked.timestamp, request.isolation_level == 1, partition);
      } catch (const std::exception&) {  // of this partition alone
        partition = {asked.index, ErrorCode::kUnknownServerError};
      }
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
