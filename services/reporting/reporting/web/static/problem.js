// What could not be loaded, in words, with a way to try again.

import { el } from "./elements.js";

/** `problem` is null where all is well. `shown`: whether older figures stand on the page. */
export function showProblem(place, problem, shown, again) {
  place.hidden = problem === null;
  place.replaceChildren();
  if (problem === null) return;
  const what = shown ? "The figures could not be brought up to date" : "The figures could not be loaded";
  const button = el("button", { type: "button" }, "Try again");
  button.addEventListener("click", again);
  place.append(el("p", {}, `${what}: ${problem.message}.`), button);
}
