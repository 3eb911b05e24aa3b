#include "bind/bind_kafka.h"

namespace cne::bind {

void bind_kafka(nb::module_& m) {
  bind_kafka_security(m);
  bind_kafka_broker(m);
  bind_kafka_groups(m);
  bind_kafka_recode(m);
}

}  // namespace cne::bind
