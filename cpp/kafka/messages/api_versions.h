#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct ApiVersionsResponse {
  struct Range {
    int16_t key = 0;
    int16_t first = 0;
    int16_t last = 0;
    template <class Io>
    void fields(Io& io) {
      io(key);
      io(first);
      io(last);
    }
  };
  struct SupportedFeature {
    std::string name;
    int16_t first = 0;
    int16_t last = 0;
    bool operator==(const SupportedFeature&) const = default;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(first);
      io(last);
    }
  };
  struct FinalizedFeature {
    std::string name;
    int16_t last_level = 0;
    int16_t first_level = 0;
    bool operator==(const FinalizedFeature&) const = default;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(last_level);
      io(first_level);
    }
  };

  ErrorCode error = ErrorCode::kNone;
  std::vector<Range> apis;
  int32_t throttle_time_ms = 0;
  std::vector<SupportedFeature> supported_features;
  int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeature> finalized_features;
  bool zk_migration_ready = false;

  template <class Io>
  void fields(Io& io) {
    io(error);
    io(apis);
    io(throttle_time_ms, since(1));
    io.tagged(0, supported_features, since(3));
    io.tagged(1, finalized_features_epoch, since(3), int64_t{-1});
    io.tagged(2, finalized_features, since(3));
    io.tagged(3, zk_migration_ready, since(3));
  }
};

/// Its response has the header without tagged fields in every version, so that a client that knows
/// nothing of the broker can read it.
struct ApiVersionsRequest {
  using Response = ApiVersionsResponse;
  static constexpr Api kApi{18, "ApiVersions", 0, 4, 3};

  std::string client_software_name;
  std::string client_software_version;

  template <class Io>
  void fields(Io& io) {
    io(client_software_name, since(3));
    io(client_software_version, since(3));
  }
};

}  // namespace cne::kafka
