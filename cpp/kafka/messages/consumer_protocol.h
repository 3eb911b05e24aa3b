#pragma once

#include "kafka/wire.h"

namespace cne::kafka {

// What consumers of classic groups tell each other inside of JoinGroup and SyncGroup: an int16
// version, then these fields, never flexible. A version that is newer than 3 begins with them.

struct ConsumerProtocolTopic {
  std::string name;
  std::vector<int32_t> partitions;
  bool operator==(const ConsumerProtocolTopic&) const = default;
  template <class Io>
  void fields(Io& io) {
    io(name);
    io(partitions);
  }
};

struct ConsumerProtocolSubscription {
  static constexpr int16_t kLastVersion = 3;

  std::vector<std::string> topics;
  std::optional<Bytes> user_data;
  std::vector<ConsumerProtocolTopic> owned;
  int32_t generation_id = -1;
  std::optional<std::string> rack_id;

  template <class Io>
  void fields(Io& io) {
    io(topics);
    io(user_data);
    io(owned, since(1));
    io(generation_id, since(2));
    io(rack_id, since(3));
  }
};

struct ConsumerProtocolAssignment {
  static constexpr int16_t kLastVersion = 3;

  std::vector<ConsumerProtocolTopic> topics;
  std::optional<Bytes> user_data;

  template <class Io>
  void fields(Io& io) {
    io(topics);
    io(user_data);
  }
};

}  // namespace cne::kafka
