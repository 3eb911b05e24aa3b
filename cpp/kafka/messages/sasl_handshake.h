#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct SaslHandshakeResponse {
  ErrorCode error = ErrorCode::kNone;
  std::vector<std::string> mechanisms;

  template <class Io>
  void fields(Io& io) {
    io(error);
    io(mechanisms);
  }
};

struct SaslHandshakeRequest {
  using Response = SaslHandshakeResponse;
  static constexpr Api kApi{17, "SaslHandshake", 0, 1, kNeverFlexible};

  std::string mechanism;

  template <class Io>
  void fields(Io& io) {
    io(mechanism);
  }
};

}  // namespace cne::kafka
