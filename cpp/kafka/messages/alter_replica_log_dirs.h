#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct AlterReplicaLogDirsResponse {
  struct Result {
    struct Partition {
      int32_t index = 0;
      ErrorCode error = ErrorCode::kNone;
      template <class Io>
      void fields(Io& io) {
        io(index);
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
  std::vector<Result> results;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(results);
  }
};

struct AlterReplicaLogDirsRequest {
  using Response = AlterReplicaLogDirsResponse;
  static constexpr Api kApi{34, "AlterReplicaLogDirs", 1, 2, 2};

  struct Dir {
    struct Topic {
      std::string name;
      std::vector<int32_t> partitions;
      template <class Io>
      void fields(Io& io) {
        io(name);
        io(partitions);
      }
    };
    std::string path;
    std::vector<Topic> topics;
    template <class Io>
    void fields(Io& io) {
      io(path);
      io(topics);
    }
  };

  std::vector<Dir> dirs;

  template <class Io>
  void fields(Io& io) {
    io(dirs);
  }
};

}  // namespace cne::kafka
