// The settings half of topic_config.h.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "core/error.h"
#include "log/topic_config.h"

namespace cne::log {

namespace {

/// One setting: how it is read (false for a bad value), printed, and taken from another config.
struct Entry {
  TopicSetting setting;
  bool (*parse)(std::string_view text, TopicConfig& config);
  std::string (*print)(const TopicConfig& config);
  void (*copy)(const TopicConfig& from, TopicConfig& to);
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

template <auto kMember>
void copy_member(const TopicConfig& from, TopicConfig& to) {
  to.*kMember = from.*kMember;
}

template <auto kMember, int64_t kLeast, int64_t kMost>
bool parse_number(std::string_view text, TopicConfig& config) {
  int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return false;
  if (value < kLeast || value > kMost) return false;
  config.*kMember = value;
  return true;
}

template <auto kMember>
std::string print_number(const TopicConfig& config) {
  return std::to_string(config.*kMember);
}

constexpr int64_t kEver = TopicConfig::kEver;
constexpr int64_t kIntMost = std::numeric_limits<int32_t>::max();

template <auto kMember, int64_t kLeast, int64_t kMost = kEver>
constexpr Entry number(std::string_view name, std::string_view expected,
                       std::string_view description) {
  return {{name, kMost == kIntMost ? SettingType::kInt : SettingType::kLong, expected, description},
          &parse_number<kMember, kLeast, kMost>,
          &print_number<kMember>,
          &copy_member<kMember>};
}

template <auto kMember>
constexpr Entry flag(std::string_view name, std::string_view description) {
  return {{name, SettingType::kBoolean, "true or false", description},
          [](std::string_view text, TopicConfig& config) {
            if (text != "true" && text != "false") return false;
            config.*kMember = text == "true";
            return true;
          },
          [](const TopicConfig& config) { return std::string(config.*kMember ? "true" : "false"); },
          &copy_member<kMember>};
}

constexpr std::array<std::string_view, 6> kCompressions = {"producer", "uncompressed", "gzip",
                                                           "snappy",   "lz4",          "zstd"};
constexpr std::array<std::string_view, 2> kTimestamps = {"CreateTime", "LogAppendTime"};
constexpr std::array<std::string_view, 3> kPolicies = {"always", "interval", "none"};

/// One of some names, which are in the order of the enumeration.
template <auto kMember, const auto& kNames>
constexpr Entry choice(std::string_view name, std::string_view expected,
                       std::string_view description) {
  return {{name, SettingType::kString, expected, description},
          [](std::string_view text, TopicConfig& config) {
            const auto found = std::find(kNames.begin(), kNames.end(), text);
            using Enum = std::remove_reference_t<decltype(config.*kMember)>;
            if (found == kNames.end()) return false;
            config.*kMember = static_cast<Enum>(found - kNames.begin());
            return true;
          },
          [](const TopicConfig& config) {
            return std::string(kNames[static_cast<size_t>(config.*kMember)]);
          },
          &copy_member<kMember>};
}

bool parse_cleanup(std::string_view text, TopicConfig& config) {
  bool remove = false;
  bool compact = false;
  bool delete_first = false;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view each = trimmed(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (each != "delete" && each != "compact") return false;
    (each == "delete" ? remove : compact) = true;
    if (!compact) delete_first = true;
  }
  config.cleanup_delete_first = delete_first && compact;
  config.cleanup_delete = remove;
  config.cleanup_compact = compact;
  return true;
}

std::string print_cleanup(const TopicConfig& config) {
  if (!config.cleanup_compact) return config.cleanup_delete ? "delete" : "";
  if (!config.cleanup_delete) return "compact";
  return config.cleanup_delete_first ? "delete,compact" : "compact,delete";
}

bool parse_ratio(std::string_view text, TopicConfig& config) {
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return false;
  if (!(value >= 0 && value <= 1)) return false;
  config.min_cleanable_dirty_ratio = value;
  return true;
}

std::string print_ratio(const TopicConfig& config) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), config.min_cleanable_dirty_ratio);
  return {text.data(), end.ptr};
}

using C = TopicConfig;

/// By name, and never in another order: TopicConfig::set counts by it.
constexpr Entry kEntries[] = {
    {{"cleanup.policy", SettingType::kList, "delete, compact or both",
      "What happens to old records: delete by age and size, compact to the last one of each key."},
     &parse_cleanup,
     &print_cleanup,
     [](const C& from, C& to) {
       to.cleanup_delete = from.cleanup_delete;
       to.cleanup_delete_first = from.cleanup_delete_first;
       to.cleanup_compact = from.cleanup_compact;
     }},
    choice<&C::compression, kCompressions>(
        "compression.type", "producer, uncompressed, gzip, snappy, lz4 or zstd",
        "How batches are stored; producer keeps what the client chose."),
    number<&C::delete_retention_ms, 0>(
        "delete.retention.ms", "a number of at least 0",
        "How long compaction keeps records without a value, so that readers see the removal."),
    number<&C::file_delete_delay_ms, 0>(
        "file.delete.delay.ms", "a number of at least 0",
        "Accepted; files that readers have open stay readable, however long that is."),
    number<&C::flush_messages, 1>("flush.messages", "a number of at least 1",
                                  "After so many records the next acknowledgement waits for a "
                                  "sync; 1 is fsync=always."),
    number<&C::flush_ms, 0>("flush.ms", "a number of at least 0",
                            "Records are synced at the latest after so many milliseconds."),
    choice<&C::fsync, kPolicies>("fsync", "always, interval or none",
                                 "When written bytes are forced to the disk."),
    number<&C::index_interval_bytes, 0, kIntMost>("index.interval.bytes", "a number of at least 0",
                                                  "Accepted; the indexes have one entry in 4096."),
    number<&C::max_compaction_lag_ms, 1>(
        "max.compaction.lag.ms", "a number of at least 1",
        "A record that is older makes a compaction due, whatever the dirty ratio."),
    number<&C::max_message_bytes, 0, kIntMost>("max.message.bytes", "a number of at least 0",
                                               "The largest batch that is taken."),
    number<&C::timestamp_after_max_ms, 0>(
        "message.timestamp.after.max.ms", "a number of at least 0",
        "How far the time of a record may be ahead of the broker's."),
    number<&C::timestamp_before_max_ms, 0>(
        "message.timestamp.before.max.ms", "a number of at least 0",
        "How far the time of a record may be behind the broker's."),
    choice<&C::timestamp, kTimestamps>("message.timestamp.type", "CreateTime or LogAppendTime",
                                       "Whose time records have: their maker's or the broker's."),
    {{"min.cleanable.dirty.ratio", SettingType::kDouble, "a number from 0 to 1",
      "Which part of a partition must be new before a compaction is worth it."},
     &parse_ratio,
     &print_ratio,
     &copy_member<&C::min_cleanable_dirty_ratio>},
    number<&C::min_compaction_lag_ms, 0>("min.compaction.lag.ms", "a number of at least 0",
                                         "How long a record is safe from compaction."),
    number<&C::min_insync_replicas, 1, kIntMost>(
        "min.insync.replicas", "a number of at least 1",
        "How many replicas acks=all asks for; there is one."),
    flag<&C::preallocate>("preallocate", "Accepted; segments are never preallocated."),
    number<&C::retention_bytes, -1>("retention.bytes", "a number of at least -1",
                                    "What a partition keeps at least; -1: everything."),
    number<&C::retention_ms, -1>("retention.ms", "a number of at least -1",
                                 "How long records are kept; -1: for ever."),
    number<&C::segment_bytes, 1024, kIntMost>("segment.bytes", "a number from 1024 to 2147483647",
                                              "A file is closed when it would become larger."),
    number<&C::segment_index_bytes, 4, kIntMost>("segment.index.bytes", "a number of at least 4",
                                                 "Accepted; indexes are as large as need be."),
    number<&C::segment_jitter_ms, 0>("segment.jitter.ms", "a number of at least 0",
                                     "segment.ms of each file is shorter by up to as much."),
    number<&C::segment_ms, 1>("segment.ms", "a number of at least 1",
                              "A file is closed when its first record is older."),
    flag<&C::unclean_leader_election>("unclean.leader.election.enable",
                                      "Accepted; there is one replica."),
};

const Entry& entry(std::string_view name, const char* function) {
  return kEntries[find_setting(name, function)];
}

}  // namespace

const std::vector<TopicSetting>& topic_settings() {
  static const std::vector<TopicSetting> all = [] {
    std::vector<TopicSetting> out;
    for (const Entry& each : kEntries) out.push_back(each.setting);
    return out;
  }();
  return all;
}

size_t find_setting(std::string_view name, const char* function) {
  std::vector<std::string> names;
  for (const Entry& each : kEntries) {
    if (each.setting.name == name) return static_cast<size_t>(&each - kEntries);
    names.emplace_back(each.setting.name);
  }
  throw ArgumentError(message(function, ": no setting", describe_unknown(name, names)));
}

std::string get_setting(const TopicConfig& config, std::string_view name, const char* function) {
  return entry(name, function).print(config);
}

void set_setting(TopicConfig& config, std::string_view name, std::string_view value,
                 const char* function) {
  const size_t i = find_setting(name, function);
  if (!kEntries[i].parse(trimmed(value), config))
    throw ArgumentError(message(function, ": expected ", name, " to be ",
                                kEntries[i].setting.expected, ", got \"", value, "\""));
  config.set.set(i);
}

void unset_setting(TopicConfig& config, std::string_view name, const char* function) {
  config.set.reset(find_setting(name, function));
}

bool is_set(const TopicConfig& config, std::string_view name, const char* function) {
  return config.set.test(find_setting(name, function));
}

void note_changes(TopicConfig& config, const TopicConfig& from) {
  for (size_t i = 0; i < std::size(kEntries); ++i)
    if (kEntries[i].print(config) != kEntries[i].print(from)) config.set.set(i);
}

void apply_defaults(TopicConfig& config, const TopicConfig& defaults) {
  for (size_t i = 0; i < std::size(kEntries); ++i)
    if (!config.set.test(i)) kEntries[i].copy(defaults, config);
}

TopicConfig kafka_defaults() {
  TopicConfig out;
  out.retention_ms = int64_t{7} * 24 * 3600 * 1000;
  out.segment_bytes = 1 << 30;
  out.segment_ms = int64_t{7} * 24 * 3600 * 1000;
  return out;
}

void check_config(const TopicConfig& config, const char* function) {
  if (config.partitions < 1 || config.partitions > 10'000)
    throw ArgumentError(
        message(function, ": expected partitions from 1 to 10000, got ", config.partitions));
  TopicConfig copy;
  for (const Entry& each : kEntries) {
    const std::string value = each.print(config);
    if (!each.parse(value, copy))
      throw ArgumentError(message(function, ": expected ", each.setting.name, " to be ",
                                  each.setting.expected, ", got \"", value, "\""));
  }
}

}  // namespace cne::log
