#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "core/metrics.h"
#include "kafka/api.h"
#include "kafka/call.h"

namespace cne::kafka {

/// What a broker counts. Any thread may record and read.
class BrokerMetrics {
 public:
  BrokerMetrics();

  /// Of a request that is answered: its time from the last byte read to the answer, the time that
  /// it waited for records or members too; and the first error of the answer.
  void record(const Call& call);

  Counter connections;
  Counter bytes_in;   // of requests
  Counter bytes_out;  // of responses, file bytes too
  Counter record_bytes_in;
  Counter record_bytes_out;
  Counter failed_requests;  // that could not be understood
  Counter failed_logins;

  std::vector<MetricSample> samples(int64_t open_connections) const;

 private:
  struct OfApi {
    std::string name;
    Histogram latency;
    std::array<Counter, kErrorCodes> errors;  // from code -1 on
  };
  std::map<int16_t, OfApi> apis_;  // fixed once made
};

}  // namespace cne::kafka
