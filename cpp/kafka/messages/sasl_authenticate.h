#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct SaslAuthenticateResponse {
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> error_message;
  Bytes auth_bytes;
  int64_t session_lifetime_ms = 0;

  template <class Io>
  void fields(Io& io) {
    io(error);
    io(error_message);
    io(auth_bytes);
    io(session_lifetime_ms, since(1));
  }
};

struct SaslAuthenticateRequest {
  using Response = SaslAuthenticateResponse;
  static constexpr Api kApi{36, "SaslAuthenticate", 0, 2, 2};

  Bytes auth_bytes;

  template <class Io>
  void fields(Io& io) {
    io(auth_bytes);
  }
};

}  // namespace cne::kafka
