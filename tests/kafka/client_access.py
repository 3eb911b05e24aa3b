"""How a client comes to a listener: protocol, trust, certificate, login; in each client's words."""

import ssl
from dataclasses import dataclass


@dataclass(frozen=True)
class Access:
    """None stands for what a listener does not ask for."""

    protocol: str = "PLAINTEXT"
    trust: str | None = None  # a file of certificates that may sign the broker's
    identity: str | None = None  # a file of a key and its certificates
    mechanism: str | None = None
    user: str | None = None
    password: str | None = None

    def for_librdkafka(self):
        settings = {
            "security.protocol": self.protocol,
            "ssl.ca.location": self.trust,
            "ssl.certificate.location": self.identity,
            "ssl.key.location": self.identity,
            "sasl.mechanisms": self.mechanism,
            "sasl.username": self.user,
            "sasl.password": self.password,
        }
        return {name: value for name, value in settings.items() if value is not None}

    def for_python(self):
        """For kafka-python and aiokafka."""
        settings = {"security_protocol": self.protocol}
        if self.protocol.endswith("SSL"):
            settings["ssl_context"] = context = ssl.create_default_context(cafile=self.trust)
            if self.identity:
                context.load_cert_chain(self.identity)
        if self.mechanism:
            settings["sasl_mechanism"] = self.mechanism
            settings["sasl_plain_username"] = self.user
            settings["sasl_plain_password"] = self.password
        return settings


OPEN = Access()
