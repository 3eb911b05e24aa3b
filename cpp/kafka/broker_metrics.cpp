#include "kafka/broker_metrics.h"

#include <tuple>
#include <utility>

#include "core/clock.h"
#include "kafka/api_table.h"

namespace cne::kafka {

BrokerMetrics::BrokerMetrics() {
  for (const Route& route : routes())
    latency_
        .emplace(std::piecewise_construct, std::forward_as_tuple(route.api.key),
                 std::forward_as_tuple())
        .first->second.first = route.api.name;
}

void BrokerMetrics::record(const Call& call) {
  bytes_in.add(static_cast<int64_t>(call.size()));
  if (const auto found = latency_.find(call.header().key); found != latency_.end())
    found->second.second.record(monotonic_ns() - call.started_ns());
}

std::vector<MetricSample> BrokerMetrics::samples(int64_t open_connections) const {
  using Kind = MetricSample::Kind;
  std::vector<MetricSample> out;
  const auto add = [&](const char* name, const char* help, Kind kind, double value) {
    out.push_back({name, help, kind, {}, value, nullptr});
  };
  add("cnengine_broker_connections", "Open connections.", Kind::kGauge,
      static_cast<double>(open_connections));
  add("cnengine_broker_connections_total", "Connections taken.", Kind::kCounter,
      static_cast<double>(connections.value()));
  add("cnengine_broker_bytes_in_total", "Bytes of requests.", Kind::kCounter,
      static_cast<double>(bytes_in.value()));
  add("cnengine_broker_bytes_out_total", "Bytes of responses.", Kind::kCounter,
      static_cast<double>(bytes_out.value()));
  add("cnengine_broker_record_bytes_in_total", "Bytes of record batches produced.", Kind::kCounter,
      static_cast<double>(record_bytes_in.value()));
  add("cnengine_broker_record_bytes_out_total", "Bytes of record batches fetched.", Kind::kCounter,
      static_cast<double>(record_bytes_out.value()));
  add("cnengine_broker_failed_requests_total", "Requests that could not be understood.",
      Kind::kCounter, static_cast<double>(failed_requests.value()));
  add("cnengine_broker_failed_logins_total", "Logins that failed.", Kind::kCounter,
      static_cast<double>(failed_logins.value()));
  for (const auto& [key, latency] : latency_)
    if (latency.second.count() > 0)
      out.push_back({"cnengine_broker_request_seconds",
                     "From request to answer.",
                     Kind::kHistogram,
                     {{"api", latency.first}},
                     0,
                     &latency.second});
  return out;
}

}  // namespace cne::kafka
