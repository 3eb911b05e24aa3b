#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
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

/// Calls `wait(ms)` without the interpreter lock until it is true or the time is over (none:
/// never), a little at a time, so that Ctrl-C gets through: then, or when a signal's handler
/// raises, this throws. Returns what the last call did.
template <typename Wait>
bool wait_in_slices(std::optional<double> timeout_s, Wait&& wait) {
  using Clock = std::chrono::steady_clock;
  constexpr int64_t kSliceMs = 100;
  constexpr double kLongestS = 1e9;
  const auto begin = Clock::now();
  const double timeout = std::min(timeout_s.value_or(kLongestS), kLongestS);
  for (;;) {
    const double left = timeout - std::chrono::duration<double>(Clock::now() - begin).count();
    const auto left_ms = static_cast<int64_t>(std::ceil(std::max(left, 0.0) * 1000));
    bool done = false;
    {
      const nb::gil_scoped_release unlocked;
      done = wait(std::min(left_ms, kSliceMs));
    }
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    if (done || left_ms <= kSliceMs) return done;
  }
}

}  // namespace cne::bind
