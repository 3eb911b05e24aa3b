// Three bytes choose the API, the version and the direction; the rest is the body. What decodes
// must encode to bytes that decode to the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "kafka/recode.h"

namespace {

using cne::kafka::Api;
using cne::kafka::Frame;

std::optional<Frame> recode(const Api& api, int16_t version, bool request,
                            std::vector<uint8_t> body) {
  return cne::kafka::recode({api.key, version, request}, body.data(), body.size());
}

std::vector<uint8_t> bytes_of(const Frame& frame) {
  return {frame.bytes.data(), frame.bytes.data() + frame.bytes.size()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<Api> apis = cne::kafka::message_apis();
  if (size < 3) return 0;
  const Api& api = apis[data[0] % apis.size()];
  const auto version = static_cast<int16_t>(api.first + data[1] % (api.last - api.first + 1));
  const bool request = (data[2] & 1) != 0;
  std::optional<Frame> first;
  try {
    first = recode(api, version, request, {data + 3, data + size});
  } catch (const cne::kafka::WireError&) {
    return 0;
  }
  if (!first) std::abort();
  const auto second = recode(api, version, request, bytes_of(*first));
  if (!second || bytes_of(*second) != bytes_of(*first)) std::abort();
  return 0;
}
