#include "log/topic_store.h"

#include <unistd.h>

#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "log/topic_config.h"

namespace cne::log {

namespace {

constexpr char kConfigName[] = "/topic.config";
// No topic's name can end like this.
constexpr char kUnfinished[] = "~new";

/// What a file manager or a person left among the topics is no topic.
bool is_topic(const std::string& directory) {
  return is_directory(directory) &&
         (file_exists(directory + kConfigName) || file_exists(directory + "/0"));
}

std::string topics_directory(const std::string& path) { return path + "/topics"; }

}  // namespace

TopicStore::TopicStore(std::string path, LogOptions options)
    : path_(std::move(path)), options_(options), owner_(getpid()) {
  if (path_.empty()) throw ArgumentError("open: expected a path, got \"\"");
  if (options_.fsync_interval_ms < 1)
    throw ArgumentError(message("open: expected fsync_interval_ms of at least 1, got ",
                                options_.fsync_interval_ms));
  if (options_.read_only && options_.repair)
    throw ArgumentError("open: repair writes to the log, so it cannot be read_only");
  if (options_.read_only && !file_exists(topics_directory(path_)))
    throw NotFoundError(message("open: \"", path_, "\" is not a log"));
  if (!options_.read_only) {
    create_durably(path_);
    lock_.emplace(path_, "open");
    create_durably(topics_directory(path_));
  }
  load_topics();
  if (options_.fsync == FsyncPolicy::kInterval && !options_.read_only)
    flusher_ = std::make_unique<Flusher>(options_.fsync_interval_ms, [this] { flush_quietly(); });
}

TopicStore::~TopicStore() {
  try {
    close();
  } catch (const std::exception&) {
    // A destructor has nobody to tell; recovery will do what the close could not.
  }
}

/// Finds the topics in the directory that are not loaded yet. The caller holds the mutex, or
/// nobody else has the store yet.
void TopicStore::load_topics() {
  const std::string directory = topics_directory(path_);
  for (const std::string& name : list_directory(directory)) {
    if (name.ends_with(kUnfinished)) {
      if (!options_.read_only) remove_tree(directory + "/" + name);
      continue;
    }
    if (is_topic(directory + "/" + name) && !topics_.contains(name))
      topics_[name] = load_topic(name);
  }
}

std::unique_ptr<TopicStore::Topic> TopicStore::load_topic(const std::string& name) {
  const std::string directory = topics_directory(path_) + "/" + name;
  auto out = std::make_unique<Topic>();
  out->config = parse_config(read_file(directory + kConfigName), directory + kConfigName);
  for (int32_t i = 0; i < out->config.partitions; ++i)
    out->partitions.push_back(std::make_unique<PartitionLog>(
        message(directory, "/", i), message("topic \"", name, "\" partition ", i), out->config,
        options_));
  return out;
}

bool TopicStore::is_forked() const { return owner_ != getpid(); }

void TopicStore::check_open(const char* function) const {
  if (is_forked())
    throw StateError(message(function, ": the log \"", path_, "\" was opened by process ", owner_,
                             ", before a fork; open it again in this one"));
  if (closed_.load()) throw StateError(message(function, ": the log \"", path_, "\" is closed"));
}

TopicStore::Topic& TopicStore::topic(const std::string& name, const char* function) {
  check_open(function);
  const std::lock_guard lock(mutex_);
  auto found = topics_.find(name);
  if (found == topics_.end() && options_.read_only) {
    load_topics();  // the writer may have created it since
    found = topics_.find(name);
  }
  if (found != topics_.end()) return *found->second;
  std::vector<std::string> names;
  for (const auto& each : topics_) names.push_back(each.first);
  throw NotFoundError(message(function, ": no topic", describe_unknown(name, names)));
}

std::vector<TopicStore::Topic*> TopicStore::all_topics() {
  const std::lock_guard lock(mutex_);
  std::vector<Topic*> out;
  for (const auto& each : topics_) out.push_back(each.second.get());
  return out;
}

void TopicStore::create_topic(const std::string& name, const TopicConfig& config, bool exist_ok) {
  check_open("create_topic");
  if (options_.read_only)
    throw StateError(message("create_topic: the log \"", path_, "\" is open for reading only"));
  check_topic_name(name, "create_topic");
  check_config(config, "create_topic");
  const std::lock_guard lock(mutex_);
  if (topics_.contains(name)) {
    if (exist_ok) return;
    throw ArgumentError(message("create_topic: topic \"", name, "\" already exists"));
  }
  // Built beside and renamed, so that a topic is there whole or not at all.
  const std::string directory = topics_directory(path_) + "/" + name;
  const std::string unfinished = directory + kUnfinished;
  remove_tree(unfinished);
  for (int32_t i = 0; i < config.partitions; ++i) create_directories(message(unfinished, "/", i));
  write_file_atomic(unfinished + kConfigName, format_config(config));  // syncs the directory
  rename_file(unfinished, directory);
  sync_directory(topics_directory(path_));
  try {
    topics_[name] = load_topic(name);
  } catch (const IoError&) {
    // Too many open files, say: what cannot be opened now would keep the whole log from opening.
    topics_.erase(name);
    rename_file(directory, unfinished);
    sync_directory(topics_directory(path_));
    remove_tree(unfinished);
    throw;
  }
}

std::vector<std::string> TopicStore::topics() {
  check_open("topics");
  const std::lock_guard lock(mutex_);
  if (options_.read_only) load_topics();
  std::vector<std::string> out;
  for (const auto& each : topics_) out.push_back(each.first);
  return out;
}

TopicConfig TopicStore::config(const std::string& name) { return topic(name, "config").config; }

int32_t TopicStore::partitions(const std::string& name) {
  return topic(name, "partitions").config.partitions;
}

PartitionLog& TopicStore::partition(const std::string& name, int32_t partition,
                                    const char* function) {
  Topic& found = topic(name, function);
  if (partition < 0 || partition >= found.config.partitions)
    throw NotFoundError(message(function, ": topic \"", name, "\" has no partition ", partition,
                                ", expected 0 to ", found.config.partitions - 1));
  return *found.partitions[static_cast<size_t>(partition)];
}

std::vector<Appended> TopicStore::produce(const std::string& name, const Table& table,
                                          const ProduceOptions& options) {
  Topic& found = topic(name, "produce");
  std::vector<Appended> out =
      log::produce(found.partitions, table, options, *options_.clock, found.sticky);
  for (const Appended& range : out)
    found.partitions[static_cast<size_t>(range.partition)]->enforce_retention_if_rolled();
  return out;
}

Table TopicStore::read(const std::string& topic, int32_t partition, int64_t offset,
                       int64_t max_bytes) {
  return this->partition(topic, partition, "read").read(offset, max_bytes);
}

int64_t TopicStore::start_offset(const std::string& topic, int32_t partition) {
  return this->partition(topic, partition, "start_offset").start_offset();
}

int64_t TopicStore::end_offset(const std::string& topic, int32_t partition) {
  return this->partition(topic, partition, "end_offset").end_offset();
}

int64_t TopicStore::offset_for_timestamp(const std::string& topic, int32_t partition,
                                         int64_t timestamp_ms) {
  return this->partition(topic, partition, "offset_for_timestamp")
      .offset_for_timestamp(timestamp_ms);
}

void TopicStore::flush() {
  check_open("flush");
  for (Topic* each : all_topics())
    for (const auto& partition : each->partitions) partition->flush();
}

/// For the flusher: each partition remembers its own failure and tells the next append.
void TopicStore::flush_quietly() {
  for (Topic* each : all_topics())
    for (const auto& partition : each->partitions) {
      try {
        partition->flush();
      } catch (const IoError&) {
      }
    }
}

int64_t TopicStore::enforce_retention() {
  check_open("enforce_retention");
  int64_t removed = 0;
  for (Topic* each : all_topics())
    for (const auto& partition : each->partitions) removed += partition->enforce_retention();
  return removed;
}

std::vector<RecoveryNote> TopicStore::recovery_notes() {
  if (is_forked()) check_open("recovery_notes");
  std::vector<RecoveryNote> out;
  for (Topic* each : all_topics())
    for (const auto& partition : each->partitions)
      out.insert(out.end(), partition->recovery_notes().begin(), partition->recovery_notes().end());
  return out;
}

void TopicStore::close() {
  if (closed_.exchange(true)) return;
  flusher_.reset();
  if (is_forked()) {
    // The files are the parent's, and its threads may hold any mutex: leave all as it is.
    for (auto& each : topics_) static_cast<void>(each.second.release());
    return;
  }
  std::exception_ptr first;
  for (Topic* each : all_topics())
    for (const auto& partition : each->partitions) {
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
