#include "kafka/group_metrics.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "kafka/log_metrics.h"

namespace cne::kafka {

namespace {

using Kind = MetricSample::Kind;

struct Row {
  std::string group;
  std::string topic;
  int32_t partition;
  int64_t offset;
  int64_t lag;
};

/// How far partitions go, each topic looked up once.
class Ends {
 public:
  explicit Ends(log::TopicStore& store) : store_(store) {}
  /// -1 when there is no such partition.
  int64_t find(const std::string& topic, int32_t partition) {
    const auto [found, fresh] = topics_.try_emplace(topic);
    if (fresh) found->second = store_.find_topic(topic);
    if (!found->second || partition < 0 ||
        static_cast<size_t>(partition) >= found->second->partitions.size())
      return -1;
    return found->second->partitions[static_cast<size_t>(partition)]->bounds().high_watermark;
  }

 private:
  log::TopicStore& store_;
  std::map<std::string, std::shared_ptr<const log::TopicStore::TopicInfo>> topics_;
};

void add(const char* name, const char* help, const std::vector<Row>& rows, int64_t Row::* value,
         std::vector<MetricSample>& out) {
  for (const Row& row : rows)
    out.push_back(
        {name,
         help,
         Kind::kGauge,
         {{"group", row.group}, {"topic", row.topic}, {"partition", std::to_string(row.partition)}},
         static_cast<double>(row.*value)});
}

}  // namespace

size_t add_group_samples(GroupCoordinator& groups, log::TopicStore& store, size_t most,
                         std::vector<MetricSample>& out) {
  std::map<std::string, int64_t> states;
  std::vector<Row> rows;
  std::set<std::string> names;
  size_t left_off = 0;
  Ends ends(store);
  for (const auto& group : groups.list_groups({}).groups) {
    ++states[group.state];
    const std::vector<OffsetCommit> commits = groups.committed_offsets(group.group_id);
    const std::string name = label_value(group.group_id);
    // Two names that look the same would make the page unreadable.
    const bool shown = names.insert(name).second && rows.size() < most;
    for (const OffsetCommit& commit : commits) {
      if (!shown || rows.size() >= most) {
        ++left_off;
        continue;
      }
      const int64_t end = ends.find(commit.topic, commit.partition);
      if (end < 0) continue;
      rows.push_back({name, commit.topic, commit.partition, commit.value.offset,
                      std::max<int64_t>(end - commit.value.offset, 0)});
    }
  }
  for (const auto& [state, count] : states)
    out.push_back({"cnengine_groups",
                   "Groups by state.",
                   Kind::kGauge,
                   {{"state", state}},
                   static_cast<double>(count)});
  add("cnengine_group_offset", "The offset that is committed.", rows, &Row::offset, out);
  add("cnengine_group_lag", "Offsets between the committed one and the high watermark.", rows,
      &Row::lag, out);
  return left_off;
}

}  // namespace cne::kafka
