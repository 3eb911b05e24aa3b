#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DeleteRecordsResponse {
  struct Topic {
    struct Partition {
      int32_t index = 0;
      int64_t low_watermark = 0;
      ErrorCode error = ErrorCode::kNone;
      template <class Io>
      void fields(Io& io) {
        io(index);
        io(low_watermark);
        io(error);
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

  int32_t throttle_time_ms = 0;
  std::vector<Topic> topics;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(topics);
  }
};

struct DeleteRecordsRequest {
  using Response = DeleteRecordsResponse;
  static constexpr Api kApi{21, "DeleteRecords", 0, 2, 2};

  struct Topic {
    struct Partition {
      int32_t index = 0;
      int64_t offset = 0;
      template <class Io>
      void fields(Io& io) {
        io(index);
        io(offset);
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
  int32_t timeout_ms = 0;

  template <class Io>
  void fields(Io& io) {
    io(topics);
    io(timeout_ms);
  }
};

}  // namespace cne::kafka
