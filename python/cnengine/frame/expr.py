"""Expressions over columns: built in Python, evaluated in native code."""

from __future__ import annotations

import datetime
import functools
import numbers
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cnengine import errors
from cnengine._core import frame as _native
from cnengine.frame.duration import parse_duration

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = (bool, int, float, str)


class Expr:
    """A value computed for each row; made by `col`, `lit` and the operators below.

    Operators: ``+ - * / // % abs() == != < <= > >= & | ^ ~``. Integers wrap around on overflow;
    ``/`` of integers is float64; ``//`` and ``%`` by the integer 0 give null. Comparisons with null
    are null, and a filter drops such rows; ``& | ^`` follow Kleene's logic. A Python number takes
    the type of the column beside it when it fits. Text beside a date or timestamp is read as one.

    Examples
    --------
    >>> import cnengine.frame as cf
    >>> cf.col("a") + 1 > 3
    Expr((col("a") + 1) > 3)
    """

    __slots__ = ("_name", "_native")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, native: _native.Expr, name: str) -> None:
        self._native = native
        self._name = name

    @property
    def name(self) -> str:
        """The name of the column that this gives: its alias, else its first column's."""
        return self._name

    def __repr__(self) -> str:
        text = repr(self._native)
        if text.startswith("(") and text.endswith(")"):
            text = text[1:-1]
        return f"Expr({text})"

    def __bool__(self) -> bool:
        raise errors.TypeError(
            "Expr: an expression has no truth value; use & | ~ in place of and, or, not, "
            "and is_in in place of in"
        )

    def _apply(self, op: str, *others: Any, name: str = "") -> Expr:
        inputs = [self._native, *(to_expr(other)._native for other in others)]
        return Expr(_native.apply(op, inputs, name), self._name)

    def _reflected(self, op: str, other: Any) -> Expr:
        left = to_expr(other)
        return Expr(_native.apply(op, [left._native, self._native]), self._name)

    def __add__(self, other: Any) -> Expr:
        return self._apply("add", other)

    def __radd__(self, other: Any) -> Expr:
        return self._reflected("add", other)

    def __sub__(self, other: Any) -> Expr:
        return self._apply("subtract", other)

    def __rsub__(self, other: Any) -> Expr:
        return self._reflected("subtract", other)

    def __mul__(self, other: Any) -> Expr:
        return self._apply("multiply", other)

    def __rmul__(self, other: Any) -> Expr:
        return self._reflected("multiply", other)

    def __truediv__(self, other: Any) -> Expr:
        return self._apply("divide", other)

    def __rtruediv__(self, other: Any) -> Expr:
        return self._reflected("divide", other)

    def __floordiv__(self, other: Any) -> Expr:
        return self._apply("floor_divide", other)

    def __rfloordiv__(self, other: Any) -> Expr:
        return self._reflected("floor_divide", other)

    def __mod__(self, other: Any) -> Expr:
        return self._apply("modulo", other)

    def __rmod__(self, other: Any) -> Expr:
        return self._reflected("modulo", other)

    def __neg__(self) -> Expr:
        return self._apply("negate")

    def __abs__(self) -> Expr:
        return self._apply("abs")

    def __eq__(self, other: object) -> Expr:  # type: ignore[override]
        return self._apply("equal", other)

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]
        return self._apply("not_equal", other)

    def __lt__(self, other: Any) -> Expr:
        return self._apply("less", other)

    def __le__(self, other: Any) -> Expr:
        return self._apply("less_equal", other)

    def __gt__(self, other: Any) -> Expr:
        return self._apply("greater", other)

    def __ge__(self, other: Any) -> Expr:
        return self._apply("greater_equal", other)

    def __and__(self, other: Any) -> Expr:
        return self._apply("and", other)

    def __rand__(self, other: Any) -> Expr:
        return self._reflected("and", other)

    def __or__(self, other: Any) -> Expr:
        return self._apply("or", other)

    def __ror__(self, other: Any) -> Expr:
        return self._reflected("or", other)

    def __xor__(self, other: Any) -> Expr:
        return self._apply("xor", other)

    def __invert__(self) -> Expr:
        return self._apply("not")

    def alias(self, name: str) -> Expr:
        """The same values under another name.

        Examples
        --------
        >>> import cnengine.frame as cf
        >>> (cf.col("a") * 2).alias("double").name
        'double'
        """
        return Expr(self._native, name)

    def cast(self, type: str, *, strict: bool = True) -> Expr:  # noqa: A002
        """The values as another type.

        Parameters
        ----------
        type
            ``"int64"``, ``"float32"``, ``"utf8"``, ``"timestamp[ms, UTC]"``, ...
        strict
            Whether a value that does not fit raises `ArgumentError` at `collect`; else it
            becomes null. Fractions are cut off, and a coarser unit of time rounds down.
        """
        return Expr(_native.cast(self._native, str(type), strict), self._name)

    def abs(self) -> Expr:
        """The absolute value."""
        return self._apply("abs")

    def sqrt(self) -> Expr:
        """The square root; NaN of negative numbers."""
        return self._apply("sqrt")

    def exp(self) -> Expr:
        """e to the power of the value."""
        return self._apply("exp")

    def log(self) -> Expr:
        """The natural logarithm."""
        return self._apply("log")

    def floor(self) -> Expr:
        """Rounds down to a whole number."""
        return self._apply("floor")

    def ceil(self) -> Expr:
        """Rounds up to a whole number."""
        return self._apply("ceil")

    def round(self) -> Expr:
        """Rounds to the nearest whole number, halves to the even one."""
        return self._apply("round")

    def is_null(self) -> Expr:
        """Whether the value is null; never null itself."""
        return self._apply("is_null")

    def is_not_null(self) -> Expr:
        """Whether the value is not null; never null itself."""
        return self._apply("is_not_null")

    def is_nan(self) -> Expr:
        """Whether a number is NaN; null stays null."""
        return self._apply("is_nan")

    def is_in(self, values: Iterable[Any]) -> Expr:
        """Whether the value equals one of `values`: what ``==`` of each says, joined by ``|``.

        So NaN is in nothing, nulls among `values` are ignored, and a value that is null stays null.
        Of a pyarrow array the type counts as that of a column.

        Raises
        ------
        TypeError
            For values that no column holds, and for a text in place of a list.

        Examples
        --------
        >>> import cnengine.frame as cf
        >>> cf.col("origin").is_in(["JFK", "LGA"])
        Expr(is_in(col("origin"), ["JFK", "LGA"]))
        """
        import pyarrow as pa

        arrow = isinstance(values, (pa.Array, pa.ChunkedArray))
        parts = []
        for array in [values] if arrow else _arrays(values):
            native = _native.literal_array(pa.table({"values": array}), not arrow)
            parts.append(_native.apply("is_in", [self._native, native]))
        return Expr(functools.reduce(lambda a, b: _native.apply("or", [a, b]), parts), self._name)

    def fill_null(self, value: Any) -> Expr:
        """The value, or `value` (a constant or an expression) where it is null."""
        return self._apply("coalesce", value)

    def length(self) -> Expr:
        """The number of characters (code points) of a text; of bytes in a binary column."""
        return self._apply("length")

    def lower(self) -> Expr:
        """Text in lower case (Latin, Greek and Cyrillic letters)."""
        return self._apply("lower")

    def upper(self) -> Expr:
        """Text in upper case (Latin, Greek and Cyrillic letters)."""
        return self._apply("upper")

    def starts_with(self, prefix: Any) -> Expr:
        """Whether a text starts with `prefix`."""
        return self._apply("starts_with", prefix)

    def ends_with(self, suffix: Any) -> Expr:
        """Whether a text ends with `suffix`."""
        return self._apply("ends_with", suffix)

    def contains(self, part: Any) -> Expr:
        """Whether a text contains `part`, as it is written (no pattern)."""
        return self._apply("contains", part)

    def year(self) -> Expr:
        """The year of a date or timestamp, in its zone."""
        return self._apply("year")

    def month(self) -> Expr:
        """The month, 1 to 12."""
        return self._apply("month")

    def day(self) -> Expr:
        """The day of the month, 1 to 31."""
        return self._apply("day")

    def hour(self) -> Expr:
        """The hour of a timestamp's wall clock, 0 to 23."""
        return self._apply("hour")

    def minute(self) -> Expr:
        """The minute, 0 to 59."""
        return self._apply("minute")

    def second(self) -> Expr:
        """The second, 0 to 59."""
        return self._apply("second")

    def weekday(self) -> Expr:
        """The day of the week, Monday is 1 and Sunday 7."""
        return self._apply("weekday")

    def year_day(self) -> Expr:
        """The day of the year, from 1."""
        return self._apply("year_day")

    def truncate(self, every: str | datetime.timedelta) -> Expr:
        """A date or timestamp down to a multiple of `every` ("10m", "1h", "1d") of its wall clock.

        Multiples are counted from midnight, 1970-01-01; whole weeks ("1w" and "7d" are one) begin
        on Monday, counted from 1970-01-05. A start that the clocks skip is the moment of the
        change. Dates take whole days. A time whose multiple does not fit its type raises
        `ArgumentError` at `collect`.

        Examples
        --------
        >>> import cnengine.frame as cf
        >>> import pyarrow as pa
        >>> frame = cf.from_arrow(pa.table({"d": [datetime.date(2013, 1, 6)]}))
        >>> frame.select(cf.col("d").truncate("1w")).collect()["d"].to_pylist()
        [datetime.date(2012, 12, 31)]
        """
        return self._apply("truncate", parse_duration(every, "truncate"))

    def to_zone(self, zone: str) -> Expr:
        """The same instants shown in another IANA zone; the column must have a zone."""
        return self._apply("to_zone", name=zone)

    def from_local(self, zone: str) -> Expr:
        """Wall-clock times without a zone as the instants that they are in `zone`.

        A time that comes twice (clocks put back) is the earlier one; one that is skipped is read
        with the offset before the gap.
        """
        return self._apply("from_local", name=zone)


class When:
    """A choice that still needs `then`; made by `when`."""

    def __init__(self, cases: list[tuple[Expr, Expr]], condition: Expr) -> None:
        self._cases = cases
        self._condition = condition

    def then(self, value: Any) -> Then:
        """The value where the condition holds."""
        return Then([*self._cases, (self._condition, to_expr(value))])


class Then(Expr):
    """A choice that gives null where no condition holds, or goes on with `when` or `otherwise`."""

    __slots__ = ("_cases",)

    def __init__(self, cases: list[tuple[Expr, Expr]]) -> None:
        self._cases = cases
        built = self._build(Expr(_native.literal_null(), "literal"))
        super().__init__(built._native, cases[0][1].name)

    def _build(self, last: Expr) -> Expr:
        out = last._native
        for condition, value in reversed(self._cases):
            out = _native.apply("if_else", [condition._native, value._native, out])
        return Expr(out, self._cases[0][1].name)

    def when(self, condition: Expr) -> When:
        """Another condition, for the rows where none before holds."""
        return When(self._cases, to_expr(condition))

    def otherwise(self, value: Any) -> Expr:
        """The value where no condition holds."""
        return self._build(to_expr(value))


def col(name: str) -> Expr:
    """A column by its name.

    Examples
    --------
    >>> import cnengine.frame as cf
    >>> cf.col("delay").is_null()
    Expr(is_null(col("delay")))
    """
    if not isinstance(name, str):
        raise errors.TypeError(f"col: expected a column name, got {type(name).__name__}")
    return Expr(_native.column(name), name)


def lit(value: Any) -> Expr:
    """A constant: None, bool, int, float, str, bytes, date, datetime, timedelta or NumPy scalar.

    Raises
    ------
    TypeError
        For anything else.

    Examples
    --------
    >>> import cnengine.frame as cf
    >>> cf.lit(2.5)
    Expr(2.5)
    """
    name = "literal"
    if value is None:
        return Expr(_native.literal_null(), name)
    if type(value) in _PLAIN and not (type(value) is int and not -(2**63) <= value < 2**63):
        return Expr(_native.literal(value), name)
    import pyarrow as pa

    array = _array([value.as_py() if isinstance(value, pa.Scalar) else value])
    if array is None or pa.types.is_nested(array.type):
        raise errors.TypeError(
            "lit: expected a number, text, bool, date, datetime or timedelta, got "
            f"{type(value).__name__}"
        )
    if isinstance(value, pa.Scalar):
        array = array.cast(value.type)
    return Expr(_native.literal_array(pa.table({"value": array}), True), name)


def _array(values: list[Any]) -> pa.Array | None:
    """An Arrow array of values of one kind; None when there is none."""
    import pyarrow as pa

    large = [type(value) is int and 2**63 <= value < 2**64 for value in values]
    try:
        return pa.array(values, pa.uint64() if any(large) else None)
    except (pa.ArrowException, OverflowError, TypeError, UnicodeError):
        return None


def _arrays(values: Iterable[Any]) -> list[pa.Array]:
    """The values of is_in by kind: integers, those over 63 bits, and all others; no nulls."""
    import pyarrow as pa

    if isinstance(values, (str, bytes)):
        raise errors.TypeError(
            f"is_in: expected a list of values, got {type(values).__name__}; put it into a list"
        )
    kinds: tuple[list, list, list] = ([], [], [])
    for value in values:
        if value is None:
            continue
        whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        kinds[0 if not whole else 1 if value < 2**63 else 2].append(int(value) if whole else value)
    arrays = [_array(kind) for kind in kinds if kind]
    if any(array is None or pa.types.is_nested(array.type) for array in arrays):
        raise errors.TypeError(
            "is_in: expected numbers, texts, bools, dates, datetimes or timedeltas of one kind"
        )
    return arrays or [pa.array([], pa.int64())]


def when(condition: Expr) -> When:
    """Starts a choice: ``when(c).then(a).when(d).then(b).otherwise(e)``.

    Examples
    --------
    >>> import cnengine.frame as cf
    >>> cf.when(cf.col("x") > 0).then(1).otherwise(0)
    Expr(if_else((col("x") > 0), 1, 0))
    """
    return When([], to_expr(condition))


def coalesce(*values: Any) -> Expr:
    """The first of the values that is not null; a str is a column here.

    Examples
    --------
    >>> import cnengine.frame as cf
    >>> cf.coalesce("a", "b", 0)
    Expr(coalesce(col("a"), col("b"), 0))
    """
    if not values:
        raise errors.ArgumentError("coalesce: expected at least one value, got none")
    exprs = [to_column(value) for value in values]
    return Expr(_native.apply("coalesce", [e._native for e in exprs]), exprs[0].name)


def to_expr(value: Any) -> Expr:
    """An expression as it is; anything else as a constant."""
    return value if isinstance(value, Expr) else lit(value)


def to_column(value: Any) -> Expr:
    """A str as the column of that name; else as `to_expr`."""
    return col(value) if isinstance(value, str) else to_expr(value)
