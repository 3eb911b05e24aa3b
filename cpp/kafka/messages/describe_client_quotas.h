#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DescribeClientQuotasResponse {
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
    struct Value {
      std::string key;
      double value = 0;
      template <class Io>
      void fields(Io& io) {
        io(key);
        io(value);
      }
    };
    std::vector<Entity> entity;
    std::vector<Value> values;
    template <class Io>
    void fields(Io& io) {
      io(entity);
      io(values);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> error_message;
  std::optional<std::vector<Entry>> entries;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error);
    io(error_message);
    io(entries);
  }
};

struct DescribeClientQuotasRequest {
  using Response = DescribeClientQuotasResponse;
  static constexpr Api kApi{48, "DescribeClientQuotas", 0, 1, 1};

  struct Component {
    std::string entity_type;
    int8_t match_type = 0;
    std::optional<std::string> match;
    template <class Io>
    void fields(Io& io) {
      io(entity_type);
      io(match_type);
      io(match);
    }
  };

  std::vector<Component> components;
  bool strict = false;

  template <class Io>
  void fields(Io& io) {
    io(components);
    io(strict);
  }
};

}  // namespace cne::kafka
