#include "core/json_value.h"

#include <charconv>
#include <cmath>

#include "core/error.h"
#include "core/json_scanner.h"
#include "core/json_writer.h"

namespace cne {

namespace {

bool is_integer(double number) {
  return number == std::floor(number) && std::abs(number) < 0x1p53 &&
         !(number == 0 && std::signbit(number));
}

class Parser {
 public:
  Parser(std::string_view text, const char* function)
      : in_(text, kMaxJsonDepth), function_(function) {}

  JsonValue whole() {
    JsonValue out = value(0);
    need(in_.at_end());
    return out;
  }

 private:
  using Kind = JsonScanner::Kind;

  [[noreturn]] void fail(const char* reason) const {
    throw CorruptionError(
        message(function_, ": not a whole JSON text: ", reason, " (byte ", in_.position(), ")"));
  }
  void need(bool good) const {
    if (!good) fail(in_.error());
  }

  JsonValue value(int depth) {
    if (depth > kMaxJsonDepth) fail("nested too deep");
    std::string_view text;
    const Kind kind = in_.peek();
    switch (kind) {
      case Kind::kObject:
        return object(depth);
      case Kind::kArray:
        return array(depth);
      case Kind::kString:
        need(in_.string(&text));
        return JsonValue(std::string(text));
      case Kind::kNumber:
        return number();
      case Kind::kTrue:
      case Kind::kFalse:
        need(in_.word(kind));
        return JsonValue(kind == Kind::kTrue);
      case Kind::kNull:
        need(in_.word(kind));
        return {};
      case Kind::kNone:
        break;
    }
    fail("expected a value");
  }

  JsonValue object(int depth) {
    JsonValue::Object members;
    need(in_.expect('{'));
    if (in_.accept('}')) return JsonValue(std::move(members));
    std::string_view text;
    do {
      need(in_.string(&text));
      std::string name(text);
      need(in_.expect(':'));
      members.emplace_back(std::move(name), value(depth + 1));
    } while (in_.accept(','));
    need(in_.expect('}'));
    return JsonValue(std::move(members));
  }

  JsonValue array(int depth) {
    in_.accept('[');
    if (in_.accept(']')) return JsonValue(JsonValue::Array{});
    if (in_.peek() != Kind::kNumber) return mixed({}, depth);
    JsonValue::Numbers packed;
    do {
      if (in_.peek() != Kind::kNumber) {
        JsonValue::Array items;
        for (const double number : packed.values) {
          if (is_integer(number))
            items.emplace_back(static_cast<int64_t>(number));
          else
            items.emplace_back(number);
        }
        return mixed(std::move(items), depth);
      }
      packed.values.push_back(to_double(number_text()));
    } while (in_.accept(','));
    need(in_.expect(']'));
    return JsonValue(std::move(packed));
  }

  JsonValue mixed(JsonValue::Array items, int depth) {
    do {
      items.push_back(value(depth + 1));
    } while (in_.accept(','));
    need(in_.expect(']'));
    return JsonValue(std::move(items));
  }

  std::string_view number_text() {
    std::string_view text;
    need(in_.number(&text));
    return text;
  }

  double to_double(std::string_view text) const {
    if (text == "NaN") return NAN;
    if (text == "Infinity") return INFINITY;
    if (text == "-Infinity") return -INFINITY;
    double out = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), out);
    if (result.ec != std::errc()) fail("a number is out of the range of float64");
    return out;
  }

  JsonValue number() {
    const std::string_view text = number_text();
    int64_t integer = 0;
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, integer);
    if (result.ec == std::errc() && result.ptr == end && text != "-0") return JsonValue(integer);
    return JsonValue(to_double(text));
  }

  JsonScanner in_;
  const char* function_;
};

/// A packed number: 'd' with the digits of a float32 and marked as no integer.
void write_packed(double value, char type, ByteBuffer& out) {
  if (type != 'd') {
    if (is_integer(value)) return json_integer(static_cast<int64_t>(value), out);
    return json_number(value, out);
  }
  const size_t begin = out.size();
  json_number(static_cast<float>(value), out);
  const std::string_view text = out.view().substr(begin);
  if (text.find_first_of(".en") == std::string_view::npos) out.append(".0");
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  if (const Object* members = object())
    for (const Member& member : *members)
      if (member.first == name) return &member.second;
  return nullptr;
}

JsonValue& JsonValue::add_member(std::string name, JsonValue value) {
  if (is_null()) value_ = Object();
  std::get<Object>(value_).emplace_back(std::move(name), std::move(value));
  return *this;
}

JsonValue parse_json(std::string_view text, const char* function) {
  return Parser(text, function).whole();
}

void write_json(const JsonValue& value, ByteBuffer& out) {
  const char* separator = "";
  const auto separate = [&] {
    out.append(separator);
    separator = ",";
  };
  if (const bool* flag = value.boolean()) {
    out.append(*flag ? "true" : "false");
  } else if (const int64_t* integer = value.integer()) {
    json_integer(*integer, out);
  } else if (const double* real = value.real()) {
    json_number(*real, out);
  } else if (const std::string* text = value.text()) {
    json_string(*text, out);
  } else if (const JsonValue::Numbers* packed = value.numbers()) {
    out.push('[');
    for (const double number : packed->values) separate(), write_packed(number, packed->type, out);
    out.push(']');
  } else if (const JsonValue::Array* items = value.array()) {
    out.push('[');
    for (const JsonValue& item : *items) separate(), write_json(item, out);
    out.push(']');
  } else if (const JsonValue::Object* members = value.object()) {
    out.push('{');
    for (const auto& [name, member] : *members) {
      separate();
      json_string(name, out);
      out.push(':');
      write_json(member, out);
    }
    out.push('}');
  } else {
    out.append("null");
  }
}

}  // namespace cne
