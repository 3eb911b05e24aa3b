#include "kafka/security_config.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/error.h"

namespace cne::kafka {

namespace {

using Setting = SecurityConfig::Setting;
using Type = SecurityConfig::Type;

constexpr std::string_view kListenerPrefix = "listener.name.";
constexpr std::string_view kMechanismPrefixes[] = {"plain.", "scram-sha-256.", "scram-sha-512."};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// The name without the listener and the mechanism that it is for.
std::string_view bare_name(std::string_view name) {
  if (!name.starts_with(kListenerPrefix)) return name;
  name.remove_prefix(kListenerPrefix.size());
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos || dot == 0) return "";
  name.remove_prefix(dot + 1);
  for (const std::string_view prefix : kMechanismPrefixes)
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  return name;
}

}  // namespace

const std::vector<Setting>& SecurityConfig::settings() {
  static const std::vector<Setting> all = {
      {"allow.everyone.if.no.acl.found", "false", Type::kBoolean, false, false,
       "Whether everyone may use what no rule covers."},
      {"authorizer.class.name", "", Type::kString, false, false,
       "Empty: everyone may do everything. Else the name of Kafka's StandardAuthorizer: by rules."},
      {"connection.failed.authentication.delay.ms", "100", Type::kInt, false, false,
       "How long the answer to a failed login waits."},
      {"connections.max.reauth.ms", "0", Type::kInt, true, false,
       "How long a login is good for; 0 is for ever."},
      {"connections.setup.timeout.ms", "30000", Type::kInt, false, false,
       "How long a connection may take to log in."},
      {"listener.security.protocol.map",
       "PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL", Type::kString,
       false, false, "The protocols of listeners by their names."},
      {"sasl.enabled.mechanisms", "SCRAM-SHA-256,SCRAM-SHA-512", Type::kString, true, false,
       "How clients may log in: PLAIN (over TLS or loopback), SCRAM-SHA-256, SCRAM-SHA-512."},
      {"sasl.jaas.config", "", Type::kString, true, true,
       "Users of PLAIN: \"PlainLoginModule required user_alice=\\\"secret\\\";\"."},
      {"sasl.server.max.receive.size", "524288", Type::kInt, false, false,
       "The largest request before a login."},
      {"ssl.cipher.suites", "", Type::kString, true, false,
       "Ciphers, by IANA's or OpenSSL's names; empty: OpenSSL's choice."},
      {"ssl.client.auth", "none", Type::kString, true, false,
       "Whether clients show a certificate: none, requested, required."},
      {"ssl.enabled.protocols", "TLSv1.2,TLSv1.3", Type::kString, true, false, "Versions of TLS."},
      {"ssl.key.password", "", Type::kString, true, true, "Of the private key."},
      {"ssl.keystore.certificate.chain", "", Type::kString, true, false,
       "The broker's certificate and those that sign it, as PEM."},
      {"ssl.keystore.key", "", Type::kString, true, true, "The private key, as PEM."},
      {"ssl.keystore.location", "", Type::kString, true, false,
       "A file of key and certificates: PEM or PKCS #12."},
      {"ssl.keystore.password", "", Type::kString, true, true, "Of a PKCS #12 file."},
      {"ssl.keystore.type", "", Type::kString, true, false,
       "PEM or PKCS12; what the file is, when empty."},
      {"ssl.principal.mapping.rules", "DEFAULT", Type::kString, true, false,
       "Principals of the names in certificates: RULE:pattern/replacement/[LU], DEFAULT."},
      {"ssl.truststore.certificates", "", Type::kString, true, false,
       "Certificates that sign those of clients, as PEM."},
      {"ssl.truststore.location", "", Type::kString, true, false,
       "A file of such certificates: PEM or PKCS #12."},
      {"ssl.truststore.password", "", Type::kString, true, true, "Of a PKCS #12 file."},
      {"ssl.truststore.type", "", Type::kString, true, false,
       "PEM or PKCS12; what the file is, when empty."},
      {"super.users", "", Type::kString, false, false,
       "Who may do everything: \"User:admin;User:CN=ops\"."},
  };
  return all;
}

const Setting* SecurityConfig::find(std::string_view name) {
  const std::string_view bare = bare_name(name);
  const auto& all = settings();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Setting& s) { return bare == s.name; });
  if (found == all.end() || (bare.size() != name.size() && !found->of_listener)) return nullptr;
  return &*found;
}

void SecurityConfig::set(std::string_view name, std::string_view value) {
  const Setting* setting = find(name);
  if (setting == nullptr) throw ArgumentError(message("broker: no setting \"", name, "\""));
  const auto refuse = [&](const char* expected) {
    throw ArgumentError(message("broker: expected \"", name, "\" to be ", expected, ", got \"",
                                setting->secret ? "..." : value, "\""));
  };
  if (setting->type == Type::kBoolean && value != "true" && value != "false")
    refuse("true or false");
  if (setting->type == Type::kInt) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < 0 ||
        number > std::numeric_limits<int32_t>::max())
      refuse("a whole number from 0 on");
  }
  values_[lower(name)] = std::string(value);
}

std::string SecurityConfig::get(std::string_view name, std::string_view listener,
                                std::string_view mechanism) const {
  std::vector<std::string> names;
  const std::string prefix = message(kListenerPrefix, lower(listener), ".");
  if (!listener.empty() && !mechanism.empty())
    names.push_back(message(prefix, lower(mechanism), ".", name));
  if (!listener.empty()) names.push_back(message(prefix, name));
  names.emplace_back(name);
  for (const std::string& each : names)
    if (const auto found = values_.find(each); found != values_.end()) return found->second;
  const Setting* setting = find(name);
  return setting != nullptr ? setting->standard : "";
}

int64_t SecurityConfig::get_int(std::string_view name, std::string_view listener,
                                std::string_view mechanism) const {
  const std::string text = get(name, listener, mechanism);
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::vector<std::string> SecurityConfig::get_list(std::string_view name,
                                                  std::string_view listener) const {
  return split_list(get(name, listener), ',');
}

bool SecurityConfig::is_set(std::string_view name, std::string_view listener) const {
  return values_.contains(message(kListenerPrefix, lower(listener), ".", name));
}

std::vector<SecurityConfig::Entry> SecurityConfig::entries() const {
  static constexpr const char* kTypes[] = {"string", "boolean", "int"};
  std::vector<Entry> out;
  const auto add = [&](const Setting& setting, std::string name, std::string value, bool given) {
    if (setting.secret) value.clear();
    out.push_back({std::move(name), std::move(value), !given,
                   kTypes[static_cast<size_t>(setting.type)], setting.documentation,
                   setting.secret});
  };
  for (const Setting& setting : settings())
    add(setting, setting.name, get(setting.name), values_.contains(setting.name));
  for (const auto& [name, value] : values_)
    if (name.starts_with(kListenerPrefix)) add(*find(name), name, value, true);
  return out;
}

std::vector<std::string> split_list(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) out.emplace_back(part);
  }
  return out;
}

}  // namespace cne::kafka
