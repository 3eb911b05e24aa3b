// Two bytes choose settings of the topic and what to repair; the rest is what a Produce request has
// for a partition. What is taken must be a batch that readers can read.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "core/error.h"
#include "log/foreign_batch.h"
#include "log/record_batch.h"
#include "log/record_walk.h"

namespace {

using namespace cne;
using namespace cne::log;

constexpr int64_t kNowMs = 1'700'000'000'000;

void expect(bool good) {
  if (!good) std::abort();
}

/// Compresses the records, so that changed bytes reach what is behind a codec.
void pack(std::vector<uint8_t>& batch) {
  const Codec codec = read_header(batch.data()).codec();
  ByteBuffer packed;
  try {
    compress(codec, batch.data() + kBatchHeaderSize, batch.size() - kBatchHeaderSize, packed);
  } catch (const Error&) {  // no such codec
    return;
  }
  batch.resize(kBatchHeaderSize);
  batch.insert(batch.end(), packed.data(), packed.data() + packed.size());
}

/// Makes length, magic and checksum what they must be.
void repair(std::vector<uint8_t>& batch) {
  BatchHeader header = read_header(batch.data());
  header.length = static_cast<int32_t>(batch.size() - 12);
  header.magic = 2;
  write_header(header, batch.data());
  seal_batch(batch.data(), batch.size());
}

/// As readers do: every record, its headers too.
void read_all(const uint8_t* batch, const BatchHeader& header) {
  const uint8_t* records = batch + kBatchHeaderSize;
  size_t size = header.size() - kBatchHeaderSize;
  ByteBuffer plain;
  if (header.codec() != Codec::kNone) {
    decompress(header.codec(), records, size, kMaxBatchSize, plain);
    records = plain.data();
    size = plain.size();
  }
  int32_t count = 0;
  const char* wrong = walk_records(header, records, size, [&](const RecordView& record) {
    ++count;
    expect(check_headers(record) == nullptr);
    return true;
  });
  expect(wrong == nullptr && count == header.records);
}

void check_taken(const uint8_t* data, size_t size, bool is_client) {
  for (size_t at = 0; at < size;) {
    const auto checked = check_batch(data + at, size - at);
    expect(bool(checked));
    // The broker's own are not looked into.
    if (is_client) read_all(data + at, checked.value());
    at += checked.value().size();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const uint8_t fix = data[0];
  const uint8_t topic = data[1];
  std::vector<uint8_t> bytes(data + 2, data + size);
  if (bytes.size() > kBatchHeaderSize) {
    if (fix & 1) pack(bytes);
    if (fix & 2) repair(bytes);
  }
  TopicConfig config;
  config.compression = static_cast<Compression>(topic % 6);
  config.timestamp = topic & 64 ? TimestampType::kLogAppendTime : TimestampType::kCreateTime;
  config.cleanup_compact = topic & 128;
  if (fix & 4) config.max_message_bytes = 1000;
  if (fix & 8) config.timestamp_before_max_ms = 1000;
  ForeignAppend how;
  if (fix & 16) how.origin = AppendOrigin::kCoordinator;
  how.allow_zstd = !(fix & 32);
  how.leader_epoch = 7;
  const bool is_client = how.origin == AppendOrigin::kClient;
  ForeignBatches batches(bytes.data(), bytes.size(), config, how, kNowMs);
  if (batches.outcome().ok()) check_taken(batches.data(), batches.size(), is_client);
  return 0;
}
