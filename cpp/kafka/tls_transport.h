#pragma once

#include <functional>
#include <memory>
#include <string>

#include "kafka/tls_context.h"
#include "kafka/transport.h"

namespace cne::kafka {

/// TLS over a connected stream socket, which stays the caller's and must outlive the transport: it
/// says goodbye when it ends. The handshake happens within `read`. Parts of files are read a record
/// at a time and encrypted; a file that cannot be read is an error of the transport.
///
/// `established` is called once, when the handshake is done, with the name in the client's
/// certificate ("CN=ops,O=acme"), empty when it showed none. It must not end the transport.
std::unique_ptr<Transport> tls_transport(int descriptor, std::shared_ptr<TlsContext> context,
                                         std::function<void(const std::string& name)> established);

}  // namespace cne::kafka
