"""A real HTTP server that answers like an OpenAI-compatible endpoint, as a test tells it to, and counts."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], bytes]  # status, headers, body


class ChatServer:
    """What was asked, and what is answered: `answer` is given the number of the request, from 1, and its body."""

    def __init__(self, answer: Callable[[int, dict[str, Any]], Answer]) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.at: list[float] = []
        self.together = self.most_together = 0
        self._answer = answer
        self._lock = threading.Lock()

    def reply(self, body: dict[str, Any], headers: dict[str, str]) -> Answer:
        with self._lock:
            self.asked.append(body)
            self.headers.append(headers)
            self.at.append(time.monotonic())
            number = len(self.asked)
            self.together += 1
            self.most_together = max(self.most_together, self.together)
        try:
            return self._answer(number, body)
        finally:
            with self._lock:
                self.together -= 1

    url = ""


def completion(content: str | None, logprobs: Any = None, usage: tuple[int, int] | None = (100, 1)) -> Answer:
    body: dict[str, Any] = {"choices": [{"message": {"role": "assistant", "content": content}, "logprobs": logprobs}]}
    if usage:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
    return 200, {}, json.dumps(body).encode()


@contextmanager
def chat_server(answer: Callable[[int, dict[str, Any]], Answer]) -> Iterator[ChatServer]:
    chat = ChatServer(answer)

    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, headers, content = chat.reply(body | {"path": self.path}, dict(self.headers))
            if status == 0:  # hang up
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    chat.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield chat
    finally:
        server.shutdown()
        server.server_close()
