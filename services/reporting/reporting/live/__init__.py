"""The live feed: every change of a view, to every connected client, as server-sent events.

One reader per process follows the feed table and fans out. A change is encoded once, whatever the number of clients. What must not
break:
- `id:` is `<epoch>:<position>`. A client that comes back with the last id it saw gets all that came after, in order; where that is
  not possible (unknown, of another epoch, too old, not an id of ours) it is told `reset` and loads anew.
- A client joins first and reads what it missed after, so nothing falls between the two; and nobody joins before the follower knows
  where the feed stands.
- A slow client holds nobody up: its changes are coalesced by key, past a bound it is told `reset`, and a send that takes too long
  ends its stream. No stream holds a database session, outlives its token, or the server's closing.
"""

from reporting.live.feed import follow, prepare
from reporting.live.stream import LiveStream

__all__ = ["LiveStream", "follow", "prepare"]
