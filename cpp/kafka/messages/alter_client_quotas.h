#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct AlterClientQuotasResponse {
  struct Entry {
    struct Entity {
      std::string entity_type;
      std::optional<std::string> entity_name;
      template <class Io>
      void fields(Io& io) {
        io(entity_type);
        io(entity_name);
      }
    };
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::vector<Entity> entity;
    template <class Io>
    void fields(Io& io) {
      io(error);
      io(error_message);
      io(entity);
    }
  };

  int32_t throttle_time_ms = 0;
  std::vector<Entry> entries;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(entries);
  }
};

struct AlterClientQuotasRequest {
  using Response = AlterClientQuotasResponse;
  static constexpr Api kApi{49, "AlterClientQuotas", 0, 1, 1};

  struct Entry {
    struct Entity {
      std::string entity_type;
      std::optional<std::string> entity_name;
      template <class Io>
      void fields(Io& io) {
        io(entity_type);
        io(entity_name);
      }
    };
    struct Op {
      std::string key;
      double value = 0;
      bool remove = false;
      template <class Io>
      void fields(Io& io) {
        io(key);
        io(value);
        io(remove);
      }
    };
    std::vector<Entity> entity;
    std::vector<Op> ops;
    template <class Io>
    void fields(Io& io) {
      io(entity);
      io(ops);
    }
  };

  std::vector<Entry> entries;
  bool validate_only = false;

  template <class Io>
  void fields(Io& io) {
    io(entries);
    io(validate_only);
  }
};

}  // namespace cne::kafka
