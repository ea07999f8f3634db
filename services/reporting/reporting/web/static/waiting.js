// While no plan is loaded: waits for one, and opens it.

import { follow, showState } from "./live.js";

let timer = null;

function open() {
  timer ??= setTimeout(() => location.reload(), 700); // a plan comes with its indicators; one opening for all of them
}

follow(document.querySelector("#main").dataset.position, {
  changed: (change) => change.plan && open(),
  reset: open,
  state: showState,
});
