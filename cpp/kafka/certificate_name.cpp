#include "kafka/certificate_name.h"

#ifdef CNE_WITH_OPENSSL

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace cne::kafka {

namespace {

/// The keyword of RFC 2253 for a type; null when it has none.
const char* keyword(int type) {
  switch (type) {
    case NID_commonName:
      return "CN";
    case NID_countryName:
      return "C";
    case NID_localityName:
      return "L";
    case NID_stateOrProvinceName:
      return "ST";
    case NID_streetAddress:
      return "STREET";
    case NID_organizationName:
      return "O";
    case NID_organizationalUnitName:
      return "OU";
    case NID_domainComponent:
      return "DC";
    case NID_userId:
      return "UID";
    default:
      return nullptr;
  }
}

/// The number of a type, such as "1.2.840.113549.1.9.1".
std::string number_of(const ASN1_OBJECT* type) {
  std::array<char, 128> text{};
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), type, 1);
  return text.data();
}

/// '#' and the DER of a value.
std::string in_hex(const ASN1_STRING* value) {
  const auto size = static_cast<size_t>(ASN1_STRING_length(value));
  std::string der(1, static_cast<char>(ASN1_STRING_type(value)));
  std::string length;
  for (size_t left = size; left > 0; left >>= 8) length.insert(0, 1, static_cast<char>(left));
  if (size >= 128) der += static_cast<char>(0x80 | length.size());
  der += size == 0 ? std::string(1, '\0') : length;
  der.append(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)), size);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "#";
  for (const char c : der) {
    out += kDigits[static_cast<uint8_t>(c) >> 4];
    out += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return out;
}

std::string escaped(std::string_view text) {
  constexpr std::string_view kSpecial = ",=+<>#;\"\\";
  const size_t first = std::min(text.find_first_not_of(' '), text.size());
  const size_t last = text.find_last_not_of(' ');  // npos when there is none
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool outer_space = text[i] == ' ' && (i < first || i > last);
    if (text[i] == '\0') {
      out += "\\00";
      continue;
    }
    if (outer_space || kSpecial.find(text[i]) != std::string_view::npos) out += '\\';
    out += text[i];
  }
  return out;
}

std::string one_part(const X509_NAME_ENTRY* entry) {
  const ASN1_OBJECT* type = X509_NAME_ENTRY_get_object(entry);
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
  const char* name = keyword(OBJ_obj2nid(type));
  unsigned char* utf8 = nullptr;
  const int size = name != nullptr ? ASN1_STRING_to_UTF8(&utf8, value) : -1;
  if (size < 0) return number_of(type) + "=" + in_hex(value);
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<size_t>(size));
  OPENSSL_free(utf8);
  return std::string(name) + "=" + escaped(text);
}

}  // namespace

std::string certificate_name(const X509_NAME* name) {
  std::string out;
  int set = -1;
  std::string group;  // parts of one set, which stand in their order
  const auto put_group = [&] {
    if (!group.empty()) out = group + (out.empty() ? "" : ",") + out;
  };
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    if (X509_NAME_ENTRY_set(entry) == set) {
      group += "+" + one_part(entry);
      continue;
    }
    put_group();
    set = X509_NAME_ENTRY_set(entry);
    group = one_part(entry);
  }
  put_group();
  return out;
}

}  // namespace cne::kafka

#endif
