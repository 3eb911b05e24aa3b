#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct ssl_ctx_st;

namespace cne::kafka {

enum class ClientAuth { kNone, kRequested, kRequired };

/// What a listener proves itself with, and what it asks of clients; texts and files as Kafka's
/// settings `ssl.*` name them.
struct TlsOptions {
  std::string keystore_location;  // PEM or PKCS #12
  std::string keystore_password;
  std::string keystore_certificates;  // PEM, instead of the file
  std::string keystore_key;
  std::string key_password;
  std::string truststore_location;
  std::string truststore_password;
  std::string truststore_certificates;
  std::vector<std::string> protocols = {"TLSv1.2", "TLSv1.3"};
  std::vector<std::string> cipher_suites;  // empty: OpenSSL's choice
  ClientAuth client_auth = ClientAuth::kNone;
};

/// The keys, certificates and rules of a listener's TLS connections. Any thread may use it.
class TlsContext {
 public:
  /// `listener` is for messages. Throws UnsupportedError when this build has no OpenSSL;
  /// ArgumentError, IoError for keys and certificates that cannot be used.
  TlsContext(const TlsOptions& options, const std::string& listener);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  ssl_ctx_st* native() const { return context_; }

 private:
  ssl_ctx_st* context_ = nullptr;
};

/// PEM with its line breaks, which are lost where it is the value of a setting.
std::string with_line_breaks(std::string_view pem);

}  // namespace cne::kafka
