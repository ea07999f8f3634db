// The page's one stream of changes. The browser reconnects by itself and names the last change it saw; where it gives up, we begin
// again from that change, a little later each time.

const LONGEST_PAUSE = 30_000;

/**
 * Follows the changes after `since`. Calls `changed(change)`, `reset()` when all must be loaded anew, and `state(name)` with
 * "live", "reconnecting" or "offline".
 */
export function follow(since, { changed, reset, state }) {
  let last = since;
  let pause = 1000;
  let stream = null;
  let timer = null;

  function open() {
    close();
    stream = new EventSource(`/reporting/v1/live?${new URLSearchParams({ view: "status,indicators,resources,parity", since: last })}`);
    stream.addEventListener("open", () => {
      pause = 1000;
      state("live");
    });
    stream.addEventListener("change", (event) => {
      last = event.lastEventId;
      changed({ id: event.lastEventId, ...JSON.parse(event.data) });
    });
    stream.addEventListener("reset", (event) => {
      last = event.lastEventId;
      reset();
    });
    stream.addEventListener("error", failed);
  }

  function failed() {
    state(navigator.onLine ? "reconnecting" : "offline");
    if (stream.readyState !== EventSource.CLOSED) return;
    timer = setTimeout(open, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }

  function close() {
    clearTimeout(timer);
    stream?.close();
  }

  addEventListener("online", open);
  addEventListener("offline", () => state("offline"));
  addEventListener("pagehide", close); // a page that the browser keeps aside holds no connection
  addEventListener("pageshow", (event) => event.persisted && open());
  open();
}

const LABELS = { connecting: "Connecting", live: "Live", reconnecting: "Reconnecting", offline: "Offline" };

/** The small word at the top of the page. */
export function showState(name) {
  const place = document.querySelector("#live");
  place.dataset.state = name;
  if (place.textContent !== LABELS[name]) place.textContent = LABELS[name];
}
