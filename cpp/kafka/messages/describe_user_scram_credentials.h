#pragma once

#include "kafka/api.h"
#include "kafka/wire.h"

namespace cne::kafka {

struct DescribeUserScramCredentialsResponse {
  struct Result {
    struct CredentialInfo {
      int8_t mechanism = 0;
      int32_t iterations = 0;
      template <class Io>
      void fields(Io& io) {
        io(mechanism);
        io(iterations);
      }
    };
    std::string user;
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::vector<CredentialInfo> credential_infos;
    template <class Io>
    void fields(Io& io) {
      io(user);
      io(error);
      io(error_message);
      io(credential_infos);
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
    io(results);
  }
};

struct DescribeUserScramCredentialsRequest {
  using Response = DescribeUserScramCredentialsResponse;
  static constexpr Api kApi{50, "DescribeUserScramCredentials", 0, 0, 0};

  struct User {
    std::string name;
    template <class Io>
    void fields(Io& io) {
      io(name);
    }
  };

  std::optional<std::vector<User>> users;

  template <class Io>
  void fields(Io& io) {
    io(users);
  }
};

}  // namespace cne::kafka
