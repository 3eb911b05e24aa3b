#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DescribeLogDirsResponse {
  struct Result {
    struct Topic {
      struct Partition {
        int32_t index = 0;
        int64_t partition_size = 0;
        int64_t offset_lag = 0;
        bool is_future_key = false;
        template <class Io>
        void fields(Io& io) {
          io(index);
          io(partition_size);
          io(offset_lag);
          io(is_future_key);
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
    ErrorCode error = ErrorCode::kNone;
    std::string log_dir;
    std::vector<Topic> topics;
    int64_t total_bytes = -1;
    int64_t usable_bytes = -1;
    template <class Io>
    void fields(Io& io) {
      io(error);
      io(log_dir);
      io(topics);
      io(total_bytes, since(4));
      io(usable_bytes, since(4));
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  std::vector<Result> results;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error, since(3));
    io(results);
  }
};

struct DescribeLogDirsRequest {
  using Response = DescribeLogDirsResponse;
  static constexpr Api kApi{35, "DescribeLogDirs", 1, 4, 2};

  struct Topic {
    std::string name;
    std::vector<int32_t> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(partitions);
    }
  };

  std::optional<std::vector<Topic>> topics;

  template <class Io>
  void fields(Io& io) {
    io(topics);
  }
};

}  // namespace cne::kafka
