#include "log/topic_store.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/file.h"

namespace cne::log {

namespace {
constexpr int64_t kTicksToForget = 60;
}

TopicStore::TopicStore(std::string path, LogOptions options)
    : path_(std::move(path)),
      options_(std::move(options)),
      context_(std::make_shared<LogContext>(options_)),
      defaults_(options_.topic_defaults),
      owner_(getpid()) {
  defaults_.fsync = options_.fsync;
  if (path_.empty()) throw ArgumentError("open: expected a path, got \"\"");
  producer_expiration_ms_ = options_.producer_expiration_ms;
  if (options_.fsync_interval_ms < 1)
    throw ArgumentError(message("open: expected fsync_interval_ms of at least 1, got ",
                                options_.fsync_interval_ms));
  if (options_.read_only && options_.repair)
    throw ArgumentError("open: repair writes to the log, so it cannot be read_only");
  if (options_.read_only && !file_exists(path_ + "/topics"))
    throw NotFoundError(message("open: \"", path_, "\" is not a log"));
  if (!options_.read_only) {
    create_durably(path_);
    lock_.emplace(path_, "open");
    create_durably(path_ + "/topics");
  }
  load_topics();
  if (options_.read_only) return;
  // What the writer before may not have come to. Nobody has seen it yet.
  const Partitions partitions = all_partitions();
  sync_together(partitions);
  for (const auto& each : partitions) each->flush();
  last_interval_ms_ = monotonic_ns() / 1'000'000;
  flusher_ = std::make_unique<Flusher>(tick_ms(), [this] { tick(); });
  start_keepers(options_.housekeeping_interval_ms, options_.compaction_interval_ms);
}

TopicStore::~TopicStore() {
  try {
    close();
  } catch (const std::exception&) {
    // A destructor has nobody to tell; recovery will do what the close could not.
  }
}

bool TopicStore::is_forked() const { return owner_ != getpid(); }

void TopicStore::check_open(const char* function) const {
  if (is_forked())
    throw StateError(message(function, ": the log \"", path_, "\" was opened by process ", owner_,
                             ", before a fork; open it again in this one"));
  if (closed_.load()) throw StateError(message(function, ": the log \"", path_, "\" is closed"));
}

void TopicStore::throw_unknown(const std::string& name, const char* function) const {
  std::vector<std::string> names;
  for (const auto& each : topics_) names.push_back(each.first);
  throw NotFoundError(message(function, ": no topic", describe_unknown(name, names)));
}

TopicStore::TopicPtr TopicStore::topic(const std::string& name, const char* function) {
  check_open(function);
  const std::lock_guard lock(mutex_);
  auto found = topics_.find(name);
  if (found == topics_.end() && options_.read_only) {
    load_topics();  // the writer may have created it since
    found = topics_.find(name);
  }
  if (found == topics_.end()) throw_unknown(name, function);
  return found->second;
}

std::vector<TopicStore::TopicPtr> TopicStore::all_topics() {
  const std::lock_guard lock(mutex_);
  std::vector<TopicPtr> out;
  for (const auto& each : topics_) out.push_back(each.second);
  return out;
}

std::vector<std::string> TopicStore::topics() {
  check_open("topics");
  const std::lock_guard lock(mutex_);
  if (options_.read_only) load_topics();
  std::vector<std::string> out;
  for (const auto& each : topics_) out.push_back(each.first);
  return out;
}

std::shared_ptr<const TopicStore::TopicInfo> TopicStore::find_topic(const std::string& name) {
  check_open("find_topic");
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(name);
  if (found == topics_.end()) return nullptr;
  return {found->second, &found->second->info};
}

std::shared_ptr<const TopicStore::TopicInfo> TopicStore::topic_by_id(const TopicId& id) {
  check_open("topic_by_id");
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(id);
  if (found == names_.end()) return nullptr;
  const TopicPtr& topic = topics_.find(found->second)->second;
  return {topic, &topic->info};
}

TopicId TopicStore::topic_id(const std::string& name) {
  return topic(name, "topic_id")->info.config->id;
}

TopicConfig TopicStore::config(const std::string& name) {
  return *topic(name, "config")->info.config;
}

int32_t TopicStore::partitions(const std::string& name) {
  return topic(name, "partitions")->info.config->partitions;
}

std::shared_ptr<PartitionLog> TopicStore::partition(const std::string& name, int32_t partition,
                                                    const char* function) {
  const TopicPtr found = topic(name, function);
  const int32_t count = found->info.config->partitions;
  if (partition < 0 || partition >= count)
    throw NotFoundError(message(function, ": topic \"", name, "\" has no partition ", partition,
                                ", expected 0 to ", count - 1));
  return found->info.partitions[static_cast<size_t>(partition)];
}

std::vector<Appended> TopicStore::produce(const std::string& name, const Table& table,
                                          const ProduceOptions& options) {
  const TopicPtr found = topic(name, "produce");
  const auto& partitions = found->info.partitions;
  std::vector<Appended> out =
      log::produce(partitions, table, options, *options_.clock, *found->sticky);
  for (const Appended& range : out)
    partitions[static_cast<size_t>(range.partition)]->enforce_retention_if_rolled();
  return out;
}

Table TopicStore::read(const std::string& topic, int32_t partition, int64_t offset,
                       int64_t max_bytes) {
  return this->partition(topic, partition, "read")->read(offset, max_bytes);
}

int64_t TopicStore::start_offset(const std::string& topic, int32_t partition) {
  return this->partition(topic, partition, "start_offset")->start_offset();
}

int64_t TopicStore::end_offset(const std::string& topic, int32_t partition) {
  return this->partition(topic, partition, "end_offset")->end_offset();
}

int64_t TopicStore::offset_for_timestamp(const std::string& topic, int32_t partition,
                                         int64_t timestamp_ms) {
  return this->partition(topic, partition, "offset_for_timestamp")
      ->offset_for_timestamp(timestamp_ms);
}

/// Syncs many partitions at once, where there are many; what is left is for `flush` of each.
void TopicStore::sync_together(const Partitions& partitions) {
  constexpr size_t kMany = 32;
  std::vector<std::pair<PartitionLog*, int64_t>> ends;
  for (const auto& each : partitions)
    if (const std::optional<int64_t> end = each->to_sync()) ends.emplace_back(each.get(), *end);
  try {
    if (ends.size() < kMany || !sync_filesystem(path_)) return;
    for (const auto& [partition, end] : ends) partition->note_synced(end);
  } catch (const IoError&) {
    // Whose bytes it was that could not be written is found by the sync of each.
  }
}

TopicStore::Partitions TopicStore::all_partitions() {
  Partitions out;
  for (const TopicPtr& each : all_topics())
    out.insert(out.end(), each->info.partitions.begin(), each->info.partitions.end());
  return out;
}

void TopicStore::flush() {
  check_open("flush");
  const Partitions partitions = all_partitions();
  sync_together(partitions);
  for (const auto& partition : partitions) partition->flush();
}

int64_t TopicStore::tick_ms() const { return std::min<int64_t>(options_.fsync_interval_ms, 1000); }

/// For the flusher: each partition remembers its own failure and tells the next append.
void TopicStore::tick() {
  const int64_t now_ms = monotonic_ns() / 1'000'000;
  const bool interval_is_over = now_ms - last_interval_ms_ + tick_ms() > options_.fsync_interval_ms;
  if (interval_is_over) last_interval_ms_ = now_ms;
  const Partitions partitions = all_partitions();
  Partitions due;
  for (const auto& each : partitions)
    if (each->is_flush_due(now_ms, tick_ms(), interval_is_over)) due.push_back(each);
  sync_together(due);
  for (const auto& each : due) {
    try {
      each->flush();
    } catch (const IoError&) {
    }
  }
  const bool forget = ++ticks_ % kTicksToForget == 0;
  for (const auto& each : partitions) {
    each->checkpoint_if_due();
    if (forget) each->forget_indexes();
  }
}

void TopicStore::keep_house() {
  for (const auto& partition : all_partitions())
    partition->keep_house(producer_expiration_ms_.load());
}

void TopicStore::start_keepers(int64_t interval_ms, int64_t compaction_interval_ms) {
  if (interval_ms <= 0 || options_.read_only) return;
  keeper_ = std::make_unique<Flusher>(interval_ms, [this] { keep_house(); });
  if (compaction_interval_ms <= 0 || compaction_interval_ms >= interval_ms) return;
  compactor_ = std::make_unique<Flusher>(compaction_interval_ms, [this] { compact_due(); });
}

/// What failed is tried again, and told, by keep_house.
void TopicStore::compact_due() {
  for (const auto& partition : all_partitions()) {
    if (!partition->config()->cleanup_compact || !partition->trouble().empty()) continue;
    try {
      partition->compact(false);
    } catch (const Error&) {
    }
  }
}

void TopicStore::set_housekeeping(int64_t interval_ms, int64_t compaction_interval_ms,
                                  int64_t producer_expiration_ms) {
  check_open("set_housekeeping");
  const std::lock_guard admin(admin_mutex_);
  producer_expiration_ms_ = producer_expiration_ms;
  keeper_.reset();
  compactor_.reset();
  start_keepers(interval_ms, compaction_interval_ms);
}

std::vector<TopicStore::Trouble> TopicStore::troubles() {
  check_open("troubles");
  std::vector<Trouble> out;
  for (const auto& each : all_partitions())
    if (std::string what = each->trouble(); !what.empty())
      out.push_back({each->topic(), each->index(), std::move(what)});
  return out;
}

int64_t TopicStore::enforce_retention() {
  check_open("enforce_retention");
  int64_t removed = 0;
  for (const auto& partition : all_partitions()) removed += partition->enforce_retention();
  return removed;
}

std::vector<RecoveryNote> TopicStore::recovery_notes() {
  if (is_forked()) check_open("recovery_notes");
  std::vector<RecoveryNote> out;
  for (const auto& partition : all_partitions())
    out.insert(out.end(), partition->recovery_notes().begin(), partition->recovery_notes().end());
  return out;
}

void TopicStore::close() {
  if (closed_.exchange(true)) return;
  flusher_.reset();
  keeper_.reset();
  compactor_.reset();
  context_->committer.stop();
  if (is_forked()) {
    // The files are the parent's, and its threads may hold any mutex: leave all as it is.
    static_cast<void>(std::make_unique<decltype(topics_)>(std::move(topics_)).release());
    return;
  }
  std::exception_ptr first;
  const Partitions partitions = all_partitions();
  sync_together(partitions);
  for (const auto& partition : partitions) {
    try {
      partition->close();
    } catch (const std::exception&) {
      if (!first) first = std::current_exception();
    }
  }
  lock_.reset();
  if (first) std::rethrow_exception(first);
}

}  // namespace cne::log
