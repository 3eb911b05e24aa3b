#include "kafka/messages/sasl_handshake.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker&, const CallPtr& call, SaslHandshakeRequest&& request) {
  SaslHandshakeResponse response;
  SaslSession* sasl = call->peer().sasl.get();
  if (sasl == nullptr) {
    response.error = ErrorCode::kIllegalSaslState;  // nobody logs in here
    return call->reply(response);
  }
  response.mechanisms = sasl->mechanisms();
  response.error = sasl->begin(request.mechanism, call->version(), EventLoop::now_ms());
  if (response.error != ErrorCode::kNone && !sasl->is_open()) call->close_after_reply();
  call->reply(response);
}

}  // namespace cne::kafka
