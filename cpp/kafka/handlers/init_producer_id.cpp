#include "kafka/messages/init_producer_id.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, InitProducerIdRequest&& request) {
  InitProducerIdResponse response;
  if (request.transactional_id) {
    response.error = request.transactional_id->empty() ? ErrorCode::kInvalidRequest
                                                       : ErrorCode::kCoordinatorNotAvailable;
  } else {
    response.producer_id = broker.producer_ids().next();
    response.producer_epoch = 0;
  }
  call->reply(response);
}

}  // namespace cne::kafka
