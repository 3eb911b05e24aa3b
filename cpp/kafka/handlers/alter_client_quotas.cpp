#include "kafka/messages/alter_client_quotas.h"

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

using Entry = AlterClientQuotasRequest::Entry;

/// The change that an entry asks for, or why it cannot be.
std::optional<std::string> read_change(const Entry& entry, QuotaStore::Change& change) {
  for (const auto& each : entry.entity)
    if (!change.entity.emplace(each.entity_type, each.entity_name).second)
      return message("the type \"", each.entity_type, "\" is named twice");
  if (auto fault = fault_of(change.entity)) return fault;
  for (const auto& op : entry.ops) {
    if (!op.remove)
      if (auto fault = fault_of(change.entity, op.key, op.value)) return fault;
    change.values[op.key] = op.remove ? std::nullopt : std::optional(op.value);
  }
  return std::nullopt;
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, AlterClientQuotasRequest&& request) {
  const bool allowed = broker.authorizer().allows(*call, AclOperation::kAlterConfigs, on_cluster());
  AlterClientQuotasResponse response;
  std::vector<QuotaStore::Change> changes;
  for (const Entry& entry : request.entries) {
    auto& out = response.entries.emplace_back();
    QuotaStore::Change change;
    const auto fault = read_change(entry, change);
    for (const auto& [type, name] : change.entity) {
      auto& named = out.entity.emplace_back();
      named.entity_type = type;
      named.entity_name = name;
    }
    if (!allowed) {
      out.error = ErrorCode::kClusterAuthorizationFailed;
      out.error_message = "quotas may not be changed";
      continue;
    }
    out.error_message = fault;
    if (fault)
      out.error = ErrorCode::kInvalidRequest;
    else
      changes.push_back(std::move(change));
  }
  try {
    if (!request.validate_only) broker.quotas().store().change(changes);
  } catch (const Error& failure) {
    for (auto& out : response.entries) {
      if (out.error != ErrorCode::kNone) continue;
      out.error = ErrorCode::kUnknownServerError;
      out.error_message = failure.what();
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
