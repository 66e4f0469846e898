"""Stands in for `wayfare serve`: answers /healthz, takes events and writes them to a file, one JSON line each.

Usage: stub_serve.py PORT FILE [STATUS]; the first answer to an event is STATUS, those after it are 202.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT, FILE = int(sys.argv[1]), Path(sys.argv[2])
STATUSES = [int(word) for word in sys.argv[3:]]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/healthz" else 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = STATUSES.pop(0) if STATUSES else 202
        if status == 202:
            with FILE.open("ab") as file:
                file.write(body + b"\n")
        self._answer(status)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


class Server(ThreadingHTTPServer):
    allow_reuse_address = True


print("the stand-in serves", flush=True)
Server(("127.0.0.1", PORT), Handler).serve_forever()
