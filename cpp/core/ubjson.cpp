#include "core/ubjson.h"

#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/utf8.h"

namespace cne {

namespace {

constexpr double kExact = 0x1p53;

/// Bytes of a number by its letter; 0 for other letters.
size_t width_of(char type) {
  switch (type) {
    case 'i':
    case 'U':
      return 1;
    case 'I':
      return 2;
    case 'l':
    case 'd':
      return 4;
    case 'L':
    case 'D':
      return 8;
    default:
      return 0;
  }
}

class Parser {
 public:
  Parser(std::string_view bytes, const char* function) : bytes_(bytes), function_(function) {}

  JsonValue whole() {
    JsonValue out = value(marker(), 0);
    if (at_ != bytes_.size()) fail("bytes follow its end");
    return out;
  }

 private:
  struct Count {
    bool known = false;
    size_t size = 0;
    char type = 0;
  };

  [[noreturn]] void fail(const char* reason) const {
    throw CorruptionError(message(function_, ": not a whole UBJSON document: ", reason, " (byte ",
                                  at_, " of ", bytes_.size(), ")"));
  }

  std::string_view take(size_t size) {
    if (size > bytes_.size() - at_) fail("it ends too early");
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  bool accept(char c) {
    if (at_ >= bytes_.size() || bytes_[at_] != c) return false;
    ++at_;
    return true;
  }
  char marker() {
    while (accept('N')) continue;  // no-op
    return take(1)[0];
  }

  uint64_t bits(size_t width) {
    uint64_t out = 0;
    for (const char c : take(width)) out = out << 8 | static_cast<uint8_t>(c);
    return out;
  }
  int64_t integer(char type) {
    switch (type) {
      case 'U':
        return static_cast<int64_t>(bits(1));
      case 'i':
        return static_cast<int8_t>(bits(1));
      case 'I':
        return static_cast<int16_t>(bits(2));
      case 'l':
        return static_cast<int32_t>(bits(4));
      case 'L':
        return static_cast<int64_t>(bits(8));
      default:
        fail("expected an integer");
    }
  }
  double number(char type) {
    if (type == 'd') {
      const auto raw = static_cast<uint32_t>(bits(4));
      float out;
      std::memcpy(&out, &raw, sizeof out);
      return out;
    }
    if (type == 'D') {
      const uint64_t raw = bits(8);
      double out;
      std::memcpy(&out, &raw, sizeof out);
      return out;
    }
    return static_cast<double>(integer(type));
  }

  std::string text() {
    const int64_t size = integer(take(1)[0]);
    if (size < 0) fail("a length is negative");
    std::string out(take(static_cast<size_t>(size)));
    if (!is_utf8(out)) fail("a string is not valid UTF-8");
    return out;
  }

  Count count() {
    Count out;
    if (accept('$')) out.type = take(1)[0];
    if (accept('#')) {
      const int64_t size = integer(take(1)[0]);
      const size_t least = out.type != 0 && width_of(out.type) > 0 ? width_of(out.type) : 1;
      if (size < 0 || static_cast<size_t>(size) > (bytes_.size() - at_) / least)
        fail("a length is beyond the end");
      out.known = true;
      out.size = static_cast<size_t>(size);
    } else if (out.type != 0) {
      fail("a type without a count");
    }
    if (out.type == 'Z' || out.type == 'T' || out.type == 'F' || out.type == 'N')
      fail("a container whose elements take no bytes");
    return out;
  }

  JsonValue value(char type, int depth) {
    if (depth > kMaxJsonDepth) fail("nested too deep");
    switch (type) {
      case 'Z':
        return {};
      case 'T':
        return JsonValue(true);
      case 'F':
        return JsonValue(false);
      case 'd':
      case 'D':
        return JsonValue(number(type));
      case 'S':
      case 'H':
        return JsonValue(text());
      case 'C':
        if ((bytes_.size() > at_ ? bytes_[at_] : 0) & 0x80) fail("a char is not ASCII");
        return JsonValue(std::string(take(1)));
      case '[':
        return array(depth);
      case '{':
        return object(depth);
      default:
        return JsonValue(integer(type));
    }
  }

  JsonValue array(int depth) {
    const Count n = count();
    if (width_of(n.type) > 0) {
      JsonValue::Numbers packed;
      packed.type = n.type;
      packed.values.reserve(n.size);
      for (size_t i = 0; i < n.size; ++i) packed.values.push_back(number(n.type));
      return JsonValue(std::move(packed));
    }
    JsonValue::Array items;
    bool numbers = true;
    for (size_t i = 0; n.known ? i < n.size : !accept(']'); ++i) {
      items.push_back(value(n.type != 0 ? n.type : marker(), depth + 1));
      const JsonValue& last = items.back();
      numbers &= last.integer() != nullptr || last.real() != nullptr;
    }
    if (!numbers || items.empty()) return JsonValue(std::move(items));
    JsonValue::Numbers packed;
    packed.values.reserve(items.size());
    for (const JsonValue& item : items)
      packed.values.push_back(item.real() != nullptr ? *item.real()
                                                     : static_cast<double>(*item.integer()));
    return JsonValue(std::move(packed));
  }

  JsonValue object(int depth) {
    const Count n = count();
    JsonValue::Object members;
    for (size_t i = 0; n.known ? i < n.size : !accept('}'); ++i) {
      std::string name = text();
      members.emplace_back(std::move(name), value(n.type != 0 ? n.type : marker(), depth + 1));
    }
    return JsonValue(std::move(members));
  }

  std::string_view bytes_;
  const char* function_;
  size_t at_ = 0;
};

void put_bits(uint64_t bits, size_t width, ByteBuffer& out) {
  for (size_t i = width; i-- > 0;) out.push(static_cast<char>(bits >> (8 * i)));
}

void put_number(double value, char type, ByteBuffer& out) {
  uint64_t bits = 0;
  if (type == 'd') {
    const auto single = static_cast<float>(value);
    std::memcpy(&bits, &single, sizeof single);
  } else if (type == 'D') {
    std::memcpy(&bits, &value, sizeof value);
  } else {
    bits = static_cast<uint64_t>(static_cast<int64_t>(value));
  }
  put_bits(bits, width_of(type), out);
}

void put_integer(int64_t value, ByteBuffer& out) {
  const char type = value == static_cast<int8_t>(value)    ? 'i'
                    : value == static_cast<int16_t>(value) ? 'I'
                    : value == static_cast<int32_t>(value) ? 'l'
                                                           : 'L';
  out.push(type);
  put_bits(static_cast<uint64_t>(value), width_of(type), out);
}

void put_real(double value, ByteBuffer& out) {
  const char type = static_cast<double>(static_cast<float>(value)) == value ? 'd' : 'D';
  out.push(type);
  put_number(value, type, out);
}

void put_length(size_t size, ByteBuffer& out) {
  out.push('L');
  put_bits(size, 8, out);
}

void put_text(std::string_view text, ByteBuffer& out) {
  put_length(text.size(), out);
  out.append(text);
}

void put_packed(const JsonValue::Numbers& packed, ByteBuffer& out) {
  out.push('[');
  if (packed.type != 0) {
    out.push('$');
    out.push(packed.type);
  }
  out.push('#');
  put_length(packed.values.size(), out);
  for (const double number : packed.values) {
    if (packed.type != 0)
      put_number(number, packed.type, out);
    else if (number == std::floor(number) && std::abs(number) < kExact)
      put_integer(static_cast<int64_t>(number), out);
    else
      put_real(number, out);
  }
}

}  // namespace

JsonValue parse_ubjson(std::string_view bytes, const char* function) {
  return Parser(bytes, function).whole();
}

void write_ubjson(const JsonValue& value, ByteBuffer& out) {
  if (const bool* flag = value.boolean()) {
    out.push(*flag ? 'T' : 'F');
  } else if (const int64_t* integer = value.integer()) {
    put_integer(*integer, out);
  } else if (const double* real = value.real()) {
    put_real(*real, out);
  } else if (const std::string* text = value.text()) {
    out.push('S');
    put_text(*text, out);
  } else if (const JsonValue::Numbers* packed = value.numbers()) {
    put_packed(*packed, out);
  } else if (const JsonValue::Array* items = value.array()) {
    out.append("[#");
    put_length(items->size(), out);
    for (const JsonValue& item : *items) write_ubjson(item, out);
  } else if (const JsonValue::Object* members = value.object()) {
    out.push('{');
    for (const auto& [name, member] : *members) {
      put_text(name, out);
      write_ubjson(member, out);
    }
    out.push('}');
  } else {
    out.push('Z');
  }
}

}  // namespace cne
