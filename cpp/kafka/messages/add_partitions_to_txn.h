#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct AddPartitionsToTxnResponse {
  struct Transaction {
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
    std::string transactional_id;
    std::vector<Topic> topics;
    template <class Io>
    void fields(Io& io) {
      io(transactional_id, since(4));
      io(topics, since(4));
    }
  };
  struct V3AndBelowTopic {
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
  ErrorCode error = ErrorCode::kNone;
  std::vector<Transaction> transactions;
  std::vector<V3AndBelowTopic> v3_and_below_topics;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error, since(4));
    io(transactions, since(4));
    io(v3_and_below_topics, until(3));
  }
};

struct AddPartitionsToTxnRequest {
  using Response = AddPartitionsToTxnResponse;
  static constexpr Api kApi{24, "AddPartitionsToTxn", 0, 5, 3};

  struct Transaction {
    struct Topic {
      std::string name;
      std::vector<int32_t> partitions;
      template <class Io>
      void fields(Io& io) {
        io(name);
        io(partitions);
      }
    };
    std::string transactional_id;
    int64_t producer_id = 0;
    int16_t producer_epoch = 0;
    bool verify_only = false;
    std::vector<Topic> topics;
    template <class Io>
    void fields(Io& io) {
      io(transactional_id, since(4));
      io(producer_id, since(4));
      io(producer_epoch, since(4));
      io(verify_only, since(4));
      io(topics, since(4));
    }
  };
  struct V3AndBelowTopic {
    std::string name;
    std::vector<int32_t> partitions;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(partitions);
    }
  };

  std::vector<Transaction> transactions;
  std::string v3_and_below_transactional_id;
  int64_t v3_and_below_producer_id = 0;
  int16_t v3_and_below_producer_epoch = 0;
  std::vector<V3AndBelowTopic> v3_and_below_topics;

  template <class Io>
  void fields(Io& io) {
    io(transactions, since(4));
    io(v3_and_below_transactional_id, until(3));
    io(v3_and_below_producer_id, until(3));
    io(v3_and_below_producer_epoch, until(3));
    io(v3_and_below_topics, until(3));
  }
};

}  // namespace cne::kafka
