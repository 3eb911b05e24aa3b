#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct UpdateFeaturesResponse {
  struct Result {
    std::string feature;
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    template <class Io>
    void fields(Io& io) {
      io(feature);
      io(error);
      io(error_message);
    }
  };

  int32_t throttle_time_ms = 0;
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> error_message;
  std::vector<Result> results;

  template <class Io>
  void fields(Io& io) {
    io(throttle_time_ms);
    io(error);
    io(error_message);
    io(results, until(1));
  }
};

struct UpdateFeaturesRequest {
  using Response = UpdateFeaturesResponse;
  static constexpr Api kApi{57, "UpdateFeatures", 0, 2, 0};

  struct FeatureUpdate {
    std::string feature;
    int16_t max_version_level = 0;
    bool allow_downgrade = false;
    int8_t upgrade_type = 1;
    template <class Io>
    void fields(Io& io) {
      io(feature);
      io(max_version_level);
      io(allow_downgrade, until(0));
      io(upgrade_type, since(1));
    }
  };

  int32_t timeout_ms = 60000;
  std::vector<FeatureUpdate> feature_updates;
  bool validate_only = false;

  template <class Io>
  void fields(Io& io) {
    io(timeout_ms);
    io(feature_updates);
    io(validate_only, since(1));
  }
};

}  // namespace cne::kafka
