#include "kafka/messages/describe_log_dirs.h"

#include <sys/statvfs.h>

#include <algorithm>

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

void add(const log::TopicStore::TopicInfo& info, const std::vector<int32_t>* wanted,
         DescribeLogDirsResponse::Result& result) {
  auto& topic = result.topics.emplace_back();
  topic.name = info.name;
  for (size_t i = 0; i < info.partitions.size(); ++i) {
    const auto index = static_cast<int32_t>(i);
    if (wanted != nullptr && std::find(wanted->begin(), wanted->end(), index) == wanted->end())
      continue;
    auto& partition = topic.partitions.emplace_back();
    partition.index = index;
    partition.partition_size = info.partitions[i]->size_bytes();
  }
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, DescribeLogDirsRequest&& request) {
  DescribeLogDirsResponse response;
  if (!broker.authorizer().allows(*call, AclOperation::kDescribe, on_cluster())) {
    response.error = ErrorCode::kClusterAuthorizationFailed;
    return call->reply(response);
  }
  auto& result = response.results.emplace_back();
  result.log_dir = broker.store().path();
  if (request.topics) {
    for (const auto& asked : *request.topics)
      if (const auto info = broker.store().find_topic(asked.name))
        add(*info, &asked.partitions, result);
  } else {
    for (const std::string& name : broker.store().topics())
      if (const auto info = broker.store().find_topic(name)) add(*info, nullptr, result);
  }
  struct statvfs space{};
  if (statvfs(broker.store().path().c_str(), &space) == 0) {
    result.total_bytes = static_cast<int64_t>(space.f_blocks * space.f_frsize);
    result.usable_bytes = static_cast<int64_t>(space.f_bavail * space.f_frsize);
  }
  call->reply(response);
}

}  // namespace cne::kafka
