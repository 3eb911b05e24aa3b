#include "kafka/broker_metrics.h"

#include "core/clock.h"
#include "kafka/api_table.h"

namespace cne::kafka {

BrokerMetrics::BrokerMetrics() {
  for (const Route& route : routes()) apis_[route.api.key].name = route.api.name;
}

void BrokerMetrics::record(const Call& call) {
  bytes_in.add(static_cast<int64_t>(call.size()));
  const auto found = apis_.find(call.header().key);
  if (found == apis_.end()) return;
  found->second.latency.record(monotonic_ns() - call.started_ns());
  if (call.error() == ErrorCode::kNone) return;
  const auto at = static_cast<size_t>(static_cast<int>(call.error()) + 1);
  if (at < found->second.errors.size()) found->second.errors[at].add();
}

std::vector<MetricSample> BrokerMetrics::samples(int64_t open_connections) const {
  using Kind = MetricSample::Kind;
  std::vector<MetricSample> out;
  const auto add = [&](const char* name, const char* help, Kind kind, double value) {
    out.push_back({name, help, kind, {}, value, nullptr});
  };
  add("cnengine_broker_connections", "Open connections.", Kind::kGauge,
      static_cast<double>(open_connections));
  add("cnengine_broker_accepted_connections_total", "Connections taken.", Kind::kCounter,
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
  for (const auto& [key, api] : apis_)
    if (api.latency.count() > 0)
      out.push_back({"cnengine_broker_request_seconds",
                     "From request to answer; of fetches and joins with their waiting.",
                     Kind::kHistogram,
                     {{"api", api.name}},
                     0,
                     &api.latency});
  for (const auto& [key, api] : apis_)
    for (size_t i = 0; i < api.errors.size(); ++i)
      if (const int64_t count = api.errors[i].value(); count > 0)
        out.push_back({"cnengine_broker_errors_total",
                       "Answers whose first error is this one.",
                       Kind::kCounter,
                       {{"api", api.name},
                        {"error", error_name(static_cast<ErrorCode>(static_cast<int>(i) - 1))}},
                       static_cast<double>(count)});
  return out;
}

}  // namespace cne::kafka
