"""Requests by the names of their fields, encoded and decoded by kafka-python's classes."""

from random_message import CLASSES


def _make(field, make, version, values):
    out = {}
    for name, value in values.items():
        inner = field.fields[name]
        if inner.is_struct_array() and value is not None:
            value = [_make(inner, inner.data_class, version, one) for one in value]
        out[name] = value
    return make(version=version, **out)


def ask(client, api, version, fields):
    """The response; what `fields` leaves out has its default. `client` is a `wire_client.Client`."""
    cls = CLASSES[f"{api}Request"]
    request = _make(cls._struct, cls, version, fields)
    flexible = cls.flexible_version_q(version)
    body = bytes(request.encode(version=version))
    reader = client.call(cls.API_KEY, version, body, flexible=flexible)
    data = reader.data[reader.at :]
    return CLASSES[f"{api}Response"].decode(data, version=version)


def at(message, path):
    """What is at a path such as "topics.0.error_code"; None where there is no such item."""
    for step in path.split("."):
        if not step.isdigit():
            message = getattr(message, step)
        elif int(step) < len(message):
            message = message[int(step)]
        else:
            return None
    return message
