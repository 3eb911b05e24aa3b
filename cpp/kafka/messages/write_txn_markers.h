#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct WriteTxnMarkersResponse {
  struct Marker {
    struct Topic {
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
    int64_t producer_id = 0;
    std::vector<Topic> topics;
    template <class Io>
    void fields(Io& io) {
      io(producer_id);
      io(topics);
    }
  };

  std::vector<Marker> markers;

  template <class Io>
  void fields(Io& io) {
    io(markers);
  }
};

struct WriteTxnMarkersRequest {
  using Response = WriteTxnMarkersResponse;
  static constexpr Api kApi{27, "WriteTxnMarkers", 1, 2, 1};

  struct Marker {
    struct Topic {
      std::string name;
      std::vector<int32_t> partition_indexes;
      template <class Io>
      void fields(Io& io) {
        io(name);
        io(partition_indexes);
      }
    };
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    bool transaction_result = false;
    std::vector<Topic> topics;
    int32_t coordinator_epoch = 0;
    int8_t transaction_version = 0;
    template <class Io>
    void fields(Io& io) {
      io(producer_id);
      io(producer_epoch);
      io(transaction_result);
      io(topics);
      io(coordinator_epoch);
      io(transaction_version, since(2));
    }
  };

  std::vector<Marker> markers;

  template <class Io>
  void fields(Io& io) {
    io(markers);
  }
};

}  // namespace cne::kafka
