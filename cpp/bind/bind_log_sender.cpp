#include <nanobind/stl/unique_ptr.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "bind/bind_log.h"
#include "bind/wait_in_slices.h"
#include "core/error.h"
#include "core/utf8.h"
#include "log/sender.h"
#include "log/varint.h"

namespace cne::bind {

namespace {

using log::AppendFault;
using log::Sender;
using log::TopicStore;

std::string python_name(nb::handle object) {
  return nb::cast<std::string>(nb::str(nb::type_name(object.type())));
}

/// None when the buffer is full and `wait` is false.
std::optional<Sender::Delivery> send(Sender& sender, const std::string& topic, nb::handle value,
                                     nb::handle key, std::optional<int64_t> timestamp,
                                     nb::handle headers, std::optional<int32_t> partition,
                                     bool wait) {
  const BytesArgument value_bytes(value, "a value");
  const BytesArgument key_bytes(key, "a key");
  log::Outgoing record;
  record.partition = partition;
  record.timestamp_ms = timestamp;
  record.value = value_bytes.get();
  record.key = key_bytes.get();
  ByteBuffer header_bytes;
  if (!headers.is_none()) {
    put_headers(headers, header_bytes);
    record.headers = header_bytes.view();
  }
  for (;;) {
    if (auto delivery = sender.send(topic, record)) return delivery;
    if (!wait) return std::nullopt;
    wait_in_slices(0.1, [&](int64_t ms) { return sender.wait_for_room(ms); });
  }
}

[[noreturn]] void throw_fault(const Sender::Delivery& delivery) {
  const std::string why = message("send: ", delivery.why());
  switch (delivery.fault()) {
    case AppendFault::kStorage:
      throw IoError(why);
    case AppendFault::kClosed:
      throw StateError(why);
    case AppendFault::kUnsupportedCodec:
      throw UnsupportedError(why);
    default:
      throw ArgumentError(why);
  }
}

std::unique_ptr<Sender> make_sender(TopicStore& store, int64_t linger_ms, int64_t batch_bytes,
                                    int64_t buffer_bytes, const std::string& compression) {
  log::SenderOptions options;
  options.linger_ms = linger_ms;
  options.batch_bytes = static_cast<size_t>(std::max<int64_t>(batch_bytes, 0));
  options.buffer_bytes = static_cast<size_t>(std::max<int64_t>(buffer_bytes, 0));
  options.compression = parse_codec(compression, "producer");
  return std::make_unique<Sender>(store, options);
}

}  // namespace

void put_headers(nb::handle headers, ByteBuffer& out) {
  nb::object pairs = nb::borrow(headers);
  if (nb::hasattr(pairs, "items")) pairs = pairs.attr("items")();
  nb::list all;
  try {
    all = nb::list(pairs);
  } catch (const nb::python_error&) {
    throw TypeError(
        message("send: expected headers as pairs of a name and bytes, got ", python_name(headers)));
  }
  out.end_at(log::put_varint(out.room(log::kMaxVarintSize), static_cast<int64_t>(nb::len(all))));
  for (nb::handle each : all) {
    if (!PySequence_Check(each.ptr()) || PySequence_Size(each.ptr()) != 2)
      throw TypeError(message("send: expected a header as a pair of a name and bytes, got ",
                              python_name(each)));
    const nb::object name = nb::steal(PySequence_GetItem(each.ptr(), 0));
    const nb::object value = nb::steal(PySequence_GetItem(each.ptr(), 1));
    if (!PyUnicode_Check(name.ptr()))
      throw TypeError(
          message("send: expected the name of a header as str, got ", python_name(name)));
    const BytesArgument name_bytes(name, "the name of a header");
    const BytesArgument value_bytes(value, "the value of a header");
    log::append_header(name_bytes.get(), value_bytes.get(), out);
  }
}

BytesArgument::BytesArgument(nb::handle object, const char* what) {
  if (object.is_none()) return;
  Py_ssize_t size = 0;
  if (PyBytes_Check(object.ptr())) {
    bytes_ = std::string_view(PyBytes_AS_STRING(object.ptr()),
                              static_cast<size_t>(PyBytes_GET_SIZE(object.ptr())));
  } else if (PyUnicode_Check(object.ptr())) {
    const char* text = PyUnicode_AsUTF8AndSize(object.ptr(), &size);
    if (text == nullptr) throw nb::python_error();
    bytes_ = std::string_view(text, static_cast<size_t>(size));
  } else {
    buffer_.emplace();
    if (PyObject_GetBuffer(object.ptr(), &*buffer_, PyBUF_SIMPLE) != 0) {
      buffer_.reset();
      PyErr_Clear();
      throw TypeError(
          message("send: expected ", what, " of bytes, str or None, got ", python_name(object)));
    }
    bytes_ =
        std::string_view(static_cast<const char*>(buffer_->buf), static_cast<size_t>(buffer_->len));
  }
}

BytesArgument::~BytesArgument() {
  if (buffer_) PyBuffer_Release(&*buffer_);
}

void bind_log_sender(nb::module_& m) {
  using Delivery = Sender::Delivery;
  nb::class_<Delivery>(m, "Delivery")
      .def("done", &Delivery::done)
      .def("watch", &Delivery::watch)
      .def(
          "wait",
          [](const Delivery& self, std::optional<double> timeout) {
            return wait_in_slices(timeout, [&](int64_t ms) { return self.wait(ms); });
          },
          nb::arg("timeout").none())
      // After it is done.
      .def("check",
           [](const Delivery& self) {
             if (self.fault() != AppendFault::kNone) throw_fault(self);
           })
      .def_prop_ro("batch", &Delivery::batch)
      .def_prop_ro("partition", &Delivery::partition)
      .def_prop_ro("offset", &Delivery::offset);
  m.def("sender", &make_sender, nb::arg("store"), nb::kw_only(), nb::arg("linger_ms"),
        nb::arg("batch_bytes"), nb::arg("buffer_bytes"), nb::arg("compression"),
        nb::keep_alive<0, 1>());
  nb::class_<Sender>(m, "Sender")
      .def("send", &send, nb::arg("topic"), nb::arg("value").none(), nb::arg("key").none(),
           nb::arg("timestamp").none(), nb::arg("headers").none(), nb::arg("partition").none(),
           nb::arg("wait"))
      .def(
          "flush",
          [](Sender& self, std::optional<double> timeout) {
            const uint64_t mark = self.flush();
            int64_t left = 0;
            wait_in_slices(timeout,
                           [&](int64_t ms) { return (left = self.wait_flushed(mark, ms)) == 0; });
            return left;
          },
          nb::arg("timeout").none())
      .def(
          "wait_for_room",
          [](Sender& self, std::optional<double> timeout) {
            return wait_in_slices(timeout, [&](int64_t ms) { return self.wait_for_room(ms); });
          },
          nb::arg("timeout").none())
      .def("wait_watched", &Sender::wait_watched, nb::arg("timeout_ms"), Unlocked())
      .def("close", &Sender::close, Unlocked())
      .def_prop_ro("closed", &Sender::closed)
      .def_prop_ro("sent", &Sender::sent)
      .def_prop_ro("failed", &Sender::failed);
}

}  // namespace cne::bind
