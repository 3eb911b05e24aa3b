#include "kafka/messages/sasl_authenticate.h"

#include <functional>
#include <utility>

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

using Answer = SaslSession::Answer;

/// Gives a token to the login of a peer, and its answer to `reply`: at once, or later when the
/// login failed, so that passwords cannot be tried quickly.
void authenticate(Broker& broker, const CallPtr& call, std::string_view token,
                  std::function<void(const Answer&)> reply) {
  SaslSession& sasl = *call->peer().sasl;
  sasl.authenticate(token, call->loop(), [&broker, call, reply](const Answer& answer) {
    Peer& peer = call->peer();
    if (answer.error != ErrorCode::kNone) {
      broker.metrics().failed_logins.add();
      call->close_after_reply();
      return call->loop().after(broker.security().failed_login_delay_ms(),
                                [reply, answer] { reply(answer); });
    }
    if (peer.sasl->is_open() && !peer.is_established) {
      peer.principal = "User:" + peer.sasl->user();
      peer.is_established = true;
      peer.max_frame_bytes = 0;
    }
    reply(answer);
  });
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, SaslAuthenticateRequest&& request) {
  const auto reply = [call](const Answer& answer) {
    SaslAuthenticateResponse response;
    response.error = answer.error;
    if (!answer.why.empty()) response.error_message = answer.why;
    response.auth_bytes.data = answer.token;
    response.session_lifetime_ms = answer.lifetime_ms;
    call->reply(response);
  };
  const SaslSession* sasl = call->peer().sasl.get();
  if (sasl == nullptr || sasl->is_idle()) {
    Answer answer;
    answer.error = ErrorCode::kIllegalSaslState;
    answer.why = "SaslAuthenticate without a SaslHandshake before it";
    return reply(answer);
  }
  authenticate(broker, call, request.auth_bytes.data, reply);
}

void handle_bare_token(Broker& broker, const CallPtr& call) {
  const std::string_view token(reinterpret_cast<const char*>(call->body()), call->body_size());
  authenticate(broker, call, token, [call](const Answer& answer) {
    // There is no place for an error: the end of the connection is one.
    if (answer.error != ErrorCode::kNone) return call->hang_up("a login that failed");
    call->reply_bare(answer.token);
  });
}

}  // namespace cne::kafka
