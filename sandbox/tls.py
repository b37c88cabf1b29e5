"""Keep the certificates for the gateway that requires mTLS, and serve with them."""

import shutil
import ssl
import tempfile
from pathlib import Path

FILES = ("ca.pem", "server.pem", "server.key", "client.pem", "client.key")


def ensure_certificates(data: Path) -> Path:
    """`data`/tls with ca.pem, server.{pem,key}, client.{pem,key}; made once, moved into place as a whole."""
    folder = data / "tls"
    if all((folder / name).exists() for name in FILES):
        return folder
    from sandbox.certificates import write_all  # its libraries are 4 MB, and later starts need none of them

    data.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".tls-", dir=data))
    write_all(fresh)
    try:
        fresh.rename(folder)
    except OSError:  # another process was quicker: its certificates are as good
        shutil.rmtree(fresh)
    return folder


def server_context(folder: Path) -> ssl.SSLContext:
    """Return a context that serves our certificate and refuses clients that show none of our authority's."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.pem"))
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    return context
