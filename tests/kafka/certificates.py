"""Certificates for tests: authorities, brokers and clients, made when a test needs them."""

import datetime
import ipaddress
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

DAY = datetime.timedelta(days=1)


class Identity:
    """A key and its certificate; one without an issuer signs itself."""

    def __init__(self, name, issuer=None, *, authority=False, begin=-1, end=10):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.issuer = issuer
        subject = x509.Name([x509.NameAttribute(*part) for part in self.parts(name)])
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begin * DAY)
            .not_valid_after(now + end * DAY)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if not authority:
            names = x509.SubjectAlternativeName([x509.DNSName("localhost"),
                x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])  # fmt: skip
            builder = builder.add_extension(names, critical=False)
        self.certificate = builder.sign((issuer or self).key, hashes.SHA256())

    @staticmethod
    def parts(name):
        if isinstance(name, str):
            return [(x509.NameOID.COMMON_NAME, name)]
        return name

    @property
    def certificate_pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def chain_pem(self):
        """Its certificate and those that signed it, but for the last."""
        out, at = "", self
        while at is not None and (at.issuer is not None or at is self):
            out += at.certificate_pem
            at = at.issuer
        return out

    def key_pem(self, password=None):
        protection = (serialization.BestAvailableEncryption(password.encode()) if password
                      else serialization.NoEncryption())  # fmt: skip
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
        ).decode()

    def pkcs12(self, password):
        return pkcs12.serialize_key_and_certificates(
            b"broker", self.key, self.certificate, [self.issuer.certificate] if self.issuer else [],
            serialization.BestAvailableEncryption(password.encode()))  # fmt: skip

    def write(self, folder, name):
        """Key and chain in one file of PEM; its path."""
        path = folder / f"{name}.pem"
        path.write_text(self.key_pem() + self.chain_pem)
        return str(path)


def write_certificates(path, *identities):
    path.write_text("".join(each.certificate_pem for each in identities))
    return str(path)


def client_context(authority, identity_file=None, *, version=None):
    """Python's TLS for a client that trusts an authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority.certificate_pem)
    if identity_file:
        context.load_cert_chain(identity_file)
    if version:
        context.minimum_version = context.maximum_version = version
    return context
