#include "stream/window.h"

#include "core/error.h"
#include "stream/watermark.h"

namespace cne::stream {

namespace {

void check_length(int64_t ms, int64_t least, const char* function, const char* what) {
  if (ms < least || ms > kFarthest)
    throw ArgumentError(message(function, ": expected a ", what, " of ", least, " to ", kFarthest,
                                " ms, got ", ms));
}

}  // namespace

WindowSpec tumbling(int64_t size_ms, int64_t offset_ms) {
  return sliding(size_ms, size_ms, offset_ms);
}

WindowSpec sliding(int64_t size_ms, int64_t slide_ms, int64_t offset_ms) {
  WindowSpec out;
  out.kind = WindowSpec::Kind::kSliding;
  out.size_ms = size_ms;
  out.slide_ms = slide_ms;
  out.offset_ms = offset_ms;
  return out;
}

WindowSpec session(int64_t gap_ms) {
  WindowSpec out;
  out.kind = WindowSpec::Kind::kSession;
  out.gap_ms = gap_ms;
  return out;
}

void check_window(const WindowSpec& spec, const char* function) {
  check_length(spec.lateness_ms, 0, function, "lateness");
  if (spec.kind == WindowSpec::Kind::kSession) check_length(spec.gap_ms, 1, function, "gap");
  if (spec.kind != WindowSpec::Kind::kSliding) return;
  check_length(spec.size_ms, 1, function, "size");
  check_length(spec.slide_ms, 1, function, "slide");
  if (spec.slide_ms > spec.size_ms)
    throw ArgumentError(message(function, ": expected a slide of at most the size of ",
                                spec.size_ms, " ms, got ", spec.slide_ms, " ms"));
  if (spec.offset_ms <= -spec.slide_ms || spec.offset_ms >= spec.slide_ms)
    throw ArgumentError(message(function, ": expected an offset shorter than the slide of ",
                                spec.slide_ms, " ms, got ", spec.offset_ms, " ms"));
}

std::string to_string(const WindowSpec& spec) {
  std::string out = "no window";
  if (spec.kind == WindowSpec::Kind::kSession) out = message("session(", spec.gap_ms, " ms)");
  if (spec.kind == WindowSpec::Kind::kSliding)
    out =
        message("sliding(", spec.size_ms, " ms, ", spec.slide_ms, " ms, ", spec.offset_ms, " ms)");
  return message(out, ", lateness ", spec.lateness_ms, " ms, emit ",
                 spec.emit == WindowSpec::Emit::kClock ? "clock" : "watermark");
}

}  // namespace cne::stream
