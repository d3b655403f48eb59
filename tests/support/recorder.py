"""Passes requests on to a server and writes them down as JSON Lines: `python recorder.py URL FILE`."""

import json
import sys
import threading
from datetime import datetime, timezone
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

UPSTREAM, FILE = urlsplit(sys.argv[1]), sys.argv[2]
LOCK = threading.Lock()


def body(raw, headers):
    text = raw.decode()
    if "json" not in (headers.get("Content-Type") or ""):
        return {"body": text} if text else {}
    try:
        return {"body": json.loads(text), "raw_body": text}
    except ValueError:
        return {"raw_body": text}


class Recorder(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        at = datetime.now(timezone.utc).isoformat()
        # One request at a time: what is written first was answered first.
        with LOCK:
            upstream = HTTPConnection(UPSTREAM.netloc)
            upstream.request(self.command, self.path, raw, dict(self.headers.items()))
            answer = upstream.getresponse()
            answered = answer.read()
            line = {
                "method": self.command,
                "url": f"{UPSTREAM.geturl()}{self.path}",
                "headers": dict(self.headers.items()),
                **body(raw, self.headers),
                "status": answer.status,
                "response": {"headers": dict(answer.headers.items()), **body(answered, answer.headers)},
                "at": at,
            }
            with open(FILE, "a") as out:
                print(json.dumps(line), file=out)
        self.send_response(answer.status)
        for name in ("Content-Type", "Retry-After"):
            if answer.headers.get(name):
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(answered)))
        self.end_headers()
        self.wfile.write(answered)

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST


server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
