#pragma once

#include <optional>

#include "bind/bind.h"
#include "core/byte_buffer.h"
#include "log/record_encoder.h"

namespace cne::bind {

/// Adds the producer of single records to `cnengine._core.log`.
void bind_log_sender(nb::module_& m);
/// Adds the consumer, and records as Python objects and as tables.
void bind_log_consumer(nb::module_& m);
/// Adds what reads the rows of a table as records.
void bind_log_rows(nb::module_& m);

/// The bytes of a bytes-like object, of text as UTF-8, or null for None; valid as long as both this
/// and the object. Needs the interpreter lock. Throws TypeError naming `what`.
class BytesArgument {
 public:
  BytesArgument(nb::handle object, const char* what);
  BytesArgument(const BytesArgument&) = delete;
  BytesArgument& operator=(const BytesArgument&) = delete;
  ~BytesArgument();
  log::Bytes get() const { return bytes_; }

 private:
  log::Bytes bytes_;
  std::optional<Py_buffer> buffer_;
};

/// Appends headers, given as pairs of a name and bytes (or a mapping), as a record stores them; see
/// RecordEncoder::add. Throws TypeError.
void put_headers(nb::handle headers, ByteBuffer& out);

}  // namespace cne::bind
