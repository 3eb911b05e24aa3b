#include "stream/description.h"

#include "core/error.h"
#include "core/hash.h"

namespace cne::stream {

namespace {

/// Every field of every node: equal bytes, equal expressions.
void put_expr(StateWriter& out, const frame::Expr& expr) {
  out.put(static_cast<uint8_t>(expr.op));
  out.put_text(expr.name);
  out.put_text(to_string(expr.type));
  out.put<uint8_t>(expr.weak);
  out.put<uint8_t>(expr.strict);
  if (expr.op == frame::ExprOp::kLiteral) {
    out.put<int64_t>(expr.value.length());
    // One by one: what lies under a null is nothing.
    for (int64_t i = 0; i < expr.value.length(); ++i) {
      out.put<uint8_t>(expr.value.is_valid(i));
      if (expr.value.is_valid(i)) out.put_column(expr.value.slice(i, 1));
    }
  }
  out.put<uint64_t>(expr.inputs.size());
  for (const frame::ExprPtr& input : expr.inputs) put_expr(out, *input);
}

std::string hex(uint64_t value) {
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
  return out;
}

}  // namespace

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out + '"';
}

std::string describe(const Schema& schema) {
  std::string out;
  for (const Field& field : schema)
    out += message(out.empty() ? "" : ", ", quoted(field.name), ": ", to_string(field.type));
  return out;
}

std::string describe(const frame::Expr& expr) {
  StateWriter exact;
  put_expr(exact, expr);
  return message(frame::to_string(expr), " #",
                 hex(hash_bytes(exact.bytes().data(), exact.bytes().size())));
}

std::string describe(const Pipeline& pipeline) {
  std::string out;
  for (const Stage& stage : pipeline.stages) {
    constexpr const char* kKinds[] = {"filter", "select", "with_columns"};
    out += message("\n  ", kKinds[static_cast<size_t>(stage.kind)]);
    for (size_t i = 0; i < stage.exprs.size(); ++i)
      out += message(" ", i < stage.names.size() ? quoted(stage.names[i]) + "=" : "",
                     describe(*stage.exprs[i]));
  }
  const auto& spec = pipeline.aggregate;
  if (!spec) return out;
  out += "\n  group_by";
  for (const std::string& key : spec->keys) out += message(" ", quoted(key));
  out += message("\n  ", to_string(spec->window));
  for (const frame::Aggregate& aggregate : spec->aggregates)
    out += message("\n  ", quoted(aggregate.name), "=", frame::to_string(aggregate.kind), " of ",
                   aggregate.input ? describe(*aggregate.input) : "rows");
  return out;
}

}  // namespace cne::stream
