#include "frame/strings.h"

#include <cstring>
#include <string_view>
#include <utility>

namespace cne::frame {

namespace {

struct TextSide {
  StringView text;
  bool scalar;
  explicit TextSide(const Operand& side) : text(side.column.strings()), scalar(side.scalar) {}
  std::string_view operator()(int64_t i) const { return text[scalar ? 0 : i]; }
};

/// The other case of a code point of two bytes, where it has two bytes as well.
uint32_t change_point(uint32_t c, bool upper) {
  const auto shift = [&](uint32_t first_upper, uint32_t last_upper, uint32_t distance) {
    if (upper && c >= first_upper + distance && c <= last_upper + distance)
      c -= distance;
    else if (!upper && c >= first_upper && c <= last_upper)
      c += distance;
  };
  if (c >= 0xC0 && c <= 0xFE) {
    if (c != 0xD7 && c != 0xF7) shift(0xC0, 0xDE, 0x20);
  } else if (c >= 0x391 && c <= 0x3CB) {
    if (c != 0x3C2) shift(0x391, 0x3AB, 0x20);
  } else if (c >= 0x400 && c <= 0x45F) {
    if (c <= 0x40F || c >= 0x450)
      shift(0x400, 0x40F, 0x50);
    else
      shift(0x410, 0x42F, 0x20);
  }
  return c;
}

void append_case(std::string_view text, bool upper, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      const bool change = upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z';
      out.push_back(static_cast<char>(change ? c ^ 0x20 : c));
    } else if (c >= 0xC2 && c <= 0xDF && i + 1 < text.size()) {
      const auto next = static_cast<unsigned char>(text[++i]);
      const uint32_t point = change_point(((c & 0x1Fu) << 6) | (next & 0x3Fu), upper);
      out.push_back(static_cast<char>(0xC0 | (point >> 6)));
      out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
    } else {
      out.push_back(text[i]);
    }
  }
}

}  // namespace

Column copy_strings(const Column& input, const DataType& type) {
  const StringView text = input.strings();
  return build_strings(type, input.length(), validity_from_zero(input),
                       [&](int64_t i, std::string& out) { out += text[i]; });
}

Column text_length(const Column& input) {
  const StringView text = input.strings();
  const bool points = is_string(input.type().id);
  Buffer values = Buffer::allocate(static_cast<size_t>(input.length()) * 8);
  for (int64_t i = 0; i < input.length(); ++i) {
    const std::string_view one = text[i];
    auto count = static_cast<int64_t>(one.size());
    if (points)
      for (const char c : one) count -= (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    values.mutable_as<int64_t>()[i] = count;
  }
  return Column(DType::kInt64, input.length(), std::move(values), validity_from_zero(input));
}

Column change_case(const Column& input, bool upper) {
  const StringView text = input.strings();
  return build_strings(input.type(), input.length(), validity_from_zero(input),
                       [&](int64_t i, std::string& out) { append_case(text[i], upper, out); });
}

Column match(ExprOp op, const Operand& text, const Operand& pattern, int64_t n) {
  const TextSide a(text);
  const TextSide b(pattern);
  const auto bits = [&](const auto& test) {
    return make_bitmap(n, [&](int64_t at, int64_t count) {
      return pack_bits(at, count, [&](int64_t i) { return test(a(i), b(i)); });
    });
  };
  using View = std::string_view;
  Buffer values;
  if (op == ExprOp::kStartsWith)
    values = bits([](View x, View y) { return x.starts_with(y); });
  else if (op == ExprOp::kEndsWith)
    values = bits([](View x, View y) { return x.ends_with(y); });
  else
    values = bits([](View x, View y) {
      return y.empty() || (!x.empty() && memmem(x.data(), x.size(), y.data(), y.size()) != nullptr);
    });
  return Column(DType::kBool, n, std::move(values), both_valid(text, pattern, n));
}

Column concat_text(const Operand& a, const Operand& b, int64_t n) {
  const TextSide x(a);
  const TextSide y(b);
  return build_strings(is_large(a.column.type().id) ? a.column.type() : b.column.type(), n,
                       both_valid(a, b, n), [&](int64_t i, std::string& out) {
                         out += x(i);
                         out += y(i);
                       });
}

}  // namespace cne::frame
