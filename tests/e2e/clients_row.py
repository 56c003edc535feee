"""One row of the table of real clients: what is started, and what normwatch must have seen of it.

Commands are for `sh -e`, in an empty directory of the row (which is $D). They know $SERVER and $CLIENT (addresses),
$PASSWORD, and $TLS (a folder with cert.pem and key.pem). In files these are {D}, {SERVER}, ...; braces are doubled.
"""

import dataclasses
import re

SERVER, CLIENT = "192.0.2.1", "192.0.2.2"
PASSWORD = "Zisterne-4711-Kegel"  # the only one there is; no event may tell it


@dataclasses.dataclass(frozen=True)
class Row:
    """A protocol: a real server, real clients, and the events that they must lead to."""

    name: str
    packages: str  # "package:program ..." (the program is what shows that the package is there)
    client: str
    events: list  # (path, {field: value}); a value may be a pattern, or None for a field that must be absent
    port: int = 0  # of the events, at the responder; 0: any
    files: dict = dataclasses.field(default_factory=dict)  # name: text
    prepare: str = ""
    server: str = ""
    ready: str = ""  # a command that succeeds once the server is ready; else `port` is waited for
    peer_server: str = ""  # a server at the clients' end
    statuses: tuple = (0,)  # what the client may end with


def like(pattern):
    """A value that matches all of this."""
    return re.compile(pattern)
