#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct ConsumerGroupDescribeResponse {
  struct Topic {
    Uuid topic_id;
    std::string name;
    std::vector<int32_t> partitions;
    template <class Io>
    void fields(Io& io) {
      io(topic_id);
      io(name);
      io(partitions);
    }
  };
  struct Assignment {
    std::vector<Topic> topics;
    template <class Io>
    void fields(Io& io) {
      io(topics);
    }
  };
  struct Member {
    static constexpr int8_t kClassic = 0;
    static constexpr int8_t kConsumer = 1;

    std::string member_id;
    std::optional<std::string> instance_id;
    std::optional<std::string> rack_id;
    int32_t member_epoch = 0;
    std::string client_id;
    std::string client_host;
    std::vector<std::string> topic_names;
    std::optional<std::string> topic_regex;
    Assignment assignment;
    Assignment target;
    int8_t type = -1;
    template <class Io>
    void fields(Io& io) {
      io(member_id);
      io(instance_id);
      io(rack_id);
      io(member_epoch);
      io(client_id);
      io(client_host);
      io(topic_names);
      io(topic_regex);
      io(assignment);
      io(target);
      io(type, since(1));
    }
  };
  struct Group {
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::string group_id;
    std::string state;
    int32_t group_epoch = 0;
    int32_t assignment_epoch = 0;
    std::string assignor;
    std::vector<Member> members;
    int32_t authorized_operations = std::numeric_limits<int32_t>::min();
    template <class Io>
    void fields(Io& io) {
      io(error);
      io(error_message);
      io(group_id);
      io(state);
      io(group_epoch);
      io(assignment_epoch);
      io(assignor);
      io(members);
      io(authorized_operations);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Group> groups;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(groups);
  }
};

struct ConsumerGroupDescribeRequest {
  using Response = ConsumerGroupDescribeResponse;
  static constexpr Api kApi{69, "ConsumerGroupDescribe", 0, 1, 0};

  std::vector<std::string> groups;
  bool include_authorized_operations = false;

  template <class Io>
  void fields(Io& io) {
    io(groups);
    io(include_authorized_operations);
  }
};

}  // namespace cne::kafka
