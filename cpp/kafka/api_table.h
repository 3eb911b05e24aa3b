#pragma once

#include <cstdint>
#include <vector>

#include "kafka/api.h"
#include "kafka/call.h"

namespace cne::kafka {

class Broker;

/// How requests of one API are answered.
struct Route {
  Api api;
  /// Decodes the request of a version that the API has, and calls its handler.
  void (*run)(Broker& broker, const CallPtr& call);
};

/// Every API that this broker speaks, ascending by key: the one list of handlers.
const std::vector<Route>& routes();
/// Null when there is none.
const Route* find_route(int16_t key);

/// Answers a request, or hangs up when its bytes cannot be understood. Never throws.
void dispatch(Broker& broker, const CallPtr& call);

}  // namespace cne::kafka
