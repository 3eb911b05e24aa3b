#include "log/producer.h"

#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "log/record_encoder.h"
#include "log/row_reader.h"

namespace cne::log {

namespace {

/// Encoded bytes are written when there are so many of them: few system calls, and still in the
/// processor's cache.
constexpr size_t kWriteBytes = 512 << 10;

/// One partition's share of a call.
struct Lane {
  PartitionLog::Appender appender;
  RecordEncoder encoder;

  Lane(PartitionLog& log, Codec codec) : appender(log), encoder(codec) {}
  void write() {
    appender.add_sealed(encoder.bytes().data(), encoder.bytes().size());
    encoder.clear();
  }
};

class Producer {
 public:
  Producer(const std::vector<std::shared_ptr<PartitionLog>>& partitions,
           const ProduceOptions& options, uint32_t sticky)
      : count_(static_cast<int32_t>(partitions.size())),
        sticky_(static_cast<int32_t>(sticky % partitions.size())) {
    // Ascending, as every call does, so that no two wait for each other.
    for (const auto& partition : partitions)
      lanes_.push_back(std::make_unique<Lane>(*partition, options.compression));
  }

  void add(RowReader& rows, int64_t row) {
    const Bytes key = rows.key(row);
    const int32_t partition =
        count_ == 1     ? 0
        : key.is_null() ? sticky_
                        : partition_of_key(key.data, static_cast<size_t>(key.size), count_);
    Lane& lane = *lanes_[static_cast<size_t>(partition)];
    const int64_t batches = lane.encoder.batches();
    lane.encoder.add(rows.timestamp_ms(row), key, rows.value(row), rows.headers(row));
    if (lane.encoder.batches() == batches) return;
    if (key.is_null()) sticky_ = (sticky_ + 1) % count_;
    if (lane.encoder.bytes().size() < kWriteBytes) return;
    lane.encoder.finish();
    lane.write();
  }

  std::vector<Appended> finish() {
    for (const auto& lane : lanes_) {
      lane->encoder.finish();
      lane->write();
    }
    // All partitions are synced before the first one shows its rows.
    for (const auto& lane : lanes_) lane->appender.prepare();
    std::vector<Appended> out;
    for (size_t i = 0; i < lanes_.size(); ++i) {
      PartitionLog::Appender& appender = lanes_[i]->appender;
      const Appended range{static_cast<int32_t>(i), appender.first_offset(),
                           appender.next_offset()};
      appender.finish();
      if (range.next > range.first) out.push_back(range);
    }
    return out;
  }

  int32_t sticky() const { return sticky_; }

 private:
  int32_t count_;
  int32_t sticky_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace

int32_t partition_of_key(const void* key, size_t size, int32_t partitions) {
  return static_cast<int32_t>((murmur2(key, size) & 0x7fffffff) %
                              static_cast<uint32_t>(partitions));
}

std::vector<Appended> produce(const std::vector<std::shared_ptr<PartitionLog>>& partitions,
                              const Table& table, const ProduceOptions& options, const Clock& clock,
                              std::atomic<uint32_t>& sticky) {
  RowReader rows(table, options, clock.now_ms());
  Producer producer(partitions, options, sticky.load());
  for (int64_t row = 0; row < rows.rows(); ++row) producer.add(rows, row);
  std::vector<Appended> out = producer.finish();
  sticky.store(static_cast<uint32_t>(producer.sticky()) + 1);
  return out;
}

}  // namespace cne::log
