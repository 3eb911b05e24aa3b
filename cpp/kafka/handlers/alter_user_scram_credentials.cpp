#include "kafka/messages/alter_user_scram_credentials.h"

#include <map>
#include <vector>

#include "core/error.h"
#include "core/utf8.h"
#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

using Request = AlterUserScramCredentialsRequest;

struct Outcome {
  ErrorCode error = ErrorCode::kNone;
  std::string why;
  std::vector<UserStore::Change> changes;

  void fail(ErrorCode code, std::string text) {
    if (error != ErrorCode::kNone) return;
    error = code;
    why = std::move(text);
  }
  /// False when the user cannot be changed by it.
  bool check(const std::string& name, ScramMechanism mechanism) {
    if (name.empty() || !is_utf8(name))
      fail(ErrorCode::kUnacceptableCredential, "expected the name of a user");
    else if (mechanism != ScramMechanism::kSha256 && mechanism != ScramMechanism::kSha512)
      fail(ErrorCode::kUnsupportedSaslMechanism, "there is no such SCRAM mechanism");
    for (const UserStore::Change& change : changes)
      if (change.mechanism == mechanism)
        fail(ErrorCode::kDuplicateResource, "a credential is changed twice in one request");
    return error == ErrorCode::kNone;
  }
};

void remove(const UserStore& users, const Request::Deletion& deletion, Outcome& outcome) {
  const auto mechanism = static_cast<ScramMechanism>(deletion.mechanism);
  if (!outcome.check(deletion.name, mechanism)) return;
  if (!users.find(deletion.name, mechanism))
    outcome.fail(ErrorCode::kResourceNotFound, "there is no such credential to delete");
  outcome.changes.push_back({deletion.name, mechanism, std::nullopt});
}

void set(const Request::Upsertion& given, Outcome& outcome) {
  const auto mechanism = static_cast<ScramMechanism>(given.mechanism);
  if (!outcome.check(given.name, mechanism)) return;
  if (given.iterations < kMinScramIterations || given.iterations > kMaxScramIterations)
    return outcome.fail(ErrorCode::kUnacceptableCredential,
                        message("expected ", kMinScramIterations, " to ", kMaxScramIterations,
                                " iterations, got ", given.iterations));
  if (given.salt.data.empty() || given.salted_password.data.empty())
    return outcome.fail(ErrorCode::kUnacceptableCredential,
                        "expected a salt and a salted password");
  outcome.changes.push_back(
      {given.name, mechanism,
       scram_credential(mechanism, given.salted_password.data, given.salt.data, given.iterations)});
}

}  // namespace

/// All that is asked of a user, or nothing of it.
void handle(Broker& broker, const CallPtr& call, Request&& request) {
  std::map<std::string, Outcome> outcomes;
  UserStore& users = broker.security().users();
  const bool allowed = broker.authorizer().allows(*call, AclOperation::kAlter, on_cluster());
  for (const auto& deletion : request.deletions) remove(users, deletion, outcomes[deletion.name]);
  for (const auto& upsertion : request.upsertions) set(upsertion, outcomes[upsertion.name]);
  std::vector<UserStore::Change> changes;
  for (auto& [name, outcome] : outcomes) {
    if (!allowed) {
      outcome = Outcome();
      outcome.fail(ErrorCode::kClusterAuthorizationFailed, "the user may not alter the cluster");
    }
    if (outcome.error == ErrorCode::kNone)
      changes.insert(changes.end(), outcome.changes.begin(), outcome.changes.end());
  }
  try {
    if (!changes.empty()) users.change(changes);
  } catch (const Error& failure) {
    for (auto& [name, outcome] : outcomes)
      outcome.fail(ErrorCode::kUnknownServerError, failure.what());
  }
  AlterUserScramCredentialsResponse response;
  for (const auto& [name, outcome] : outcomes) {
    auto& result = response.results.emplace_back();
    result.user = name;
    result.error = outcome.error;
    if (!outcome.why.empty()) result.error_message = outcome.why;
  }
  call->reply(response);
}

}  // namespace cne::kafka
