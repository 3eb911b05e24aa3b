"""Random messages of the protocol, made from kafka-python's schemas and encoded by kafka-python."""

import importlib
import struct
import uuid
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of how it reads its schemas
    from kafka.protocol.api_message import ApiMessage

    for part in ("admin", "consumer", "metadata", "producer", "sasl"):
        importlib.import_module(f"kafka.protocol.{part}")

CLASSES = {
    cls.json["name"]: cls for cls in ApiMessage.__subclasses__() if cls._class_version is None
}
"""From "FetchRequest" to kafka-python's class."""

TEXTS = ("", "a", "topic-1", "größer", "日本", "\U0001f680 x", "n" * 130)
INTEGERS = {"int8": 8, "int16": 16, "uint16": 16, "int32": 32, "int64": 64}


def random_integer(rng, kind):
    bits = INTEGERS[kind]
    low, high = (0, 2**bits - 1) if kind[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return rng.choice((low, high, 0, 1, rng.randint(low, high), rng.randint(low, high)))


def random_simple(rng, kind):
    if kind in INTEGERS:
        return random_integer(rng, kind)
    if kind == "bool":
        return rng.random() < 0.5
    if kind == "string":
        return rng.choice(TEXTS)
    if kind in ("bytes", "records"):
        return rng.randbytes(rng.choice((0, 1, 20, 200)))
    if kind == "uuid":
        return uuid.UUID(bytes=rng.randbytes(16))
    if kind == "float64":
        return struct.unpack(">d", struct.pack(">d", rng.uniform(-1e9, 1e9)))[0]
    if kind == "bitfield":
        return {i for i in range(32) if rng.random() < 0.3} or {1}
    raise AssertionError(kind)


def random_struct(rng, field, make, version):
    """`make` is the class of the values of `field`."""
    values = {}
    for inner in field.fields.values():
        tagged = inner.tag is not None and not inner.tagged_field_q(version)
        if inner.for_version_q(version) and not tagged:
            values[inner.name] = random_value(rng, inner, version)
    return make(version=version, **values)


def is_default(value):
    return all(getattr(value, name) == field.default for name, field in value.fields.items())


def random_value(rng, field, version):
    if field.tag is not None and rng.random() < 0.4:
        return field.default
    if field.nullable_for_version_q(version) and rng.random() < 0.3:
        return None
    if field.is_struct_array():
        return [random_struct(rng, field, field.data_class, version)
                for _ in range(rng.choice((0, 1, 2, 3)))]  # fmt: skip
    if field.is_struct():
        value = random_struct(rng, field, field.data_class, version)
        # kafka-python writes a tagged structure of defaults, we leave it out, as Kafka does.
        while field.tag is not None and is_default(value):
            value = random_struct(rng, field, field.data_class, version)
        return value
    if field.is_array():
        kind = field.type_str[2:]
        return [random_simple(rng, kind) for _ in range(rng.choice((0, 1, 2, 5)))]
    return random_simple(rng, field.type_str)


def random_message(rng, cls, version):
    return random_struct(rng, cls._struct, cls, version)
