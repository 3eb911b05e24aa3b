#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/broker.h"
#include "kafka/config_source.h"
#include "kafka/error_code.h"

namespace cne::kafka {

/// One change of a setting, with the protocol's numbers of what to do.
struct ConfigChange {
  enum class Kind : int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };
  std::string name;
  std::optional<std::string> value;
  Kind kind = Kind::kSet;
};

struct ConfigOutcome {
  ErrorCode error = ErrorCode::kNone;
  std::string why;
};

/// Changes the settings of a resource, all or none, if the peer of the call may; `replace` takes
/// what is not named back to its default, `validate_only` only checks. Which ones of the broker can
/// be changed while it runs, and of groups: dynamic_settings.
ConfigOutcome change_configs(Broker& broker, const Call& call, ResourceType type,
                             const std::string& resource, const std::vector<ConfigChange>& changes,
                             bool replace, bool validate_only);

}  // namespace cne::kafka
