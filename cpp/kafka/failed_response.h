#pragma once

#include <cstdint>
#include <optional>

#include "kafka/encoder.h"
#include "kafka/error_code.h"
#include "kafka/wire.h"

namespace cne::kafka {

/// A request for partitions of topics, each of which is answered with an error of its own.
template <typename Request>
concept AsksPartitions = requires(const Request& request, typename Request::Response& response) {
  request.topics[0].name;
  request.topics[0].partitions[0];
  response.topics[0].name = request.topics[0].name;
  response.topics[0].partitions[0].index = int32_t{};
  response.topics[0].partitions[0].error = ErrorCode{};
};

/// The answer to a request whose handler failed, UNKNOWN_SERVER_ERROR where the protocol has an
/// error: of the request, or of each partition. Nothing where the version has no place for one, or
/// the request wants no answer.
template <typename Request>
std::optional<typename Request::Response> failed_response(const Request& request, int16_t version) {
  constexpr ErrorCode kFailed = ErrorCode::kUnknownServerError;
  typename Request::Response response;
  if constexpr (requires { request.acks; })
    if (request.acks == 0) return std::nullopt;
  if constexpr (requires { response.error = kFailed; }) response.error = kFailed;
  if constexpr (AsksPartitions<Request>) {
    for (const auto& topic : request.topics) {
      auto& answered = response.topics.emplace_back();
      answered.name = topic.name;
      if constexpr (requires { answered.topic_id = topic.topic_id; })
        answered.topic_id = topic.topic_id;
      for (const auto& partition : topic.partitions) {
        auto& answer = answered.partitions.emplace_back();
        if constexpr (requires { partition.index; })
          answer.index = partition.index;
        else
          answer.index = partition;
        answer.error = kFailed;
        if constexpr (requires { answer.base_offset; }) answer.base_offset = -1;
      }
    }
  }
  Frame frame;
  Encoder encoder(frame, version, Request::kApi.is_flexible(version));
  encoder.structure(response);
  if (encoder.error() == ErrorCode::kNone) return std::nullopt;
  return response;
}

}  // namespace cne::kafka
