#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>

#include <array>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bind/bind.h"
#include "bind/bind_kafka.h"
#include "core/error.h"
#include "kafka/acl_store.h"
#include "kafka/password_check.h"
#include "kafka/user_store.h"

namespace cne::bind {

namespace {

using kafka::Acl;
using kafka::AclFilter;
using kafka::AclStore;
using kafka::ScramMechanism;
using kafka::UserStore;

/// Type, pattern, name, principal, host, operation, permission.
using Row = std::tuple<std::string, std::string, std::string, std::string, std::string, std::string,
                       std::string>;
using FilterRow =
    std::tuple<std::string, std::string, std::optional<std::string>, std::optional<std::string>,
               std::optional<std::string>, std::string, std::string>;

Row row_of(const Acl& acl) {
  return {kafka::name_of(acl.type),
          kafka::name_of(acl.pattern),
          acl.name,
          acl.principal,
          acl.host,
          kafka::name_of(acl.operation),
          kafka::name_of(acl.permission)};
}

std::vector<Row> rows_of(const std::vector<Acl>& acls) {
  std::vector<Row> out;
  for (const Acl& acl : acls) out.push_back(row_of(acl));
  return out;
}

AclFilter filter_of(const FilterRow& row) {
  AclFilter filter;
  filter.type = kafka::acl_resource_type(std::get<0>(row));
  filter.pattern = kafka::acl_pattern_type(std::get<1>(row));
  filter.name = std::get<2>(row);
  filter.principal = std::get<3>(row);
  filter.host = std::get<4>(row);
  filter.operation = kafka::acl_operation(std::get<5>(row));
  filter.permission = kafka::acl_permission(std::get<6>(row));
  if (filter.is_unknown()) throw ArgumentError("acls: expected names of Kafka's in the filter");
  return filter;
}

void add_acls(AclStore& store, const std::vector<Row>& rows) {
  std::vector<Acl> acls;
  for (const Row& row : rows) {
    const Acl acl{kafka::acl_resource_type(std::get<0>(row)),
                  kafka::acl_pattern_type(std::get<1>(row)),
                  std::get<2>(row),
                  std::get<3>(row),
                  std::get<4>(row),
                  kafka::acl_operation(std::get<5>(row)),
                  kafka::acl_permission(std::get<6>(row))};
    if (const auto fault = kafka::fault_of(acl)) throw ArgumentError("acls: " + *fault);
    acls.push_back(acl);
  }
  store.add(acls);
}

std::vector<Row> remove_acls(AclStore& store, const FilterRow& filter) {
  return rows_of(store.remove({filter_of(filter)})[0]);
}

std::vector<Row> list_acls(const AclStore& store, const FilterRow& filter) {
  return rows_of(store.list(filter_of(filter)));
}

ScramMechanism mechanism_of(const std::string& name) {
  const ScramMechanism mechanism = kafka::scram_mechanism(name);
  if (mechanism == ScramMechanism::kUnknown)
    throw ArgumentError(
        message("users: expected SCRAM-SHA-256 or SCRAM-SHA-512, got \"", name, "\""));
  return mechanism;
}

void set_user(UserStore& store, const std::string& name, const std::string& mechanism_name,
              const std::string& password, int32_t iterations) {
  const ScramMechanism mechanism = mechanism_of(mechanism_name);
  if (name.empty() || password.empty())
    throw ArgumentError("users: expected a name and a password, got an empty one");
  if (iterations < kafka::kMinScramIterations || iterations > kafka::kMaxScramIterations)
    throw ArgumentError(message("users: expected ", kafka::kMinScramIterations, " to ",
                                kafka::kMaxScramIterations, " iterations, got ", iterations));
  std::string salt = kafka::random_bytes(16);
  const std::string salted = pbkdf2(kafka::digest_of(mechanism), password, salt, iterations);
  store.change(
      {{name, mechanism, kafka::scram_credential(mechanism, salted, std::move(salt), iterations)}});
}

void remove_user(UserStore& store, const std::string& name, const std::string& mechanism) {
  if (!store.find(name, mechanism_of(mechanism)))
    throw NotFoundError(message("users: no user \"", name, "\" with ", mechanism));
  store.change({{name, mechanism_of(mechanism), std::nullopt}});
}

std::vector<std::tuple<std::string, std::string, int32_t>> list_users(const UserStore& store) {
  std::vector<std::tuple<std::string, std::string, int32_t>> out;
  for (const std::string& name : store.users())
    for (const auto& [mechanism, credential] : store.find(name))
      out.emplace_back(name, kafka::name_of(mechanism), credential.iterations);
  return out;
}

}  // namespace

void bind_kafka_security(nb::module_& m) {
  nb::class_<AclStore>(m, "AclStore")
      .def(nb::init<const std::string&>(), nb::arg("directory"))
      .def("add", &add_acls, nb::arg("acls"), Unlocked())
      .def("remove", &remove_acls, nb::arg("filter"), Unlocked())
      .def("list", &list_acls, nb::arg("filter"));
  nb::class_<UserStore>(m, "UserStore")
      .def(nb::init<const std::string&>(), nb::arg("directory"))
      .def("set", &set_user, nb::arg("name"), nb::arg("mechanism"), nb::arg("password"),
           nb::arg("iterations"), Unlocked())
      .def("remove", &remove_user, nb::arg("name"), nb::arg("mechanism"), Unlocked())
      .def("list", &list_users);
}

}  // namespace cne::bind
