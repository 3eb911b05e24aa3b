#include "kafka/tls_context.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include "core/error.h"
#include "core/file.h"

#ifdef CNE_WITH_OPENSSL
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#endif

namespace cne::kafka {

std::string with_line_breaks(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kDashes = "-----";
  constexpr size_t kLine = 64;
  std::string out;
  for (size_t at = pem.find(kBegin); at != std::string_view::npos; at = pem.find(kBegin, at)) {
    const size_t body = pem.find(kDashes, at + kBegin.size());
    if (body == std::string_view::npos) break;
    const std::string label(pem.substr(at + kBegin.size(), body - at - kBegin.size()));
    const std::string last = message("-----END ", label, kDashes);
    const size_t end = pem.find(last, body);
    if (end == std::string_view::npos) break;
    const std::string_view text = pem.substr(body + kDashes.size(), end - body - kDashes.size());
    if (text.find(':') != std::string_view::npos) {  // has headers, and so its lines
      out += message(pem.substr(at, end - at), last, '\n');
    } else {
      std::string digits;
      for (const char c : text)
        if (!std::isspace(static_cast<unsigned char>(c))) digits += c;
      out += message(kBegin, label, kDashes, '\n');
      for (size_t i = 0; i < digits.size(); i += kLine)
        out += message(std::string_view(digits).substr(i, kLine), '\n');
      out += message(last, '\n');
    }
    at = end + last.size();
  }
  return out;
}

#ifdef CNE_WITH_OPENSSL

namespace {

template <typename T, void (*release)(T*)>
struct Release {
  void operator()(T* object) const { release(object); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Release<X509, X509_free>>;
using BioPtr = std::unique_ptr<BIO, Release<BIO, BIO_free_all>>;
using Pkcs12Ptr = std::unique_ptr<PKCS12, Release<PKCS12, PKCS12_free>>;

struct Store {
  KeyPtr key;  // null where there is none
  std::vector<CertificatePtr> certificates;
};

std::string last_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "no reason given";
}

/// The reason in brackets, nothing where OpenSSL has none.
std::string in_brackets() { return ERR_peek_error() == 0 ? "" : message(" (", last_error(), ")"); }

/// Gives the password of a key; never asks at a terminal.
int give_password(char* to, int size, int, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  const int count = std::min(size, static_cast<int>(text.size()));
  std::copy_n(text.data(), count, to);
  return count;
}

BioPtr memory(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

KeyPtr read_key(std::string_view pem, const std::string& password) {
  const BioPtr bio = memory(pem);
  void* given = const_cast<std::string*>(&password);
  return KeyPtr(PEM_read_bio_PrivateKey(bio.get(), nullptr, &give_password, given));
}

std::vector<CertificatePtr> read_certificates(std::string_view pem) {
  std::vector<CertificatePtr> out;
  const BioPtr bio = memory(pem);
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) out.emplace_back(one);
  ERR_clear_error();  // the end is one
  return out;
}

Store read_pkcs12(std::string_view bytes, const std::string& password, const std::string& file) {
  const BioPtr bio = memory(bytes);
  const Pkcs12Ptr pkcs12(d2i_PKCS12_bio(bio.get(), nullptr));
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  if (!pkcs12 || PKCS12_parse(pkcs12.get(), password.c_str(), &key, &certificate, &others) != 1)
    throw ArgumentError(message("broker: cannot read ", file, " as PEM or PKCS #12: ", last_error(),
                                "; keytool -importkeystore makes PKCS #12 of other stores"));
  Store out;
  out.key.reset(key);
  if (certificate != nullptr) out.certificates.emplace_back(certificate);
  while (others != nullptr && sk_X509_num(others) > 0)
    out.certificates.emplace_back(sk_X509_shift(others));
  sk_X509_free(others);
  return out;
}

Store read_store(const std::string& file, const std::string& password,
                 const std::string& key_password) {
  const std::string bytes = read_file(file);
  if (bytes.find("-----BEGIN ") == std::string::npos) return read_pkcs12(bytes, password, file);
  Store out;
  const std::string pem = with_line_breaks(bytes);
  if (pem.find("PRIVATE KEY-----") != std::string::npos) out.key = read_key(pem, key_password);
  out.certificates = read_certificates(pem);
  return out;
}

void set_protocols(SSL_CTX* context, const std::vector<std::string>& names,
                   const std::string& listener) {
  static const std::map<std::string, int> versions = {{"TLSv1.2", TLS1_2_VERSION},
                                                      {"TLSv1.3", TLS1_3_VERSION}};
  int first = 0;
  int last = 0;
  for (const std::string& name : names) {
    const auto found = versions.find(name);
    if (found == versions.end())
      throw ArgumentError(message("broker: expected \"ssl.enabled.protocols\" of ", listener,
                                  " to be TLSv1.2, TLSv1.3 or both, got \"", name, "\""));
    first = first == 0 ? found->second : std::min(first, found->second);
    last = std::max(last, found->second);
  }
  if (first == 0)
    throw ArgumentError(message("broker: no protocol in \"ssl.enabled.protocols\" of ", listener));
  SSL_CTX_set_min_proto_version(context, first);
  SSL_CTX_set_max_proto_version(context, last);
}

/// Java and IANA write TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, OpenSSL ECDHE-RSA-AES128-GCM-SHA256.
void set_ciphers(SSL_CTX* context, const std::vector<std::string>& names,
                 const std::string& listener) {
  if (names.empty()) return;
  std::string before_13;
  std::string of_13;
  SSL_CTX_set_cipher_list(context, "ALL:COMPLEMENTOFALL");
  STACK_OF(SSL_CIPHER)* all = SSL_CTX_get_ciphers(context);
  for (const std::string& name : names) {
    const SSL_CIPHER* found = nullptr;
    for (int i = 0; i < sk_SSL_CIPHER_num(all) && found == nullptr; ++i) {
      const SSL_CIPHER* each = sk_SSL_CIPHER_value(all, i);
      const char* standard = SSL_CIPHER_standard_name(each);
      if (name == SSL_CIPHER_get_name(each) || (standard != nullptr && name == standard))
        found = each;
    }
    if (found == nullptr)
      throw ArgumentError(message("broker: no cipher \"", name, "\" for ", listener));
    const bool is_13 = SSL_CIPHER_get_protocol_id(found) >> 8 == 0x13;
    std::string& list = is_13 ? of_13 : before_13;
    list += (list.empty() ? "" : ":") + std::string(SSL_CIPHER_get_name(found));
  }
  // What no list names is not spoken: an empty list of one version closes that version.
  if (SSL_CTX_set_ciphersuites(context, of_13.c_str()) != 1 ||
      SSL_CTX_set_cipher_list(context, before_13.empty() ? "-ALL" : before_13.c_str()) != 1)
    ERR_clear_error();
  if (of_13.empty()) SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  if (before_13.empty()) SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
}

void set_identity(SSL_CTX* context, const TlsOptions& options, const std::string& listener) {
  Store store;
  if (!options.keystore_location.empty()) {
    store = read_store(options.keystore_location, options.keystore_password, options.key_password);
  } else {
    store.key = read_key(with_line_breaks(options.keystore_key), options.key_password);
    store.certificates = read_certificates(with_line_breaks(options.keystore_certificates));
  }
  const auto refuse = [&](const char* what) {
    throw ArgumentError(message("broker: ", what, " for ", listener, ": expected ",
                                options.keystore_location.empty()
                                    ? "\"ssl.keystore.location\", or \"ssl.keystore.key\" and "
                                      "\"ssl.keystore.certificate.chain\","
                                    : options.keystore_location,
                                " to hold a private key and its certificate", in_brackets()));
  };
  if (!store.key) refuse("no private key");
  if (store.certificates.empty()) refuse("no certificate");
  if (SSL_CTX_use_certificate(context, store.certificates[0].get()) != 1)
    refuse("a certificate that cannot be used");
  if (SSL_CTX_use_PrivateKey(context, store.key.get()) != 1 ||
      SSL_CTX_check_private_key(context) != 1)
    refuse("a private key that cannot be used");
  for (size_t i = 1; i < store.certificates.size(); ++i)
    if (SSL_CTX_add1_chain_cert(context, store.certificates[i].get()) != 1)
      refuse("a chain that cannot be used");
}

void set_trust(SSL_CTX* context, const TlsOptions& options, const std::string& listener) {
  if (options.client_auth == ClientAuth::kNone) return;
  const std::vector<CertificatePtr> trusted =
      options.truststore_location.empty()
          ? read_certificates(with_line_breaks(options.truststore_certificates))
          : read_store(options.truststore_location, options.truststore_password, "").certificates;
  if (trusted.empty())
    throw ArgumentError(message("broker: clients of ", listener, " are to show certificates, but ",
                                "no \"ssl.truststore.location\" or \"ssl.truststore.certificates\" "
                                "says whose"));
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const CertificatePtr& each : trusted) {
    X509_STORE_add_cert(store, each.get());
    SSL_CTX_add_client_CA(context, each.get());
  }
  // Whatever is in the store is trusted as it is, as Java has it: also what others have signed.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  const int must =
      options.client_auth == ClientAuth::kRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | must, nullptr);
}

}  // namespace

TlsContext::TlsContext(const TlsOptions& options, const std::string& listener) {
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, Release<SSL_CTX, SSL_CTX_free>> context(
      SSL_CTX_new(TLS_server_method()));
  if (!context) throw IoError(message("broker: OpenSSL: ", last_error()));
  SSL_CTX* raw = context.get();
  // A session that goes on is not checked again; connections live long, so there are none.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(raw, 1);
  SSL_CTX_set_default_read_buffer_len(raw, size_t{32} << 10);
  set_protocols(raw, options.protocols, listener);
  set_ciphers(raw, options.cipher_suites, listener);
  set_identity(raw, options, listener);
  set_trust(raw, options, listener);
  context_ = context.release();
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

#else

TlsContext::TlsContext(const TlsOptions&, const std::string& listener) {
  throw UnsupportedError(message("broker: listener ", listener,
                                 " needs TLS, and this build of cnengine is without OpenSSL"));
}

TlsContext::~TlsContext() = default;

#endif

}  // namespace cne::kafka
