#include "kafka/broker.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <future>
#include <memory>
#include <type_traits>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/fork_guard.h"
#include "core/random.h"
#include "kafka/api_table.h"
#include "kafka/group_metrics.h"
#include "kafka/log_metrics.h"
#include "kafka/topics.h"
#include "log/topic_config.h"

namespace cne::kafka {

namespace {

constexpr int64_t kTimeoutCheckMs = 5000;
constexpr char kMetaName[] = "/broker.meta";

/// The cluster's id: of the directory, made when a broker first opens it.
std::string load_cluster_id(const std::string& path) {
  const std::string file = path + kMetaName;
  constexpr std::string_view kPrefix = "cluster.id=";
  if (file_exists(file)) {
    const std::string text = read_file(file);
    if (!text.starts_with(kPrefix) || text.size() != kPrefix.size() + 23 || text.back() != '\n')
      throw CorruptionError(message("broker: ", file, " holds no cluster id"));
    return text.substr(kPrefix.size(), 22);
  }
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string id;
  for (int i = 0; i < 22; ++i) id += kDigits[random_uint64() & 63];
  if (id[0] == '-') id[0] = 'A';  // tools take it for an option
  write_file_atomic(file, message(kPrefix, id, '\n'));
  return id;
}

std::vector<ListenerAddress> listeners_of(const BrokerConfig& config) {
  auto listeners = parse_listeners(config.listeners, "listeners");
  if (listeners.empty())
    throw ArgumentError("broker: expected \"listeners\" to name at least one, got none");
  map_protocols(listeners, config.security);
  return listeners;
}

}  // namespace

/// A listening socket, on the first loop.
class Broker::Acceptor final : public EventSink {
 public:
  Acceptor(Broker& broker, int descriptor, std::string listener)
      : broker_(broker), descriptor_(descriptor), listener_(std::move(listener)) {}
  ~Acceptor() override { ::close(descriptor_); }
  void on_events(uint32_t) override { broker_.accept(*this); }

  int descriptor() const { return descriptor_; }
  const std::string& listener() const { return listener_; }

 private:
  Broker& broker_;
  int descriptor_;
  std::string listener_;
};

Broker::Broker(log::TopicStore& store, BrokerConfig config)
    : store_(store),
      forks_(fork_count()),
      config_(std::move(config)),
      dynamic_settings_(store.path()),
      listeners_(listeners_of(config_)),
      cluster_id_(load_cluster_id(store.path())),
      security_(store.path(), config_.security, listeners_),
      quotas_(store.path()),
      request_log_(config_, *store.options().clock),
      fetch_sessions_(static_cast<size_t>(config_.max_incremental_fetch_session_cache_slots)),
      producer_ids_(store.path()) {
  limits_.max_request_bytes = static_cast<size_t>(config_.socket_request_max_bytes);
  limits_.max_all_bytes_in_flight = static_cast<size_t>(config_.queued_max_request_bytes);
  limits_.max_idle_ms = config_.connections_max_idle_ms;
  limits_.max_setup_ms = security_.setup_timeout_ms();
  told_topic_defaults_ = log::kafka_defaults();
  for (const auto& [name, value] : config_.topic_defaults)
    log::set_setting(told_topic_defaults_, name, value, "broker");
  if (config_.message_max_bytes != BrokerConfig().message_max_bytes)
    log::set_setting(told_topic_defaults_, "max.message.bytes",
                     std::to_string(config_.message_max_bytes), "broker");
  const BrokerConfig usual;
  if (config_.log_retention_check_interval_ms != usual.log_retention_check_interval_ms ||
      config_.log_cleaner_backoff_ms != usual.log_cleaner_backoff_ms ||
      config_.producer_id_expiration_ms != usual.producer_id_expiration_ms)
    store_.set_housekeeping(config_.log_retention_check_interval_ms, config_.log_cleaner_backoff_ms,
                            config_.producer_id_expiration_ms);
  advertised_ = parse_listeners(config_.advertised_listeners, "advertised.listeners");
  for (const ListenerAddress& address : listeners_) {
    uint16_t port = address.port;
    const int descriptor = open_listener(address.host, port);
    acceptors_.push_back(std::make_unique<Acceptor>(*this, descriptor, address.name));
    endpoints_.push_back({address.name, address.host, port});
  }
  if (config_.advertised_listeners.empty()) config_.advertised_listeners = advertised_text();
  for (int32_t i = 0; i < config_.num_network_threads; ++i)
    loops_.push_back(std::make_unique<EventLoop>());
  groups_ = StoreGroups::of(store_, &config_);
  apply_settings();
  connections_.resize(loops_.size());
  transactions_ = std::make_unique<BrokerTransactions>(store_, producer_ids_, config_, *loops_[0]);
  transactions_->log().set_offsets_listener(
      [this](int32_t partition, const TransactionMarker& marker) {
        groups().end_transaction(partition, marker.producer.id, marker.commit);
      });
}

Broker::~Broker() {
  stop();
  if (forks_ == fork_count()) return;
  // A forked child: mutexes of threads that are not there may be held for ever, so what they guard
  // is let go of untouched. The listeners are closed, as the parent has its own.
  const auto let_go = [](auto& member) {
    using Member = std::remove_reference_t<decltype(member)>;
    static_cast<void>(std::make_unique<Member>(std::move(member)).release());
  };
  let_go(connections_);
  let_go(transactions_);
  let_go(groups_);
  let_go(loops_);
}

int64_t Broker::now_ms() const { return store_.options().clock->now_ms(); }

std::string Broker::metrics_text() const {
  auto samples = metrics_.samples(open_connections_);
  const auto most = static_cast<size_t>(config_.metrics_max_partitions);
  const size_t partitions = add_log_samples(store_, most, samples);
  const size_t offsets = add_group_samples(groups_->coordinator(), store_, most, samples);
  for (const auto& [of, count] : {std::pair{"partitions", partitions}, {"group offsets", offsets}})
    samples.push_back({"cnengine_metrics_left_off",
                       "What is not shown, by metrics.max.partitions.",
                       MetricSample::Kind::kGauge,
                       {{"of", of}},
                       static_cast<double>(count)});
  return prometheus_text(samples);
}

Broker::Endpoint Broker::advertised(const std::string& listener) const {
  for (const ListenerAddress& address : advertised_)
    if (address.name == listener) return {address.name, address.host, address.port};
  for (const Endpoint& endpoint : endpoints_) {
    if (endpoint.name != listener) continue;
    const bool any = endpoint.host.empty() || endpoint.host == "0.0.0.0" || endpoint.host == "::";
    return {endpoint.name, any ? "localhost" : endpoint.host, endpoint.port};
  }
  return endpoints_.front();
}

std::string Broker::advertised_text() const {
  std::string text;
  for (const Endpoint& each : endpoints_) {
    const auto [name, host, port] = advertised(each.name);
    const bool is_v6 = host.find(':') != std::string::npos;
    text +=
        message(text.empty() ? "" : ",", name, "://", is_v6 ? "[" + host + "]" : host, ":", port);
  }
  return text;
}

void Broker::start() {
  if (started_.exchange(true)) return;
  append_listener_ =
      store_.append_listeners().add([this](log::PartitionLog& log) { fetch_waiters_.wake(log); });
  for (size_t i = 0; i < loops_.size(); ++i) {
    loops_[i]->start();
    loops_[i]->post([this, i] { check_timeouts(i); });
  }
  transactions_->start();
  loops_[0]->post([this] {
    for (const auto& acceptor : acceptors_)
      loops_[0]->add(acceptor->descriptor(), EPOLLIN, acceptor.get());
  });
  request_log_.started(store_.path(), advertised_text());
}

void Broker::stop() {
  if (forks_ != fork_count()) return;
  if (!started_.exchange(false)) return;
  // New connections first, then those that are there, each on its own loop.
  for (size_t i = 0; i < loops_.size(); ++i) {
    std::promise<void> done;
    loops_[i]->post([&, i] {
      if (i == 0)
        for (const auto& acceptor : acceptors_)
          loops_[0]->remove(acceptor->descriptor(), acceptor.get());
      std::vector<std::shared_ptr<Connection>> all;
      for (const auto& each : connections_[i]) all.push_back(each.second);
      for (const auto& connection : all) connection->close("the broker stops");
      all.clear();
      // Behind what lets go of them, and so closes their sockets.
      loops_[i]->post([&done] { done.set_value(); });
    });
    done.get_future().wait();
  }
  store_.append_listeners().remove(append_listener_);
  security_.stop();
  for (const auto& loop : loops_) loop->stop();
  answer_gate_->shut();
  for (auto& connections : connections_) connections.clear();
  acceptors_.clear();
  request_log_.stopped();
}

void Broker::accept(Acceptor& acceptor) {
  for (int i = 0; i < 64; ++i) {
    const int descriptor =
        accept4(acceptor.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      // Out of descriptors: the connection stays in the queue, and would wake the loop at once.
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) rest(acceptor);
      return;
    }
    if (open_connections_ >= config_.max_connections) {
      ::close(descriptor);
      continue;
    }
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto peer = std::make_shared<Peer>();
    peer->address = peer_address(descriptor, peer->port);
    peer->listener = acceptor.listener();
    peer->connection_id = next_connection_++;
    const size_t at = next_loop_++ % loops_.size();
    auto transport = security_.open(descriptor, peer);
    auto connection = std::make_shared<Connection>(
        descriptor, std::move(transport), std::move(peer), *loops_[at], limits_,
        [this](const CallPtr& call) { dispatch(*this, call); },
        [this, at](Connection& closing) { closed(at, closing); });
    ++open_connections_;
    metrics_.connections.add();
    loops_[at]->post([this, at, connection] {
      try {
        connection->open();
        request_log_.opened(connection->peer());
        connections_[at][connection.get()] = connection;
      } catch (const std::exception&) {  // no memory for it
        --open_connections_;
      }
    });
  }
}

void Broker::rest(Acceptor& acceptor) {
  constexpr int64_t kRestMs = 100;
  loops_[0]->change(acceptor.descriptor(), 0, &acceptor);
  loops_[0]->after(kRestMs, [this, &acceptor] {
    if (started_) loops_[0]->change(acceptor.descriptor(), EPOLLIN, &acceptor);
  });
}

void Broker::closed(size_t loop, Connection& connection) {
  --open_connections_;
  request_log_.closed(connection.peer(), connection.close_reason());
  const auto found = connections_[loop].find(&connection);
  if (found == connections_[loop].end()) return;
  // It may be on the stack: it goes when the loop is back.
  loops_[loop]->post([kept = std::move(found->second)] {});
  connections_[loop].erase(found);
}

void Broker::check_timeouts(size_t loop) {
  std::vector<std::shared_ptr<Connection>> all;
  for (const auto& each : connections_[loop]) all.push_back(each.second);
  const int64_t now = EventLoop::now_ms();
  for (const auto& connection : all) connection->check_timeouts(now);
  loops_[loop]->after(std::min(kTimeoutCheckMs, limits_.max_idle_ms),
                      [this, loop] { check_timeouts(loop); });
}

log::TopicConfig Broker::topic_defaults() const {
  const std::lock_guard lock(defaults_mutex_);
  return topic_defaults_;
}

void Broker::apply_settings() {
  const std::lock_guard applying(apply_mutex_);
  log::TopicConfig defaults = told_topic_defaults_;
  for (const std::string& broker : {std::string(), std::to_string(config_.node_id)})
    for (const auto& [name, value] : dynamic_settings_.of(ResourceType::kBroker, broker)) {
      const DynamicSetting* setting = find_dynamic_setting(ResourceType::kBroker, name);
      if (setting != nullptr && !setting->topic_setting.empty())
        log::set_setting(defaults, setting->topic_setting, value, "broker");
    }
  store_.set_topic_defaults(defaults);
  {
    const std::lock_guard lock(defaults_mutex_);
    topic_defaults_ = defaults;
  }
  std::map<std::string, ConsumerTimes, std::less<>> of_groups;
  for (std::string& group : dynamic_settings_.resources(ResourceType::kGroup)) {
    const auto number = [&](const char* name) -> int64_t {
      const auto value = dynamic_settings_.find(ResourceType::kGroup, group, name);
      int64_t out = 0;
      if (value) std::from_chars(value->data(), value->data() + value->size(), out);
      return out;
    };
    const ConsumerTimes times{number("consumer.session.timeout.ms"),
                              static_cast<int32_t>(number("consumer.heartbeat.interval.ms"))};
    of_groups.emplace(std::move(group), times);
  }
  groups().set_consumer_times(std::move(of_groups));
}

bool Broker::create_on_demand(const std::string& topic) {
  // The broker's own topics have their own settings and numbers of partitions.
  if (!config_.auto_create_topics_enable || is_internal(topic)) return false;
  const std::lock_guard lock(create_mutex_);
  log::TopicConfig config;
  config.partitions = config_.num_partitions;
  store_.create_topic(topic, config, true);
  return true;
}

}  // namespace cne::kafka
