#include "frame/cast.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "frame/bits.h"
#include "frame/calendar.h"
#include "frame/dispatch.h"
#include "frame/strings.h"

namespace cne::frame {

namespace {

/// What a cast of one column needs at hand.
struct Context {
  const Column& input;
  const DataType& to;
  bool strict;
  const char* function;

  [[noreturn]] void fail(const std::string& value) const {
    throw ArgumentError(message(function, ": ", value, " does not fit into ", to_string(to),
                                "; with strict=False such values become null"));
  }
};

/// Fills a fixed-width column: `convert(i, out)` returns false where the value does not fit, and
/// `show(i)` tells it in the error.
template <typename T, typename Convert, typename Show>
Column convert_values(const Context& c, const Convert& convert, const Show& show) {
  const int64_t n = c.input.length();
  Buffer values = Buffer::allocate(static_cast<size_t>(n) * sizeof(T));
  Buffer validity = validity_from_zero(c.input);
  T* out = values.mutable_as<T>();
  bool own = false;
  for (int64_t i = 0; i < n; ++i) {
    out[i] = T{};
    if (!c.input.is_valid(i) || convert(i, out[i])) continue;
    if (c.strict) c.fail(show(i));
    if (!own) {
      const Buffer all = validity;
      validity = make_bitmap(n, [&](int64_t at, int64_t count) {
        return all ? load_bits(all.data(), at, count) : ~uint64_t{0};
      });
      own = true;
    }
    clear_bit(validity.mutable_data(), i);
    out[i] = T{};
  }
  return Column(c.to, n, std::move(values), std::move(validity));
}

template <typename To, typename From>
bool fits(From value) {
  if constexpr (std::is_floating_point_v<To>) {
    return true;
  } else if constexpr (std::is_floating_point_v<From>) {
    // The bounds as powers of two, which floats hold exactly.
    const From limit = std::ldexp(From{1}, std::numeric_limits<To>::digits);
    const From whole = std::trunc(value);
    return whole < limit && whole >= (std::is_signed_v<To> ? -limit : From{0});
  } else {
    return std::in_range<To>(value);
  }
}

template <typename To, typename From>
constexpr bool kAlwaysFits =
    std::is_floating_point_v<To> ||
    (std::is_integral_v<From> &&
     ((std::is_signed_v<To> == std::is_signed_v<From> && sizeof(To) >= sizeof(From)) ||
      (std::is_signed_v<To> && sizeof(To) > sizeof(From))));

template <typename T>
std::string show_number(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    char out[40];
    return std::string(out, std::to_chars(out, out + sizeof out, value).ptr);
  } else {
    return std::to_string(value);
  }
}

/// Numbers, bools and the bits of times among each other.
Column cast_numbers(const Context& c) {
  return visit_fixed(c.to.id, [&](auto to_tag) {
    using To = decltype(to_tag);
    return visit_reader(c.input, [&](auto read) {
      using From = typename decltype(read)::Value;
      if constexpr (kAlwaysFits<To, From>) {
        const int64_t n = c.input.length();
        Buffer values = Buffer::allocate(static_cast<size_t>(n) * sizeof(To));
        To* out = values.template mutable_as<To>();
        for (int64_t i = 0; i < n; ++i) out[i] = static_cast<To>(read(i));
        return Column(c.to, n, std::move(values), validity_from_zero(c.input));
      } else {
        return convert_values<To>(
            c,
            [&](int64_t i, To& out) {
              if (!fits<To>(read(i))) return false;
              out = static_cast<To>(read(i));
              return true;
            },
            [&](int64_t i) { return show_number(read(i)); });
      }
    });
  });
}

Column cast_to_bool(const Context& c) {
  const int64_t n = c.input.length();
  Buffer bits = visit_reader(c.input, [&](auto read) {
    return make_bitmap(n, [&](int64_t at, int64_t count) {
      return pack_bits(at, count, [&](int64_t i) { return read(i) != 0; });
    });
  });
  return Column(c.to, n, std::move(bits), validity_from_zero(c.input));
}

/// Between units of time, dates among them (days as 86,400 seconds).
Column cast_times(const Context& c) {
  const DataType& from = c.input.type();
  const bool from_date = from.id == DType::kDate;
  const bool to_date = c.to.id == DType::kDate;
  const int64_t from_ticks = from_date ? 1 : ticks_per_second(from.unit);
  const int64_t to_ticks = to_date ? 1 : ticks_per_second(c.to.unit);
  const int64_t times =
      (from_date ? 86400 : 1) * (to_ticks > from_ticks ? to_ticks / from_ticks : 1);
  const int64_t parts = (to_date ? 86400 : 1) * (from_ticks > to_ticks ? from_ticks / to_ticks : 1);
  const auto convert = [&](auto read, auto& out, int64_t i) {
    int64_t value;
    if (__builtin_mul_overflow(static_cast<int64_t>(read(i)), times, &value)) return false;
    value = floor_div(value, parts);
    using To = std::decay_t<decltype(out)>;
    if (!std::in_range<To>(value)) return false;
    out = static_cast<To>(value);
    return true;
  };
  return visit_reader(c.input, [&](auto read) {
    const auto show = [&](int64_t i) { return std::to_string(read(i)) + " " + to_string(from); };
    if (to_date)
      return convert_values<int32_t>(
          c, [&](int64_t i, int32_t& out) { return convert(read, out, i); }, show);
    return convert_values<int64_t>(
        c, [&](int64_t i, int64_t& out) { return convert(read, out, i); }, show);
  });
}

template <typename T>
bool parse_number(std::string_view text, T& out) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool parse_bool(std::string_view text, uint8_t& out) {
  out = text == "true" || text == "True" || text == "1";
  return out || text == "false" || text == "False" || text == "0";
}

/// Bytes as text where they are UTF-8; a value that is not does not fit.
Column bytes_to_text(const Context& c) {
  const StringView bytes = c.input.strings();
  Column bits = convert_values<uint8_t>(
      c, [&](int64_t i, uint8_t&) { return is_utf8(bytes[i]); },
      [&](int64_t i) { return message("\"", excerpt(bytes[i], 80), "\", which is not UTF-8,"); });
  return build_strings(c.to, c.input.length(), bits.validity_buffer(),
                       [&](int64_t i, std::string& out) { out += bytes[i]; });
}

Column parse_text(const Context& c) {
  const StringView text = c.input.strings();
  const auto show = [&](int64_t i) { return message("\"", excerpt(text[i], 80), "\""); };
  const auto from = [&](auto parse) {
    return [&, parse](int64_t i, auto& out) {
      const std::optional<int64_t> value = parse(text[i]);
      if (value) out = static_cast<std::decay_t<decltype(out)>>(*value);
      return value.has_value();
    };
  };
  if (c.to.id == DType::kDate)
    return convert_values<int32_t>(c, from([](std::string_view t) { return parse_date(t); }), show);
  if (c.to.id == DType::kTimestamp) {
    const TimeUnit unit = c.to.unit;
    return convert_values<int64_t>(
        c, from([unit](std::string_view t) { return parse_timestamp(t, unit); }), show);
  }
  if (c.to.id == DType::kBool) {
    const Column bytes = convert_values<uint8_t>(
        c, [&](int64_t i, uint8_t& out) { return parse_bool(text[i], out); }, show);
    return cast(
        Column(DType::kUInt8, bytes.length(), bytes.values_buffer(), bytes.validity_buffer()), c.to,
        c.strict, c.function);
  }
  return visit_fixed(c.to.id, [&](auto tag) {
    using T = decltype(tag);
    return convert_values<T>(
        c, [&](int64_t i, T& out) { return parse_number(text[i], out); }, show);
  });
}

Column format_text(const Context& c) {
  const DataType& from = c.input.type();
  const auto build = [&](const auto& show) {
    return build_strings(c.to, c.input.length(), validity_from_zero(c.input),
                         [&](int64_t i, std::string& out) { out += show(i); });
  };
  if (from.id == DType::kBool)
    return build([&](int64_t i) { return c.input.bit(i) ? "true" : "false"; });
  if (from.id == DType::kDate)
    return build([&](int64_t i) { return format_date(c.input.values<int32_t>()[i]); });
  if (from.id == DType::kTimestamp)
    return build([&](int64_t i) {
      return format_timestamp(c.input.values<int64_t>()[i], from.unit) +
             (from.zone.empty() ? "" : "Z");
    });
  return visit_reader(
      c.input, [&](auto read) { return build([&](int64_t i) { return show_number(read(i)); }); });
}

bool plain_number(const DataType& type) { return is_numeric(type.id) || type.id == DType::kBool; }

bool same_layout(const DataType& a, const DataType& b) {
  return (is_binary_like(a.id) && is_binary_like(b.id)) ||
         (a.id == b.id && is_temporal(a.id) && (a.id == DType::kDate || a.unit == b.unit));
}

}  // namespace

bool can_cast(const DataType& from, const DataType& to) {
  if (from == to || same_layout(from, to)) return true;
  if (is_nested(from.id) || is_nested(to.id)) return false;
  if (plain_number(from) && plain_number(to)) return true;
  if (is_temporal(from.id) && is_temporal(to.id))
    return (from.id == DType::kDuration) == (to.id == DType::kDuration);
  if (is_temporal(from.id))
    return is_integer(to.id) || (is_string(to.id) && from.id != DType::kDuration);
  if (is_temporal(to.id))
    return is_integer(from.id) || (is_string(from.id) && to.id != DType::kDuration);
  return (is_string(from.id) && plain_number(to)) || (plain_number(from) && is_string(to.id));
}

Column cast(const Column& input, const DataType& to, bool strict, const char* function) {
  const DataType& from = input.type();
  if (from == to) return input;
  if (!can_cast(from, to))
    throw TypeError(
        message(function, ": there is no cast from ", to_string(from), " to ", to_string(to)));
  const Context c{input, to, strict, function};
  if (is_string(to.id) && is_binary_like(from.id) && !is_string(from.id)) return bytes_to_text(c);
  if (same_layout(from, to))
    return is_large(from.id) == is_large(to.id) ? input.with_type(to) : copy_strings(input, to);
  if (is_binary_like(from.id)) return parse_text(c);
  if (is_binary_like(to.id)) return format_text(c);
  if (is_temporal(from.id) && is_temporal(to.id)) return cast_times(c);
  if (to.id == DType::kBool) return cast_to_bool(c);
  return cast_numbers(c);
}

}  // namespace cne::frame
