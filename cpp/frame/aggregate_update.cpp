#include <string_view>

#include "frame/aggregate.h"
#include "frame/aggregate_state.h"
#include "frame/dispatch.h"

// The inner loops: one for each part of a state and type of column.

namespace cne::frame {

namespace {

using Part = AggregateLayout::Part;
using Slot = AggregateLayout::Slot;

/// Where the state of a row lies: each row has its own pointer, or all rows share one.
struct Scattered {
  uint8_t* const* states;  // of row 0
  size_t offset;
  template <typename State>
  State* at(int64_t row) const {
    uint8_t* const state = states[row];
    return state ? reinterpret_cast<State*>(state + offset) : nullptr;
  }
};
struct Shared {
  uint8_t* state;
  template <typename State>
  State* at(int64_t) const {
    return reinterpret_cast<State*>(state);
  }
};

template <typename State, typename Place, typename Step>
void for_rows(const Place& place, const Column& column, int64_t begin, int64_t end,
              const Step& step) {
  if (!column.may_have_nulls()) {
    for (int64_t i = begin; i < end; ++i)
      if (State* state = place.template at<State>(i)) step(*state, i);
    return;
  }
  const uint8_t* valid = column.validity_buffer().data();
  const int64_t shift = column.offset();
  for (int64_t i = begin; i < end; ++i)
    if (get_bit(valid, shift + i))
      if (State* state = place.template at<State>(i)) step(*state, i);
}

template <bool kMin, typename Place>
void update_extreme(const Place& place, const Column& column, int64_t begin, int64_t end) {
  if (is_binary_like(column.type().id)) {
    const StringView text = column.strings();
    for_rows<state::Text>(place, column, begin, end, [&](state::Text& s, int64_t i) {
      s.template add_extreme<kMin>(text[i]);
    });
    return;
  }
  visit_reader(column, [&](auto read) {
    for_rows<state::Extreme>(place, column, begin, end,
                             [&](state::Extreme& s, int64_t i) { s.template add<kMin>(read(i)); });
  });
}

template <bool kFirst, typename Place>
void update_edge(const Place& place, const Column& column, int64_t begin, int64_t end,
                 const Order& order) {
  if (is_binary_like(column.type().id)) {
    const StringView text = column.strings();
    for_rows<state::Text>(place, column, begin, end, [&](state::Text& s, int64_t i) {
      s.template add_edge<kFirst>(text[i], order.at(i));
    });
    return;
  }
  visit_reader(column, [&](auto read) {
    for_rows<state::Edge>(place, column, begin, end, [&](state::Edge& s, int64_t i) {
      s.template add<kFirst>(read(i), order.at(i));
    });
  });
}

template <typename Place>
void update_slot(const Slot& slot, const Place& place, const std::vector<Column>& inputs,
                 int64_t begin, int64_t end, const Order& order) {
  if (slot.part == Part::kRows) {
    for (int64_t i = begin; i < end; ++i)
      if (auto* s = place.template at<state::Count>(i)) ++s->count;
    return;
  }
  const Column& column = inputs[static_cast<size_t>(slot.input)];
  switch (slot.part) {
    case Part::kValid:
      for_rows<state::Count>(place, column, begin, end,
                             [](state::Count& s, int64_t) { ++s.count; });
      break;
    case Part::kSum:
      visit_reader(column, [&](auto read) {
        for_rows<state::Sum>(place, column, begin, end, [&](state::Sum& s, int64_t i) {
          s.add(static_cast<state::Int128>(read(i)));
          ++s.count;
        });
      });
      break;
    case Part::kFloat:
      visit_reader(column, [&](auto read) {
        for_rows<state::FloatSum>(place, column, begin, end, [&](state::FloatSum& s, int64_t i) {
          s.sum += static_cast<double>(read(i));
          ++s.count;
        });
      });
      break;
    case Part::kMoments:
      visit_reader(column, [&](auto read) {
        for_rows<state::Moments>(place, column, begin, end, [&](state::Moments& s, int64_t i) {
          s.add(static_cast<double>(read(i)));
        });
      });
      break;
    case Part::kMin:
      update_extreme<true>(place, column, begin, end);
      break;
    case Part::kMax:
      update_extreme<false>(place, column, begin, end);
      break;
    case Part::kFirst:
      update_edge<true>(place, column, begin, end, order);
      break;
    default:
      update_edge<false>(place, column, begin, end, order);
      break;
  }
}

template <bool kMin>
void merge_extreme(const Slot& slot, uint8_t* into, const uint8_t* from) {
  if (slot.owns_text()) {
    const auto& text = *reinterpret_cast<const state::Text*>(from);
    if (text.data) reinterpret_cast<state::Text*>(into)->add_extreme<kMin>(text.view());
    return;
  }
  const auto& value = *reinterpret_cast<const state::Extreme*>(from);
  if (!value.present) return;
  auto& kept = *reinterpret_cast<state::Extreme*>(into);
  if (slot.type.id == DType::kBool)
    kept.add<kMin>(state::from_bits<uint8_t>(value.bits));
  else
    visit_fixed(slot.type.id,
                [&](auto tag) { kept.add<kMin>(state::from_bits<decltype(tag)>(value.bits)); });
}

template <bool kFirst>
void merge_edge(const Slot& slot, uint8_t* into, const uint8_t* from) {
  if (slot.owns_text()) {
    const auto& text = *reinterpret_cast<const state::Text*>(from);
    if (text.data) reinterpret_cast<state::Text*>(into)->add_edge<kFirst>(text.view(), text.order);
    return;
  }
  const auto& value = *reinterpret_cast<const state::Edge*>(from);
  if (value.present) reinterpret_cast<state::Edge*>(into)->add<kFirst>(value.bits, value.order);
}

}  // namespace

void AggregateLayout::update_rows(uint8_t* const* states, const std::vector<Column>& inputs,
                                  int64_t begin, int64_t end, const Order& order) const {
  for (const Slot& slot : slots_)
    update_slot(slot, Scattered{states - begin, slot.offset}, inputs, begin, end, order);
}

void AggregateLayout::update_row(uint8_t* state, const std::vector<Column>& inputs, int64_t row,
                                 const Order& order) const {
  update_run(state, inputs, row, row + 1, order);
}

void AggregateLayout::update_run(uint8_t* state, const std::vector<Column>& inputs, int64_t begin,
                                 int64_t end, const Order& order) const {
  for (const Slot& slot : slots_)
    update_slot(slot, Shared{state + slot.offset}, inputs, begin, end, order);
}

void AggregateLayout::merge_slot(const Slot& slot, uint8_t* into, const uint8_t* from) {
  const auto both = [&]<typename State>(State*) {
    reinterpret_cast<State*>(into)->merge(*reinterpret_cast<const State*>(from));
  };
  switch (slot.part) {
    case Part::kRows:
    case Part::kValid:
      return both(static_cast<state::Count*>(nullptr));
    case Part::kSum:
      return both(static_cast<state::Sum*>(nullptr));
    case Part::kFloat:
      return both(static_cast<state::FloatSum*>(nullptr));
    case Part::kMoments:
      return both(static_cast<state::Moments*>(nullptr));
    case Part::kMin:
      return merge_extreme<true>(slot, into, from);
    case Part::kMax:
      return merge_extreme<false>(slot, into, from);
    case Part::kFirst:
      return merge_edge<true>(slot, into, from);
    case Part::kLast:
      return merge_edge<false>(slot, into, from);
  }
}

}  // namespace cne::frame
