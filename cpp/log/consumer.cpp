#include "log/consumer.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <set>
#include <unordered_map>

#include "core/error.h"
#include "core/fork_guard.h"
#include "log/record_fetch.h"

namespace cne::log {

namespace {

constexpr int64_t kFetchBytes = 1 << 20;
constexpr int64_t kLargeFetchBytes = 8 << 20;  // for who takes many rows at once
constexpr int64_t kManyRows = 1 << 16;
/// How often a log is looked at that another process writes.
constexpr int64_t kFollowMs = 20;

std::string describe(const Consumer::Key& key) {
  return message("topic \"", key.first, "\" partition ", key.second);
}

}  // namespace

/// What appends touch: it outlives the consumer while a call is in progress.
struct Consumer::Signal {
  std::mutex mutex;
  std::condition_variable changed;
  uint64_t count = 0;  // of changes
  bool closed = false;
  std::unordered_map<const PartitionLog*, std::shared_ptr<std::atomic<bool>>> watched;

  void change() {
    {
      const std::lock_guard lock(mutex);
      ++count;
    }
    changed.notify_all();
  }
  void on_append(const PartitionLog& log) {
    {
      const std::lock_guard lock(mutex);
      const auto found = watched.find(&log);
      if (found == watched.end()) return;
      found->second->store(true);
      ++count;
    }
    changed.notify_all();
  }
};

int64_t Consumer::Part::position() const {
  return ready.empty() ? next_fetch : ready.front().column(0).values<int64_t>()[0];
}

Consumer::Consumer(TopicStore& store, const ConsumerOptions& options)
    : store_(store),
      options_(options),
      follows_(store.options().read_only),
      forks_(fork_count()),
      signal_(std::make_shared<Signal>()) {
  listener_ = store_.append_listeners().add(
      [signal = signal_](PartitionLog& log) { signal->on_append(log); });
}

Consumer::~Consumer() {
  if (forks_ != fork_count()) {
    // Its mutexes may be held, for ever, and the files are the parent's.
    static_cast<void>(std::make_unique<decltype(parts_)>(std::move(parts_)).release());
    static_cast<void>(std::make_unique<decltype(signal_)>(std::move(signal_)).release());
    return;
  }
  store_.append_listeners().remove(listener_);
}

void Consumer::check_open(const char* function) const {
  if (forks_ != fork_count())
    throw StateError(message(function, ": the consumer was made before a fork of the process; ",
                             "make another one in this one"));
  if (closed()) throw StateError(message(function, ": the consumer is closed"));
}

bool Consumer::closed() const {
  if (forks_ != fork_count()) return true;
  const std::lock_guard lock(signal_->mutex);
  return signal_->closed;
}

void Consumer::close() {
  if (forks_ != fork_count()) return;
  {
    const std::lock_guard lock(signal_->mutex);
    signal_->closed = true;
    signal_->watched.clear();
  }
  signal_->changed.notify_all();
  const std::lock_guard lock(mutex_);
  parts_.clear();
}

int64_t Consumer::end_of(PartitionLog& log) const {
  const LogBounds bounds = log.bounds();
  return options_.read_committed ? bounds.last_stable_offset : bounds.high_watermark;
}

int64_t Consumer::resolve(PartitionLog& log, std::optional<int64_t> offset, const Key& key) const {
  if (!offset) {
    if (options_.reset == ConsumerOptions::Reset::kNone)
      throw StateError(message("assign: expected an offset for ", describe(key),
                               ", as there is neither a committed one nor a reset"));
    offset = options_.reset == ConsumerOptions::Reset::kEarliest ? kEarliest : kLatest;
  }
  if (*offset == kEarliest) return log.start_offset();
  if (*offset == kLatest) return end_of(log);
  if (*offset < 0)
    throw ArgumentError(
        message("assign: expected an offset of at least 0 for ", describe(key), ", got ", *offset));
  return *offset;
}

Consumer::Part Consumer::open(const Start& start) {
  Part part;
  part.key = start.key;
  part.log = store_.partition(start.key.first, start.key.second, "assign");
  part.grew = std::make_shared<std::atomic<bool>>(true);
  part.next_fetch = resolve(*part.log, start.offset, start.key);
  return part;
}

std::vector<Consumer::Part> Consumer::open_all(const std::vector<Start>& starts) {
  std::vector<Part> parts;
  std::set<Key> seen;
  for (const Start& start : starts) {
    if (!seen.insert(start.key).second)
      throw ArgumentError(message("assign: ", describe(start.key), " is named twice"));
    parts.push_back(open(start));
  }
  return parts;
}

void Consumer::assign(const std::vector<Start>& starts) {
  check_open("assign");
  std::vector<Part> parts = open_all(starts);
  const std::lock_guard lock(mutex_);
  parts_ = std::move(parts);
  turn_ = 0;
  watch();
}

void Consumer::add(const std::vector<Start>& starts) {
  check_open("assign");
  std::vector<Part> parts = open_all(starts);
  const std::lock_guard lock(mutex_);
  for (const Part& part : parts)
    if (std::any_of(parts_.begin(), parts_.end(),
                    [&](const Part& there) { return there.key == part.key; }))
      throw ArgumentError(message("assign: ", describe(part.key), " is assigned already"));
  std::move(parts.begin(), parts.end(), std::back_inserter(parts_));
  watch();
}

void Consumer::remove(const std::vector<Key>& keys) {
  check_open("assign");
  const std::lock_guard lock(mutex_);
  std::erase_if(parts_, [&](const Part& part) {
    return std::find(keys.begin(), keys.end(), part.key) != keys.end();
  });
  turn_ = 0;
  watch();
}

/// Tells the listener which partitions are ours. The mutex is held.
void Consumer::watch() {
  {
    const std::lock_guard lock(signal_->mutex);
    signal_->watched.clear();
    if (signal_->closed) return;
    for (const Part& part : parts_) signal_->watched[part.log.get()] = part.grew;
  }
  // What came before is found by looking, as `grew` is set.
  signal_->change();
}

void Consumer::drop_deleted() {
  check_open("assign");
  const std::lock_guard lock(mutex_);
  std::erase_if(parts_, [&](const Part& part) { return is_deleted(part); });
  turn_ = 0;
  watch();
}

std::vector<Consumer::Key> Consumer::assignment() {
  check_open("assignment");
  const std::lock_guard lock(mutex_);
  std::vector<Key> out;
  for (const Part& part : parts_) out.push_back(part.key);
  return out;
}

Consumer::Part& Consumer::find(const Key& key, const char* function) {
  const auto found =
      std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) { return part.key == key; });
  if (found == parts_.end())
    throw NotFoundError(message(function, ": ", describe(key), " is not assigned"));
  return *found;
}

void Consumer::seek(const Key& key, int64_t offset) {
  check_open("seek");
  {
    const std::lock_guard lock(mutex_);
    Part& part = find(key, "seek");
    part.next_fetch = resolve(*part.log, offset, key);
    part.ready.clear();
    part.grew->store(true);
  }
  signal_->change();
}

int64_t Consumer::position(const Key& key) {
  check_open("position");
  const std::lock_guard lock(mutex_);
  return find(key, "position").position();
}

void Consumer::pause(const std::vector<Key>& keys, bool paused) {
  check_open(paused ? "pause" : "resume");
  {
    const std::lock_guard lock(mutex_);
    for (const Key& key : keys) find(key, paused ? "pause" : "resume").paused = paused;
  }
  signal_->change();
}

std::vector<Consumer::Key> Consumer::paused() {
  check_open("paused");
  const std::lock_guard lock(mutex_);
  std::vector<Key> out;
  for (const Part& part : parts_)
    if (part.paused) out.push_back(part.key);
  return out;
}

/// Whether the partition has records ready, after a look at the log if need be.
bool Consumer::fill(Part& part, int64_t max_bytes) {
  while (part.ready.empty()) {
    if (!part.grew->exchange(false) && !follows_) return false;
    const int64_t before = part.next_fetch;
    try {
      fetch(part, max_bytes);
    } catch (...) {
      part.grew->store(true);  // the next one who looks gets the error, too
      throw;
    }
    if (part.next_fetch == before) return false;
    part.grew->store(true);
  }
  return true;
}

void Consumer::fetch(Part& part, int64_t max_bytes) {
  auto fetched = fetch_records(*part.log, part.next_fetch, max_bytes, options_.read_committed);
  if (fetched) {
    part.next_fetch = fetched->next_offset;
    part.ready.assign(fetched->parts.begin(), fetched->parts.end());
    return;
  }
  const ReadFault& fault = fetched.error();
  if (fault.kind == ReadFault::Kind::kClosed)
    throw NotFoundError(message("poll: ", describe(part.key), " was deleted"));
  if (options_.reset == ConsumerOptions::Reset::kNone)
    throw ArgumentError(message("poll: ", fault.why));
  const bool earliest = options_.reset == ConsumerOptions::Reset::kEarliest;
  part.next_fetch = earliest ? fault.bounds.start_offset : end_of(*part.log);
}

bool Consumer::has_records() {
  const std::lock_guard lock(mutex_);
  for (Part& part : parts_)
    if (!part.paused && fill(part, kFetchBytes)) return true;
  return false;
}

/// There may be another topic of its name.
bool Consumer::is_deleted(const Part& part) {
  const auto info = store_.find_topic(part.key.first);
  const auto index = static_cast<size_t>(part.key.second);
  return !info || index >= info->partitions.size() || info->partitions[index] != part.log;
}

/// A deleted topic tells nobody: who is about to wait looks whether it is still there.
void Consumer::check_topics() {
  const std::lock_guard lock(mutex_);
  const std::string* last = nullptr;
  for (const Part& part : parts_) {
    if (last != nullptr && *last == part.key.first) continue;
    last = &part.key.first;
    if (is_deleted(part))
      throw NotFoundError(message("poll: ", describe(part.key), " was deleted"));
  }
}

bool Consumer::wait(int64_t timeout_ms) {
  using Clock = std::chrono::steady_clock;
  check_open("poll");
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  uint64_t first;
  {
    const std::lock_guard lock(signal_->mutex);
    first = signal_->count;
  }
  for (uint64_t seen = first;;) {
    if (has_records()) return true;
    check_topics();
    std::unique_lock lock(signal_->mutex);
    const auto changed = [&] { return signal_->closed || signal_->count != seen; };
    const auto until = follows_
                           ? std::min(deadline, Clock::now() + std::chrono::milliseconds(kFollowMs))
                           : deadline;
    const bool was_changed = signal_->changed.wait_until(lock, until, changed);
    if (signal_->closed) return false;
    if (!was_changed && Clock::now() >= deadline) return false;
    seen = signal_->count;
  }
}

std::vector<Consumed> Consumer::take(int64_t max_rows, bool one_topic) {
  check_open("poll");
  if (max_rows < 1)
    throw ArgumentError(
        message("poll: expected at least 1 record to be asked for, got ", max_rows));
  const int64_t max_bytes = max_rows >= kManyRows ? kLargeFetchBytes : kFetchBytes;
  std::vector<Consumed> out;
  const std::lock_guard lock(mutex_);
  int64_t left = max_rows;
  for (size_t i = 0; i < parts_.size() && left > 0; ++i) {
    Part& part = parts_[(turn_ + i) % parts_.size()];
    if (part.paused || (one_topic && !out.empty() && out.front().topic != part.key.first)) continue;
    try {
      while (left > 0 && fill(part, max_bytes)) left -= take_from(part, left, out);
    } catch (const Error&) {
      if (out.empty()) throw;  // else the next call does
    }
    if (left == 0) turn_ = (turn_ + i + 1) % parts_.size();
  }
  return out;
}

/// Returns how many records it took.
int64_t Consumer::take_from(Part& part, int64_t max_rows, std::vector<Consumed>& out) {
  Table table = std::move(part.ready.front());
  part.ready.pop_front();
  if (table.rows() > max_rows) {
    part.ready.push_front(table.slice(max_rows, table.rows() - max_rows));
    table = table.slice(0, max_rows);
  }
  const int64_t rows = table.rows();
  out.push_back({part.key.first, part.key.second, std::move(table)});
  return rows;
}

}  // namespace cne::log
