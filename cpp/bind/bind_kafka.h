#pragma once

#include "bind/bind.h"

namespace cne::bind {

/// Adds the messages, for tests, to `cnengine._core.kafka`.
void bind_kafka_recode(nb::module_& m);
/// Adds users and rules to `cnengine._core.kafka`.
void bind_kafka_security(nb::module_& m);
/// Adds the broker to `cnengine._core.kafka`.
void bind_kafka_broker(nb::module_& m);
/// Adds the groups of consumers of this process to `cnengine._core.kafka`.
void bind_kafka_groups(nb::module_& m);

}  // namespace cne::bind
