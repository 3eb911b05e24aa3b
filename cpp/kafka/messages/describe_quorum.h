#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DescribeQuorumResponse {
  struct Topic {
    struct Partition {
      struct CurrentVoter {
        int32_t replica_id = 0;
        Uuid replica_directory_id;
        int64_t log_end_offset = 0;
        int64_t last_fetch_timestamp = -1;
        int64_t last_caught_up_timestamp = -1;
        template <class Io>
        void fields(Io& io) {
          io(replica_id);
          io(replica_directory_id, since(2));
          io(log_end_offset);
          io(last_fetch_timestamp, since(1));
          io(last_caught_up_timestamp, since(1));
        }
      };
      struct Observer {
        int32_t replica_id = 0;
        Uuid replica_directory_id;
        int64_t log_end_offset = 0;
        int64_t last_fetch_timestamp = -1;
        int64_t last_caught_up_timestamp = -1;
        template <class Io>
        void fields(Io& io) {
          io(replica_id);
          io(replica_directory_id, since(2));
          io(log_end_offset);
          io(last_fetch_timestamp, since(1));
          io(last_caught_up_timestamp, since(1));
        }
      };
      int32_t index = 0;
      ErrorCode error = ErrorCode::kNone;
      std::optional<std::string> error_message;
      int32_t leader_id = 0;
      int32_t leader_epoch = 0;
      int64_t high_watermark = 0;
      std::vector<CurrentVoter> current_voters;
      std::vector<Observer> observers;
      template <class Io>
      void fields(Io& io) {
        io(index);
        io(error);
        io(error_message, since(2));
        io(leader_id);
        io(leader_epoch);
        io(high_watermark);
        io(current_voters);
        io(observers);
      }
    };
    std::string name;
    std::vector<Partition> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(partitions);
    }
  };
  struct Node {
    struct Listener {
      std::string name;
      std::string host;
      uint16_t port = 0;
      template <class Io>
      void fields(Io& io) {
        io(name, since(2));
        io(host, since(2));
        io(port, since(2));
      }
    };
    int32_t node_id = 0;
    std::vector<Listener> listeners;
    template <class Io>
    void fields(Io& io) {
      io(node_id, since(2));
      io(listeners, since(2));
    }
  };

  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> error_message;
  std::vector<Topic> topics;
  std::vector<Node> nodes;

  template <class Io>
  void fields(Io& io) {
    io(error);
    io(error_message, since(2));
    io(topics);
    io(nodes, since(2));
  }
};

struct DescribeQuorumRequest {
  using Response = DescribeQuorumResponse;
  static constexpr Api kApi{55, "DescribeQuorum", 0, 2, 0};

  struct Topic {
    struct Partition {
      int32_t index = 0;
      template <class Io>
      void fields(Io& io) {
        io(index);
      }
    };
    std::string name;
    std::vector<Partition> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(partitions);
    }
  };

  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(topics);
  }
};

}  // namespace cne::kafka
