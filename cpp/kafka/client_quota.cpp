#include "kafka/client_quota.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"

namespace cne::kafka {

namespace {

constexpr std::string_view kTypes[] = {kQuotaUser, kQuotaClientId, kQuotaIp};

enum class Number { kAny, kWhole, kWholeInt };
struct Key {
  std::string_view name;
  bool of_ip;
  Number number;
};
constexpr Key kKeys[] = {
    {kProducerByteRate, false, Number::kWhole},
    {kConsumerByteRate, false, Number::kWhole},
    {"request_percentage", false, Number::kAny},
    {"controller_mutation_rate", false, Number::kAny},
    {"connection_creation_rate", true, Number::kWholeInt},
};

bool is_address(const std::string& text) {
  unsigned char parsed[sizeof(in6_addr)];
  return inet_pton(AF_INET, text.c_str(), parsed) == 1 ||
         inet_pton(AF_INET6, text.c_str(), parsed) == 1;
}

}  // namespace

std::optional<std::string> fault_of(const QuotaEntity& entity) {
  if (entity.empty()) return "an entity without a type";
  for (const auto& [type, name] : entity) {
    if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes))
      return message("no entity has the type \"", type, "\"");
    if (name && (name->empty() || !is_utf8(*name)))
      return message("the name of the ", type, " is empty or no UTF-8");
    if (type != kQuotaIp) continue;
    if (entity.size() > 1) return "an ip beside a user or a client-id";
    if (name && !is_address(*name)) return message("\"", *name, "\" is no address");
  }
  return std::nullopt;
}

std::optional<std::string> fault_of(const QuotaEntity& entity, const std::string& key,
                                    double value) {
  const bool of_ip = entity.contains(kQuotaIp);
  const auto found = std::find_if(std::begin(kKeys), std::end(kKeys), [&](const Key& each) {
    return each.name == key && each.of_ip == of_ip;
  });
  if (found == std::end(kKeys)) return message("the entity has no quota \"", key, "\"");
  if (!(value > 0) || std::isinf(value)) return message(key, " has to be a number above 0");
  if (found->number == Number::kAny) return std::nullopt;
  const double most = found->number == Number::kWhole ? 0x1p63 : 0x1p31;
  if (value != std::floor(value) || value >= most)
    return message(key, " has to be a whole number, and no larger than its type");
  return std::nullopt;
}

bool QuotaFilter::matches(const QuotaEntity& entity) const {
  if (strict && entity.size() != exact.size() + named.size()) return false;
  return std::all_of(exact.begin(), exact.end(),
                     [&](const auto& wanted) {
                       const auto found = entity.find(wanted.first);
                       return found != entity.end() && found->second == wanted.second;
                     }) &&
         std::all_of(named.begin(), named.end(),
                     [&](const std::string& type) { return entity.contains(type); });
}

JsonValue to_json(const QuotaEntity& entity, const QuotaValues& values) {
  JsonValue whom;
  for (const auto& [type, name] : entity)
    name ? whom.add(type, *name) : whom.add(type, JsonValue());
  JsonValue limits;
  for (const auto& [key, value] : values) limits.add(key, value);
  JsonValue out;
  out.add("entity", std::move(whom));
  out.add("quotas", std::move(limits));
  return out;
}

std::pair<QuotaEntity, QuotaValues> read_quota(const JsonValue& value, const char* function) {
  const auto bad = [&](const std::string& why) {
    return CorruptionError(message(function, ": a quota that is none: ", why));
  };
  const JsonValue* whom = value.find("entity");
  const JsonValue* limits = value.find("quotas");
  if (whom == nullptr || whom->object() == nullptr || limits == nullptr ||
      limits->object() == nullptr)
    throw bad("it has no entity or no values");
  std::pair<QuotaEntity, QuotaValues> out;
  for (const auto& [type, name] : *whom->object())
    out.first[type] = name.text() != nullptr ? std::optional(*name.text()) : std::nullopt;
  if (const auto fault = fault_of(out.first)) throw bad(*fault);
  for (const auto& [key, number] : *limits->object()) {
    const double limit = number.real() != nullptr      ? *number.real()
                         : number.integer() != nullptr ? static_cast<double>(*number.integer())
                                                       : 0;
    if (const auto fault = fault_of(out.first, key, limit)) throw bad(*fault);
    out.second[key] = limit;
  }
  return out;
}

}  // namespace cne::kafka
