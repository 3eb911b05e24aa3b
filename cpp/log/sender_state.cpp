#include "log/sender_state.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace cne::log {

using Clock = std::chrono::steady_clock;

Sender::State::Topic& Sender::State::find(const std::string& name) {
  if (last != nullptr && last->name == name) return *last;
  auto found = topics.find(name);
  if (found == topics.end()) {
    Topic topic;
    topic.name = name;
    refresh(topic);
    found = topics.emplace(name, std::move(topic)).first;
  }
  return *(last = &found->second);
}

/// Looks at the topic as it is now; whether its partitions or settings have changed.
bool Sender::State::refresh(Topic& topic) {
  auto info = store.find_topic(topic.name);
  while (!info) {
    store.partition(topic.name, 0, "send");  // throws, unless it has just been created
    info = store.find_topic(topic.name);
  }
  if (info == topic.info) return false;
  topic.info = info;
  topic.batch_bytes =
      std::min(options.batch_bytes, static_cast<size_t>(info->config->max_message_bytes));
  topic.lanes.resize(info->partitions.size());
  for (size_t i = 0; i < topic.lanes.size(); ++i)
    if (topic.lanes[i].log != info->partitions[i]) topic.lanes[i] = {info->partitions[i], nullptr};
  topic.sticky %= topic.lanes.size();
  return true;
}

size_t Sender::State::choose(Topic& topic, const Outgoing& record, size_t size) {
  const auto partitions = static_cast<int32_t>(topic.lanes.size());
  if (record.partition) {
    if (*record.partition < 0 || *record.partition >= partitions)
      throw NotFoundError(message("send: topic \"", topic.name, "\" has no partition ",
                                  *record.partition, ", expected 0 to ", partitions - 1));
    return static_cast<size_t>(*record.partition);
  }
  if (!record.key.is_null())
    return static_cast<size_t>(
        partition_of_key(record.key.data, static_cast<size_t>(record.key.size), partitions));
  if (topic.lanes[topic.sticky].batch && !topic.fits(topic.sticky, size))
    topic.sticky = (topic.sticky + 1) % topic.lanes.size();
  return topic.sticky;
}

const Sender::State::BatchPtr& Sender::State::batch_for(Topic& topic, const Outgoing& record,
                                                        size_t size) {
  size_t at = choose(topic, record, size);
  if (!topic.fits(at, size)) {
    // Once a batch, as it costs a search.
    if (refresh(topic)) at = choose(topic, record, size);
    Lane& lane = topic.lanes[at];
    if (lane.is_open() && !topic.fits(at, size)) enqueue(lane.batch);
    if (!lane.is_open()) open(lane);
  }
  return topic.lanes[at].batch;
}

void Sender::State::open(Lane& lane) {
  auto batch = std::make_shared<Batch>();
  batch->number = next_number++;
  batch->partition = lane.log->index();
  batch->log = lane.log;
  batch->encoder = RecordEncoder(options.compression, kMaxBatchSize);
  batch->due = Clock::now() + std::chrono::milliseconds(options.linger_ms);
  batch->size = kBatchHeaderSize;
  buffered += batch->size;
  unfinished.emplace(batch->number, batch);
  opened.emplace(batch->number, batch);
  lane.batch = std::move(batch);
  if (opened.size() == 1) work.notify_one();  // else it knows when to look again
}

void Sender::State::enqueue(const BatchPtr& batch) {
  batch->stage = Batch::Stage::kQueued;
  opened.erase(batch->number);
  queue.push_back(batch);
  work.notify_one();
}

void Sender::State::hurry() {
  while (!opened.empty()) enqueue(BatchPtr(opened.begin()->second));
}

void Sender::State::run() {
  std::deque<BatchPtr> mine;
  std::unique_lock lock(mutex);
  for (;;) {
    const auto now = Clock::now();
    while (!opened.empty() && opened.begin()->second->due <= now)
      enqueue(BatchPtr(opened.begin()->second));
    if (queue.empty()) {
      if (stopped) return;
      if (opened.empty())
        work.wait(lock);
      else
        work.wait_until(lock, Clock::time_point(opened.begin()->second->due));
      continue;
    }
    mine.swap(queue);
    lock.unlock();
    for (const BatchPtr& batch : mine) write(batch);
    mine.clear();
    lock.lock();
  }
}

void Sender::State::write(const BatchPtr& batch) {
  // A record that did not fit into memory may have left it empty.
  if (batch->encoder.records() == 0) return finish(batch, AppendFault::kNone, "");
  try {
    batch->encoder.finish();
    ByteBuffer& bytes = batch->encoder.bytes();
    const AppendOutcome outcome = batch->log->append_foreign(bytes.data(), bytes.size());
    if (!outcome.ok()) return finish(batch, outcome.fault, outcome.why);
    batch->first_offset = outcome.first_offset;
    batch->log->when_acknowledged(
        outcome.next_offset, [state = shared_from_this(), batch](bool ok) {
          state->finish(batch, ok ? AppendFault::kNone : AppendFault::kStorage,
                        ok ? "" : "the records could not be forced to the disk");
        });
  } catch (const std::exception& error) {
    finish(batch, AppendFault::kStorage, error.what());
  }
}

void Sender::State::finish(const BatchPtr& batch, AppendFault fault, std::string why) {
  std::shared_ptr<PartitionLog> log;
  RecordEncoder encoder;
  {
    const std::lock_guard lock(mutex);
    batch->stage = Batch::Stage::kDone;
    batch->fault = fault;
    batch->why = std::move(why);
    log.swap(batch->log);  // both are freed without the lock
    std::swap(encoder, batch->encoder);
    buffered -= batch->size;
    unfinished.erase(batch->number);
    (fault == AppendFault::kNone ? sent : failed) += batch->count;
    if (batch->watched) told.push_back(batch->number);
  }
  changed.notify_all();
}

}  // namespace cne::log
