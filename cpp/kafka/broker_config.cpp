#include "kafka/broker_config.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <set>
#include <variant>

#include "core/error.h"

namespace cne::kafka {

namespace {

using Field = std::variant<int32_t BrokerConfig::*, int64_t BrokerConfig::*, bool BrokerConfig::*,
                           std::string BrokerConfig::*>;

struct Setting {
  const char* name;
  Field field;
  int64_t least;
  const char* documentation;
};

constexpr int64_t kAny = std::numeric_limits<int64_t>::min();

const std::vector<Setting>& settings() {
  using C = BrokerConfig;
  static const std::vector<Setting> all = {
      {"advertised.listeners", &C::advertised_listeners, kAny,
       "What clients are told to connect to; as listeners when empty."},
      {"auto.create.topics.enable", &C::auto_create_topics_enable, kAny,
       "Whether a topic is created when a client first asks for it."},
      {"connections.max.idle.ms", &C::connections_max_idle_ms, 1,
       "A connection without a request for so long is closed."},
      {"default.replication.factor", &C::default_replication_factor, 1,
       "Of topics created without one; one broker holds one replica."},
      {"delete.topic.enable", &C::delete_topic_enable, kAny, "Whether topics may be deleted."},
      {"fetch.max.bytes", &C::fetch_max_bytes, 1024, "The most bytes of one fetch response."},
      {"group.consumer.heartbeat.interval.ms", &C::group_consumer_heartbeat_interval_ms, 1,
       "Of members of the consumer group protocol."},
      {"group.consumer.max.heartbeat.interval.ms", &C::group_consumer_max_heartbeat_interval_ms, 1,
       "The longest that can be set for a group."},
      {"group.consumer.max.session.timeout.ms", &C::group_consumer_max_session_timeout_ms, 1,
       "The longest that can be set for a group."},
      {"group.consumer.min.heartbeat.interval.ms", &C::group_consumer_min_heartbeat_interval_ms, 1,
       "The shortest that can be set for a group."},
      {"group.consumer.min.session.timeout.ms", &C::group_consumer_min_session_timeout_ms, 1,
       "The shortest that can be set for a group."},
      {"group.consumer.session.timeout.ms", &C::group_consumer_session_timeout_ms, 1,
       "Of members of the consumer group protocol."},
      {"group.initial.rebalance.delay.ms", &C::group_initial_rebalance_delay_ms, 0,
       "How long an empty group waits for more members."},
      {"group.max.session.timeout.ms", &C::group_max_session_timeout_ms, 1,
       "The longest session timeout that a member may ask for."},
      {"group.max.size", &C::group_max_size, 1, "The most members of a group."},
      {"group.min.session.timeout.ms", &C::group_min_session_timeout_ms, 1,
       "The shortest session timeout that a member may ask for."},
      {"listeners", &C::listeners, kAny, "Where the broker listens: NAME://host:port, ..."},
      {"log.cleaner.backoff.ms", &C::log_cleaner_backoff_ms, 0,
       "How often partitions are looked for that are worth a compaction."},
      {"log.flush.interval.ms", &C::log_flush_interval_ms, 1,
       "How often topics with fsync=interval are forced to the disk."},
      {"log.retention.check.interval.ms", &C::log_retention_check_interval_ms, 1,
       "How often retention is applied."},
      {"logging.file", &C::logging_file, kAny,
       "Where events are written as lines of JSON; the standard error when empty. Not Kafka's."},
      {"logging.file.max.bytes", &C::logging_file_max_bytes, 4096,
       "A larger one becomes <file>.1. Not Kafka's."},
      {"logging.level", &C::logging_level, kAny, "error, warn, info or debug. Not Kafka's."},
      {"logging.max.lines.per.second", &C::logging_max_lines_per_second, 1,
       "Of each level; more are counted and dropped. Not Kafka's."},
      {"logging.slow.request.ms", &C::logging_slow_request_ms, 0,
       "A request that takes longer than it may wait and this is a warning. Not Kafka's."},
      {"max.connections", &C::max_connections, 0, "The most connections at once."},
      {"max.incremental.fetch.session.cache.slots", &C::max_incremental_fetch_session_cache_slots,
       0, "The most fetch sessions that are kept."},
      {"message.max.bytes", &C::message_max_bytes, 0,
       "The largest record batch, unless the topic says otherwise."},
      {"metrics.max.partitions", &C::metrics_max_partitions, 0,
       "The most topics, partitions and offsets of groups that the metrics show. Not Kafka's."},
      {"node.id", &C::node_id, 0, "The number of this broker."},
      {"num.network.threads", &C::num_network_threads, 1, "Event loops."},
      {"num.partitions", &C::num_partitions, 1, "Of topics created without a number."},
      {"offset.metadata.max.bytes", &C::offset_metadata_max_bytes, 0,
       "The longest metadata of a committed offset."},
      {"offsets.retention.minutes", &C::offsets_retention_minutes, 1,
       "How long offsets of empty groups are kept."},
      {"offsets.topic.num.partitions", &C::offsets_topic_num_partitions, 1,
       "Of __consumer_offsets."},
      {"producer.id.expiration.ms", &C::producer_id_expiration_ms, 1,
       "A producer that wrote nothing for so long is forgotten."},
      {"queued.max.request.bytes", &C::queued_max_request_bytes, 1,
       "Bytes of requests in work; connections wait beyond it."},
      {"socket.request.max.bytes", &C::socket_request_max_bytes, 1024, "The largest request."},
      {"transaction.abort.timed.out.transaction.cleanup.interval.ms",
       &C::transaction_abort_check_interval_ms, 1,
       "How often transactions are looked for that took longer than their timeout."},
      {"transaction.max.timeout.ms", &C::transaction_max_timeout_ms, 1,
       "The longest timeout that a transactional producer may ask for."},
      {"transaction.remove.expired.transaction.cleanup.interval.ms",
       &C::transactional_id_check_interval_ms, 1,
       "How often transactional ids are looked for that nobody uses."},
      {"transaction.state.log.num.partitions", &C::transaction_state_log_num_partitions, 1,
       "Of __transaction_state."},
      {"transactional.id.expiration.ms", &C::transactional_id_expiration_ms, 1,
       "A transactional id that was not used for so long is forgotten."},
  };
  return all;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

template <typename T>
T parse_number(const Setting& setting, std::string_view value) {
  T number{};
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() ||
      static_cast<int64_t>(number) < setting.least)
    throw ArgumentError(
        message("broker: expected \"", setting.name, "\" to be a whole number",
                setting.least == kAny ? std::string() : message(" of at least ", setting.least),
                ", got \"", std::string(value), "\""));
  return number;
}

std::string format(const BrokerConfig& config, const Field& field) {
  return std::visit(
      [&](auto member) -> std::string {
        const auto& value = config.*member;
        using T = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<T, bool>)
          return value ? "true" : "false";
        else if constexpr (std::is_same_v<T, std::string>)
          return value;
        else
          return std::to_string(value);
      },
      field);
}

const char* type_name(const Field& field) {
  static constexpr const char* kNames[] = {"int", "long", "boolean", "string"};
  return kNames[field.index()];
}

}  // namespace

const std::map<std::string, std::string, std::less<>>& BrokerConfig::topic_names() {
  static const std::map<std::string, std::string, std::less<>> all = {
      {"compression.type", "compression.type"},
      {"log.cleaner.delete.retention.ms", "delete.retention.ms"},
      {"log.cleaner.max.compaction.lag.ms", "max.compaction.lag.ms"},
      {"log.cleaner.min.cleanable.ratio", "min.cleanable.dirty.ratio"},
      {"log.cleaner.min.compaction.lag.ms", "min.compaction.lag.ms"},
      {"log.cleanup.policy", "cleanup.policy"},
      {"log.flush.interval.messages", "flush.messages"},
      {"log.fsync", "fsync"},
      {"log.index.interval.bytes", "index.interval.bytes"},
      {"log.index.size.max.bytes", "segment.index.bytes"},
      {"log.message.timestamp.after.max.ms", "message.timestamp.after.max.ms"},
      {"log.message.timestamp.before.max.ms", "message.timestamp.before.max.ms"},
      {"log.message.timestamp.type", "message.timestamp.type"},
      {"log.preallocate", "preallocate"},
      {"log.retention.bytes", "retention.bytes"},
      {"log.retention.ms", "retention.ms"},
      {"log.roll.jitter.ms", "segment.jitter.ms"},
      {"log.roll.ms", "segment.ms"},
      {"log.segment.bytes", "segment.bytes"},
      {"log.segment.delete.delay.ms", "file.delete.delay.ms"},
      {"min.insync.replicas", "min.insync.replicas"},
      {"unclean.leader.election.enable", "unclean.leader.election.enable"},
  };
  return all;
}

void BrokerConfig::set(std::string_view name, std::string_view value) {
  if (name == "broker.id") name = "node.id";
  places.erase(std::string(name));
  if (const auto topic = topic_names().find(name); topic != topic_names().end()) {
    topic_defaults[topic->second] = std::string(value);
    places.erase(topic->second);
    return;
  }
  if (SecurityConfig::find(name) != nullptr) return security.set(name, value);
  const auto& all = settings();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Setting& s) { return name == s.name; });
  if (found == all.end()) {
    std::vector<std::string> names;
    for (const Setting& setting : all) names.emplace_back(setting.name);
    for (const auto& [broker_name, topic_name] : topic_names()) names.push_back(broker_name);
    for (const auto& setting : SecurityConfig::settings()) names.emplace_back(setting.name);
    throw ArgumentError(message("broker: no setting", describe_unknown(name, names)));
  }
  std::visit(
      [&](auto member) {
        using T = std::remove_cvref_t<decltype(this->*member)>;
        if constexpr (std::is_same_v<T, bool>) {
          if (value != "true" && value != "false")
            throw ArgumentError(message("broker: expected \"", found->name,
                                        "\" to be true or false, got \"", std::string(value),
                                        "\""));
          this->*member = value == "true";
        } else if constexpr (std::is_same_v<T, std::string>) {
          this->*member = std::string(value);
        } else {
          this->*member = parse_number<T>(*found, value);
        }
      },
      found->field);
}

void BrokerConfig::set_from_text(std::string_view text, std::string_view file) {
  size_t line_number = 0;
  const auto next_line = [&] {
    ++line_number;
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
  };
  while (!text.empty()) {
    std::string line(next_line());
    if (line.empty() || line.front() == '#' || line.front() == '!') continue;
    const size_t first = line_number;
    // As in Java's properties, a backslash at the end of a line joins it to the next one.
    while (line.ends_with('\\')) {
      line.pop_back();
      if (text.empty()) break;
      line += next_line();
    }
    // The line is not repeated: it may be part of a password or a key.
    const size_t equals = line.find('=');
    if (equals == std::string::npos)
      throw ArgumentError(message("broker: expected name=value in line ", first, " of ",
                                  std::string(file), ", got a line without \"=\""));
    const std::string_view whole = line;
    const std::string name(trim(whole.substr(0, equals)));
    const std::string place = message("line ", first, " of ", file);
    try {
      set(name, trim(whole.substr(equals + 1)));
    } catch (const ArgumentError& error) {
      throw ArgumentError(message(error.what(), " (", place, ")"));
    }
    places[name] = place;
    // What is wrong with a default of topics is told under their name for it.
    if (const auto topic = topic_names().find(name); topic != topic_names().end())
      places[topic->second] = place;
  }
}

std::string BrokerConfig::with_place(const std::string& error) const {
  constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  size_t begin = error.find_first_of(kNameCharacters);
  while (begin != std::string::npos) {
    const size_t end = std::min(error.find_first_not_of(kNameCharacters, begin), error.size());
    const std::string word = error.substr(begin, end - begin);
    // Or that of one listener: `listener.name.sasl_ssl.ssl.client.auth`.
    const bool has_dot = word.find('.') != std::string::npos;
    const auto found = std::find_if(places.begin(), places.end(), [&](const auto& each) {
      return each.first == word || (has_dot && each.first.ends_with("." + word));
    });
    if (found != places.end()) return message(error, " (", found->second, ")");
    begin = error.find_first_of(kNameCharacters, end);
  }
  return error;
}

std::vector<BrokerConfig::Entry> BrokerConfig::entries() const {
  const BrokerConfig standard;
  std::vector<Entry> out;
  for (const Setting& setting : settings()) {
    const std::string value = format(*this, setting.field);
    out.push_back({setting.name, value, value == format(standard, setting.field),
                   type_name(setting.field), setting.documentation});
  }
  for (const auto& [broker_name, topic_name] : topic_names())
    if (const auto found = topic_defaults.find(topic_name); found != topic_defaults.end())
      out.push_back({broker_name, found->second, false, "string",
                     "The default of the topics' setting " + topic_name + "."});
  for (auto& entry : security.entries())
    out.push_back({std::move(entry.name), std::move(entry.value), entry.is_default, entry.type,
                   entry.documentation, entry.is_secret});
  return out;
}

std::vector<ListenerAddress> parse_listeners(std::string_view text, std::string_view setting) {
  std::vector<ListenerAddress> out;
  std::set<std::string> names;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view one = trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    const size_t scheme = one.find("://");
    const size_t colon = one.rfind(':');
    ListenerAddress address;
    uint32_t port = 0;
    bool good = scheme != std::string_view::npos && colon > scheme + 2;
    if (good) {
      address.name = address.protocol = std::string(one.substr(0, scheme));
      std::string_view host = one.substr(scheme + 3, colon - scheme - 3);
      if (host.size() > 1 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
      address.host = std::string(host);
      const std::string_view digits = one.substr(colon + 1);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
      good = error == std::errc() && end == digits.data() + digits.size() && port < 65536 &&
             names.insert(address.name).second;
    }
    if (!good)
      throw ArgumentError(message("broker: expected \"", std::string(setting),
                                  "\" to be NAME://host:port with different names, got \"",
                                  std::string(one), "\""));
    address.port = static_cast<uint16_t>(port);
    out.push_back(std::move(address));
  }
  return out;
}

}  // namespace cne::kafka
