#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct AlterUserScramCredentialsResponse {
  struct Result {
    std::string user;
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    template <class Io>
    void fields(Io& io) {
      io(user);
      io(error);
      io(error_message);
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

struct AlterUserScramCredentialsRequest {
  using Response = AlterUserScramCredentialsResponse;
  static constexpr Api kApi{51, "AlterUserScramCredentials", 0, 0, 0};

  struct Deletion {
    std::string name;
    int8_t mechanism = 0;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(mechanism);
    }
  };
  struct Upsertion {
    std::string name;
    int8_t mechanism = 0;
    int32_t iterations = 0;
    Bytes salt;
    Bytes salted_password;
    template <class Io>
    void fields(Io& io) {
      io(name);
      io(mechanism);
      io(iterations);
      io(salt);
      io(salted_password);
    }
  };

  std::vector<Deletion> deletions;
  std::vector<Upsertion> upsertions;

  template <class Io>
  void fields(Io& io) {
    io(deletions);
    io(upsertions);
  }
};

}  // namespace cne::kafka
