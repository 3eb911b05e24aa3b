#include "kafka/messages/alter_replica_log_dirs.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

/// There is one directory: to move what is in it there is done already.
void handle(Broker& broker, const CallPtr& call, AlterReplicaLogDirsRequest&& request) {
  AlterReplicaLogDirsResponse response;
  const bool allowed = broker.authorizer().allows(*call, AclOperation::kAlter, on_cluster());
  for (const auto& dir : request.dirs)
    for (const auto& topic : dir.topics) {
      auto& result = response.results.emplace_back();
      result.name = topic.name;
      for (const int32_t index : topic.partitions) {
        auto& partition = result.partitions.emplace_back();
        partition.index = index;
        if (!allowed) {
          partition.error = ErrorCode::kClusterAuthorizationFailed;
          continue;
        }
        partition.error = dir.path == broker.store().path()
                              ? find_partition(broker.store(), topic.name, {}, index).error
                              : ErrorCode::kLogDirNotFound;
      }
    }
  call->reply(response);
}

}  // namespace cne::kafka
