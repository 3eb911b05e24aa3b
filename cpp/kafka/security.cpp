#include "kafka/security.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "kafka/principal_mapping.h"
#include "kafka/tls_transport.h"

namespace cne::kafka {

namespace {

Authorizer::Options authorizer_options(const SecurityConfig& config) {
  const std::string name = config.get("authorizer.class.name");
  constexpr std::string_view kKnown[] = {"org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                                         "kafka.security.authorizer.AclAuthorizer"};
  Authorizer::Options options;
  options.enabled = !name.empty();
  if (options.enabled && std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown))
    throw ArgumentError(message("broker: expected \"authorizer.class.name\" to be ", kKnown[0],
                                " or empty, got \"", name, "\""));
  options.super_users = parse_super_users(config.get("super.users"));
  options.allow_everyone_if_no_acl_found = config.get_bool("allow.everyone.if.no.acl.found");
  return options;
}

TlsOptions tls_options(const SecurityConfig& config, const ListenerAddress& address, bool sasl) {
  const auto get = [&](const char* name) { return config.get(name, address.name); };
  TlsOptions options;
  options.keystore_location = get("ssl.keystore.location");
  options.keystore_password = get("ssl.keystore.password");
  options.keystore_certificates = get("ssl.keystore.certificate.chain");
  options.keystore_key = get("ssl.keystore.key");
  options.key_password = get("ssl.key.password");
  options.truststore_location = get("ssl.truststore.location");
  options.truststore_password = get("ssl.truststore.password");
  options.truststore_certificates = get("ssl.truststore.certificates");
  options.protocols = config.get_list("ssl.enabled.protocols", address.name);
  options.cipher_suites = config.get_list("ssl.cipher.suites", address.name);
  // Where clients log in by SASL, certificates are asked for only where that very listener says so.
  const std::string auth =
      sasl && !config.is_set("ssl.client.auth", address.name) ? "none" : get("ssl.client.auth");
  if (auth == "required")
    options.client_auth = ClientAuth::kRequired;
  else if (auth == "requested")
    options.client_auth = ClientAuth::kRequested;
  else if (auth != "none")
    throw ArgumentError(
        message("broker: expected \"ssl.client.auth\" to be none, requested or required, got \"",
                auth, "\""));
  return options;
}

SaslListener sasl_listener(const SecurityConfig& config, const std::string& listener) {
  SaslListener out;
  out.mechanisms = config.get_list("sasl.enabled.mechanisms", listener);
  for (const std::string& mechanism : out.mechanisms) {
    if (mechanism != kPlainMechanism && scram_mechanism(mechanism) == ScramMechanism::kUnknown)
      throw ArgumentError(message(
          "broker: expected \"sasl.enabled.mechanisms\" to be some of PLAIN, SCRAM-SHA-256 and "
          "SCRAM-SHA-512, got \"",
          mechanism, "\""));
    out.max_reauth_ms[mechanism] = config.get_int("connections.max.reauth.ms", listener, mechanism);
  }
  out.plain_users = parse_plain_users(config.get("sasl.jaas.config", listener, kPlainMechanism));
  if (out.mechanisms.empty())
    throw ArgumentError(message("broker: no mechanism to log in to listener ", listener));
  return out;
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

std::string principal_of(const std::string& user) { return "User:" + user; }

}  // namespace

struct Security::Listener {
  std::shared_ptr<TlsContext> tls;  // null: plain
  bool asks_certificates = false;
  std::unique_ptr<PrincipalMapping> mapping;
  std::unique_ptr<SaslListener> sasl;  // null: who connects is let in
};

Security::Security(const std::string& directory, const SecurityConfig& config,
                   const std::vector<ListenerAddress>& listeners)
    : acls_(directory),
      users_(directory),
      authorizer_(acls_, authorizer_options(config)),
      passwords_(users_),
      decoy_key_(random_bytes(32)),
      setup_timeout_ms_(config.get_int("connections.setup.timeout.ms")),
      failed_login_delay_ms_(config.get_int("connection.failed.authentication.delay.ms")),
      max_login_bytes_(static_cast<size_t>(config.get_int("sasl.server.max.receive.size"))) {
  for (const ListenerAddress& address : listeners) {
    auto out = std::make_unique<Listener>();
    const bool sasl = address.protocol.starts_with("SASL_");
    if (address.protocol.ends_with("SSL")) {
      const TlsOptions options = tls_options(config, address, sasl);
      out->tls = std::make_shared<TlsContext>(options, address.name);
      out->asks_certificates = options.client_auth != ClientAuth::kNone && !sasl;
      out->mapping = std::make_unique<PrincipalMapping>(
          config.get("ssl.principal.mapping.rules", address.name));
    }
    if (sasl) out->sasl = std::make_unique<SaslListener>(sasl_listener(config, address.name));
    listeners_[address.name] = std::move(out);
  }
}

Security::~Security() = default;

std::unique_ptr<Transport> Security::open(int descriptor, const std::shared_ptr<Peer>& peer) {
  const Listener& listener = *listeners_.at(peer->listener);
  const bool tls = listener.tls != nullptr;
  peer->is_established = !tls && !listener.sasl;
  if (listener.sasl) {
    peer->max_frame_bytes = max_login_bytes_;
    peer->sasl = std::make_shared<SaslSession>(*listener.sasl, users_, passwords_, decoy_key_,
                                               tls || is_loopback(peer->address));
  }
  if (!tls) return plain_transport(descriptor);
  // The transport ends before its connection lets go of the peer.
  Peer* const raw = peer.get();
  return tls_transport(descriptor, listener.tls, [raw, &listener](const std::string& name) {
    if (!raw->sasl) raw->is_established = true;
    if (listener.asks_certificates && !name.empty())
      raw->principal = principal_of(listener.mapping->user_of(name));
  });
}

void map_protocols(std::vector<ListenerAddress>& listeners, const SecurityConfig& config) {
  constexpr char kMap[] = "listener.security.protocol.map";
  std::map<std::string, std::string> protocols;
  for (const std::string& pair : config.get_list(kMap)) {
    const size_t colon = std::min(pair.find(':'), pair.size());
    const std::string protocol = pair.substr(std::min(colon + 1, pair.size()));
    if (protocol != "PLAINTEXT" && protocol != "SSL" && protocol != "SASL_PLAINTEXT" &&
        protocol != "SASL_SSL")
      throw ArgumentError(message("broker: expected \"", kMap,
                                  "\" to be NAME:protocol with PLAINTEXT, SSL, "
                                  "SASL_PLAINTEXT or SASL_SSL, got \"",
                                  pair, "\""));
    protocols[pair.substr(0, colon)] = protocol;
  }
  for (ListenerAddress& listener : listeners) {
    const auto found = protocols.find(listener.name);
    if (found == protocols.end())
      throw ArgumentError(
          message("broker: no protocol for listener \"", listener.name, "\" in \"", kMap, "\""));
    listener.protocol = found->second;
  }
}

std::map<std::string, std::string> parse_plain_users(const std::string& jaas) {
  std::map<std::string, std::string> out;
  if (jaas.empty()) return out;
  const auto refuse = [](const char* what) {
    // The text holds passwords: it is not repeated.
    throw ArgumentError(
        message("broker: expected \"sasl.jaas.config\" to be \"...PlainLoginModule "
                "required user_NAME=\"password\" ...;\", got ",
                what));
  };
  const size_t module_end = std::min(jaas.find_first_of(" \t\n"), jaas.size());
  if (!std::string_view(jaas).substr(0, module_end).ends_with("PlainLoginModule"))
    refuse("another login module");
  constexpr std::string_view kUser = "user_";
  size_t at = module_end;
  for (;;) {
    at = jaas.find_first_not_of(" \t\n", at);
    if (at == std::string::npos) refuse("no ';' at the end");
    if (jaas[at] == ';') return out;
    const size_t end = std::min(jaas.find_first_of("= \t\n;", at), jaas.size());
    const std::string name = jaas.substr(at, end - at);
    at = end;
    if (at == jaas.size() || jaas[at] != '=') continue;  // "required"
    if (++at == jaas.size() || jaas[at] != '"') refuse("a value without quotes");
    std::string value;
    for (++at; at < jaas.size() && jaas[at] != '"'; ++at) {
      if (jaas[at] == '\\' && at + 1 < jaas.size()) ++at;
      value += jaas[at];
    }
    if (at++ == jaas.size()) refuse("a value without an end");
    if (name.starts_with(kUser) && name.size() > kUser.size())
      out[name.substr(kUser.size())] = value;
  }
}

}  // namespace cne::kafka
