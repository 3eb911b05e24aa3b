// What finds, makes, changes and removes topics: the other half of topic_store.h.
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "log/topic_config.h"
#include "log/topic_store.h"

namespace cne::log {

namespace {

constexpr char kConfigName[] = "/topic.config";
// No topic's name can end, or begin, like this.
constexpr char kUnfinished[] = "~new";
constexpr char kDeleted = '~';

/// What a file manager or a person left among the topics is no topic.
bool is_topic(const std::string& directory) {
  return is_directory(directory) &&
         (file_exists(directory + kConfigName) || file_exists(directory + "/0"));
}

/// Directories of empty partitions, each with its first file, and durable but for their own names.
void create_partitions(const std::string& topic, int32_t first, int32_t end) {
  constexpr int32_t kMany = 8;
  for (int32_t i = first; i < end; ++i) {
    const std::string directory = message(topic, "/", i);
    remove_tree(directory);
    create_directories(directory);
    File::open(directory + "/" + segment_name(0) + ".log", File::Mode::kReadWrite);
  }
  if (end - first >= kMany && sync_filesystem(topic)) return;
  for (int32_t i = first; i < end; ++i) sync_directory(message(topic, "/", i));
}

}  // namespace

std::string TopicStore::directory_of(const std::string& name) const {
  return message(path_, "/topics/", name);
}

void TopicStore::check_writable(const char* function) const {
  check_open(function);
  if (options_.read_only)
    throw StateError(message(function, ": the log \"", path_, "\" is open for reading only"));
}

TopicConfig TopicStore::with_defaults(TopicConfig config) const {
  apply_defaults(config, defaults_);
  return config;
}

void TopicStore::put(const std::string& name, TopicPtr topic) {
  names_[topic->info.config->id] = name;
  topics_[name] = std::move(topic);
  ++version_;
}

/// Finds the topics in the directory that are not loaded yet, and forgets those that are gone. The
/// caller holds the mutex, or nobody else has the store yet.
void TopicStore::load_topics() {
  const std::string directory = path_ + "/topics";
  std::erase_if(topics_, [&](const auto& each) { return !is_topic(directory_of(each.first)); });
  for (const std::string& name : list_directory(directory)) {
    if (name.ends_with(kUnfinished) || name.front() == kDeleted) {
      if (!options_.read_only) remove_tree(directory + "/" + name);
      continue;
    }
    if (is_topic(directory + "/" + name) && !topics_.contains(name)) put(name, load_topic(name));
  }
}

std::shared_ptr<PartitionLog> TopicStore::load_partition(const std::string& name, int32_t index,
                                                         PartitionLog::ConfigPtr config) {
  return std::make_shared<PartitionLog>(message(directory_of(name), "/", index), name, index,
                                        std::move(config), context_);
}

TopicStore::TopicPtr TopicStore::load_topic(const std::string& name) {
  const std::string file = directory_of(name) + kConfigName;
  TopicConfig config = parse_config(read_file(file), file);
  if (config.id == TopicId{} && !options_.read_only) {  // of a version before there were any
    config.id = random_topic_id();
    write_file_atomic(file, format_config(config));
  }
  auto out = std::make_shared<Topic>();
  out->info.name = name;
  out->info.config = std::make_shared<const TopicConfig>(with_defaults(config));
  out->sticky = std::make_shared<std::atomic<uint32_t>>(0);
  for (int32_t i = 0; i < config.partitions; ++i)
    out->info.partitions.push_back(load_partition(name, i, out->info.config));
  return out;
}

void TopicStore::create_topic(const std::string& name, const TopicConfig& wanted, bool exist_ok) {
  check_writable("create_topic");
  check_topic_name(name, "create_topic");
  check_config(wanted, "create_topic");
  const std::lock_guard admin(admin_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (topics_.contains(name)) {
      if (exist_ok) return;
      throw ArgumentError(message("create_topic: topic \"", name, "\" already exists"));
    }
  }
  TopicConfig config = wanted;
  note_changes(config, TopicConfig());
  config.id = random_topic_id();
  // Built beside and renamed, so that a topic is there whole or not at all.
  const std::string topics = path_ + "/topics";
  const std::string directory = directory_of(name);
  const std::string unfinished = directory + kUnfinished;
  remove_tree(unfinished);
  create_partitions(unfinished, 0, config.partitions);
  write_file_atomic(unfinished + kConfigName, format_config(config));  // syncs the directory
  rename_file(unfinished, directory);
  sync_directory(topics);
  try {
    TopicPtr topic = load_topic(name);
    const std::lock_guard lock(mutex_);
    put(name, std::move(topic));
  } catch (const IoError&) {
    // Too many open files, say: what cannot be opened now would keep the whole log from opening.
    rename_file(directory, unfinished);
    sync_directory(topics);
    remove_tree(unfinished);
    throw;
  }
}

void TopicStore::delete_topic(const std::string& name) {
  check_writable("delete_topic");
  const std::lock_guard admin(admin_mutex_);
  const TopicPtr gone = topic(name, "delete_topic");
  const std::string deleted = directory_of(kDeleted + format_topic_id(gone->info.config->id));
  for (const auto& partition : gone->info.partitions) partition->forsake();
  try {
    rename_file(directory_of(name), deleted);
  } catch (const IoError&) {
    for (const auto& partition : gone->info.partitions) partition->recall();
    throw;
  }
  {
    const std::lock_guard lock(mutex_);
    names_.erase(gone->info.config->id);
    topics_.erase(name);
    ++version_;
  }
  for (const auto& partition : gone->info.partitions) partition->tell_forsaken();
  sync_directory(path_ + "/topics");
  try {
    remove_tree(deleted);
  } catch (const IoError&) {
    // The next opening tries again.
  }
}

void TopicStore::add_partitions(const std::string& name, int32_t count) {
  check_writable("add_partitions");
  const std::lock_guard admin(admin_mutex_);
  const TopicPtr before = topic(name, "add_partitions");
  TopicConfig config = *before->info.config;
  if (count <= config.partitions)
    throw ArgumentError(message("add_partitions: topic \"", name, "\" has ", config.partitions,
                                " partitions, expected more than that, got ", count));
  const int32_t first = std::exchange(config.partitions, count);
  check_config(config, "add_partitions");
  auto after = std::make_shared<Topic>(*before);
  after->info.config = std::make_shared<const TopicConfig>(config);
  const std::string directory = directory_of(name);
  // The description is written last: what a crash leaves before it is not looked at.
  create_partitions(directory, first, count);
  for (int32_t i = first; i < count; ++i)
    after->info.partitions.push_back(load_partition(name, i, after->info.config));
  write_file_atomic(directory + kConfigName, format_config(config));
  for (const auto& partition : after->info.partitions) partition->set_config(after->info.config);
  const std::lock_guard lock(mutex_);
  put(name, std::move(after));
}

void TopicStore::alter_config(const std::string& name,
                              const std::function<void(TopicConfig&)>& change) {
  check_writable("alter_config");
  const std::lock_guard admin(admin_mutex_);
  const TopicPtr before = topic(name, "alter_config");
  TopicConfig config = *before->info.config;
  change(config);
  config.partitions = before->info.config->partitions;
  config.id = before->info.config->id;
  check_config(config, "alter_config");
  write_file_atomic(directory_of(name) + kConfigName, format_config(config));
  auto after = std::make_shared<Topic>(*before);
  after->info.config = std::make_shared<const TopicConfig>(with_defaults(config));
  for (const auto& partition : after->info.partitions) partition->set_config(after->info.config);
  const std::lock_guard lock(mutex_);
  put(name, std::move(after));
}

void TopicStore::set_topic_defaults(const TopicConfig& defaults) {
  check_open("set_topic_defaults");
  const std::lock_guard admin(admin_mutex_);
  const std::lock_guard lock(mutex_);
  defaults_ = defaults;
  defaults_.fsync = options_.fsync;
  for (auto& [name, topic] : topics_) {
    auto after = std::make_shared<Topic>(*topic);
    after->info.config = std::make_shared<const TopicConfig>(with_defaults(*topic->info.config));
    for (const auto& partition : after->info.partitions) partition->set_config(after->info.config);
    topic = std::move(after);
  }
}

}  // namespace cne::log
