#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct OffsetFetchResponse {
  struct Partition {
    int32_t index = 0;
    int64_t offset = -1;
    int32_t leader_epoch = -1;
    std::optional<std::string> metadata;
    ErrorCode error = ErrorCode::kNone;
    template <class Io>
    void fields(Io& io) {
      io(index);
      io(offset);
      io(leader_epoch, since(5));
      io(metadata);
      io(error);
    }
  };
  struct Topic {
    std::string name;
    Uuid topic_id;
    std::vector<Partition> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name, until(9));
      io(topic_id, since(10));
      io(partitions);
    }
  };
  struct Group {
    std::string group_id;
    std::vector<Topic> topics;
    ErrorCode error = ErrorCode::kNone;
    template <class Io>
    void fields(Io& io) {
      io(group_id);
      io(topics);
      io(error);
    }
  };

  int32_t throttle_time_ms = 0;
  // The one group of versions before 8.
  std::vector<Topic> topics;
  ErrorCode error = ErrorCode::kNone;
  std::vector<Group> groups;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms, since(3));
    io(topics, until(7));
    io(error, between(2, 7));
    io(groups, since(8));
  }
};

struct OffsetFetchRequest {
  using Response = OffsetFetchResponse;
  static constexpr Api kApi{9, "OffsetFetch", 1, 10, 6};

  struct Topic {
    std::string name;
    Uuid topic_id;
    std::vector<int32_t> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name, until(9));
      io(topic_id, since(10));
      io(partitions);
    }
  };
  struct Group {
    std::string group_id;
    std::optional<std::string> member_id;
    int32_t member_epoch = -1;
    std::optional<std::vector<Topic>> topics;  // null: all
    template <class Io>
    void fields(Io& io) {
      io(group_id);
      io(member_id, since(9));
      io(member_epoch, since(9));
      io(topics);
    }
  };

  // The one group of versions before 8.
  std::string group_id;
  std::optional<std::vector<Topic>> topics;  // null, since version 2: all
  std::vector<Group> groups;
  bool require_stable = false;

  template <class Io>
  void fields(Io& io) {
    io(group_id, until(7));
    io(topics, until(7), since(2));
    io(groups, since(8));
    io(require_stable, since(7));
  }
};

}  // namespace cne::kafka
