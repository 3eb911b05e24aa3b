#include "kafka/log_metrics.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "core/utf8.h"

namespace cne::kafka {

namespace {

using Kind = MetricSample::Kind;
using TopicPtr = std::shared_ptr<const log::TopicStore::TopicInfo>;

struct Sum {
  const char* name;
  const char* help;
  Counter log::PartitionCounters::* counter;
};
constexpr std::array kSums = {
    Sum{"cnengine_topic_bytes_in_total", "Bytes of record batches appended, as stored.",
        &log::PartitionCounters::bytes_in},
    Sum{"cnengine_topic_records_in_total", "Records appended.",
        &log::PartitionCounters::records_in},
    Sum{"cnengine_topic_bytes_out_total", "Bytes of record batches sent to clients.",
        &log::PartitionCounters::bytes_out},
    Sum{"cnengine_topic_records_out_total",
        "Records sent to clients, by offsets: gaps of compaction count too.",
        &log::PartitionCounters::records_out},
};

struct Gauge {
  const char* name;
  const char* help;
};
constexpr std::array kGauges = {
    Gauge{"cnengine_partition_size_bytes", "Bytes of all segments."},
    Gauge{"cnengine_partition_segments", "Segments."},
    Gauge{"cnengine_partition_start_offset", "The first offset that is there."},
    Gauge{"cnengine_partition_end_offset", "The high watermark: readers see what lies before it."},
};

void add_topics(const std::vector<TopicPtr>& topics, std::vector<MetricSample>& out) {
  for (const Sum& sum : kSums)
    for (const TopicPtr& topic : topics) {
      int64_t value = 0;
      for (const auto& partition : topic->partitions)
        value += (partition->counters().*sum.counter).value();
      out.push_back({sum.name,
                     sum.help,
                     Kind::kCounter,
                     {{"topic", topic->name}},
                     static_cast<double>(value)});
    }
}

}  // namespace

std::string label_value(std::string_view name) {
  const bool text = is_utf8(name);
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte >= 0x20 && byte != 0x7f && (text || byte < 0x80)) {
      out += c;
      continue;
    }
    static constexpr char kHex[] = "0123456789abcdef";
    out += "\\x";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

size_t add_log_samples(log::TopicStore& store, size_t most, std::vector<MetricSample>& out) {
  std::vector<TopicPtr> topics;
  std::vector<std::shared_ptr<log::PartitionLog>> partitions;
  size_t left_off = 0;
  for (const std::string& name : store.topics()) {  // ascending
    auto topic = store.find_topic(name);
    if (!topic) continue;  // deleted in the meantime
    const size_t room = std::min(most - partitions.size(), topic->partitions.size());
    left_off += topic->partitions.size() - room;
    partitions.insert(partitions.end(), topic->partitions.begin(),
                      topic->partitions.begin() + static_cast<std::ptrdiff_t>(room));
    if (topics.size() < most) topics.push_back(std::move(topic));
  }
  add_topics(topics, out);
  std::vector<std::array<int64_t, kGauges.size()>> values;
  values.reserve(partitions.size());
  for (const auto& partition : partitions) {
    const log::LogBounds bounds = partition->bounds();
    values.push_back({partition->size_bytes(), partition->segment_count(), bounds.start_offset,
                      bounds.high_watermark});
  }
  for (size_t gauge = 0; gauge < kGauges.size(); ++gauge)
    for (size_t i = 0; i < partitions.size(); ++i)
      out.push_back({kGauges[gauge].name,
                     kGauges[gauge].help,
                     Kind::kGauge,
                     {{"topic", partitions[i]->topic()},
                      {"partition", std::to_string(partitions[i]->index())}},
                     static_cast<double>(values[i][gauge])});
  out.push_back({"cnengine_log_flush_seconds",
                 "Syncs of records to the disk, one partition each.",
                 Kind::kHistogram,
                 {},
                 0,
                 &store.syncs()});
  return left_off;
}

}  // namespace cne::kafka
