"""Places where few may work at once, because each takes much: a few more wait, and who would wait long is told to come again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.errors import Unavailable

READING = "other files of this kind are being read; send yours again"


class ReadersBusy(Unavailable):
    slug = "readers-busy"


class Places:
    """`busy` and `words` are what somebody is told for whom there is no place."""

    def __init__(
        self, places: int, most_waiting: int, busy: type[Unavailable] = ReadersBusy, words: str = READING
    ) -> None:
        self._free = asyncio.Semaphore(places)
        self._most_waiting, self._waiting = most_waiting, 0
        self._busy, self._words = busy, words

    @asynccontextmanager
    async def one(self, longest_wait: float) -> AsyncIterator[None]:
        """A place, until the block ends. Raises `busy` after so many seconds, and at once where many wait already."""
        if self._waiting >= self._most_waiting:
            raise self._refusal()
        self._waiting += 1
        try:
            async with asyncio.timeout(longest_wait):
                await self._free.acquire()
        except TimeoutError as error:
            raise self._refusal() from error
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()

    def _refusal(self) -> Unavailable:
        return self._busy(self._words, headers={"Retry-After": "2"})
