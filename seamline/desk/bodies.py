"""What a request brings: no more than is taken, and within a time."""

from __future__ import annotations

import anyio
from starlette.types import Message, Receive, Send

from seamline.core.errors import SeamlineError
from seamline.desk.errors import TooLarge, TooSlow


def too_large(limit: int) -> TooLarge:
    """What is said of more bytes than these."""
    return TooLarge(f"that is too large; at most {limit:,} bytes are taken")


class Exchange:
    """One request and its answer: a body without a length is counted while it comes.

    Where the body is refused, what the application makes of that is kept back, and `refusal` is to be answered.
    """

    def __init__(self, receive: Receive, send: Send, limit: int, seconds: float) -> None:
        self._receive, self._send = receive, send
        self._limit, self._left = limit, limit
        self._deadline = anyio.current_time() + seconds
        self._more, self._answered = True, False
        self._error: SeamlineError | None = None

    @property
    def refusal(self) -> SeamlineError | None:
        """Why the body was refused, None where it was not, or where the answer had begun before."""
        return None if self._answered else self._error

    async def receive(self) -> Message:
        """The next piece. Raises TooLarge and TooSlow."""
        if self._error is not None:
            raise self._error
        message = await self._in_time() if self._more else await self._receive()
        self._left -= len(message.get("body", b""))
        self._more = message.get("more_body", False)
        if self._left < 0:
            self._error = too_large(self._limit)
            raise self._error
        return message

    async def send(self, message: Message) -> None:
        """Pass on what the application answers."""
        if self.refusal is None:
            self._answered = True
            await self._send(message)

    async def _in_time(self) -> Message:
        try:
            with anyio.fail_after(self._deadline - anyio.current_time()):
                return await self._receive()
        except TimeoutError:
            self._error = TooSlow("the request came too slowly; send it again over a better connection")
            raise self._error from None
