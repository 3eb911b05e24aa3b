#include "kafka/messages/describe_producers.h"

#include <set>
#include <string_view>
#include <utility>

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, DescribeProducersRequest&& request) {
  DescribeProducersResponse response;
  std::set<std::pair<std::string_view, int32_t>> seen;
  for (const auto& asked : request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = asked.name;
    for (const int32_t index : asked.partition_indexes) {
      if (!seen.insert({asked.name, index}).second) continue;
      auto& partition = topic.partitions.emplace_back();
      partition.index = index;
      const FoundPartition found =
          find_partition(broker, *call, AclOperation::kRead, asked.name, {}, index);
      if (!found.log) {
        partition.error = found.error;
        continue;
      }
      for (const log::ProducerInfo& producer : found.log->producers()) {
        auto& out = partition.active_producers.emplace_back();
        out.producer_id = producer.producer_id;
        out.producer_epoch = producer.epoch;
        out.last_sequence = producer.last_sequence;
        out.last_timestamp = producer.last_timestamp;
        out.coordinator_epoch = producer.coordinator_epoch;
        out.current_txn_start_offset = producer.current_txn_start_offset;
      }
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
