#pragma once

#include <string>

struct X509_name_st;

namespace cne::kafka {

/// The name of a certificate's subject as Java writes it (RFC 2253, X500Principal.getName): the
/// last part first, "CN=ops,OU=data,O=acme"; types that RFC 2253 does not name as numbers with the
/// value's DER in hexadecimal.
std::string certificate_name(const X509_name_st* name);

}  // namespace cne::kafka
