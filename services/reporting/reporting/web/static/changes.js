// The latest changes, newest first, in sentences.

import { el, show, symbol } from "./elements.js";
import { ago, day, moment, number, origin, placeName, said, statusWord, step } from "./words.js";

const SHOWN = 8;
const KEPT = 60;

let known = []; // newest first
let all = false;

/** Takes in what is not known yet of a plan's phase: the words of two phases do not stand side by side. Returns what is new. */
export function take(changes, plan, phase) {
  const ids = new Set(known.map((change) => change.id));
  const fresh = changes.filter((change) => tells(change, plan, phase) && !ids.has(change.id));
  const fell = new Set([...fresh, ...known].filter((change) => change.regressed).map(told));
  known = [...fresh, ...known].filter((change) => change.regressed || !fell.has(told(change))).sort((one, other) => place(other) - place(one)).slice(0, KEPT);
  return fresh.filter((change) => known.includes(change));
}

export function forgetAll() {
  known = [];
}

/** A regression is told beside the result that it rests on; one of the two is enough. */
const told = (change) => `${change.plan}/${change.indicator}/${change.phase}/${change.place} ${change.result?.number}`;

const place = (change) => Number(change.id.split(":")[1]);

function tells(change, plan, phase) {
  if (change.view === "parity") return change.snapshot !== undefined && change.rows !== undefined;
  return change.view === "status" && change.plan === plan && change.phase === phase && change.status !== undefined;
}

/** The result that a target had before a change, as far as the list goes back. */
function earlier(change) {
  const older = known.slice(known.indexOf(change) + 1).find((one) => one.indicator === change.indicator && one.place === change.place);
  return older ? older.result : change.previous;
}

/** `about`: the indicators, and the names of units. */
export function showChanges(section, about) {
  const body = section.querySelector(".body");
  if (known.length === 0) {
    show(body, el("p", { class: "note" }, "Nothing has changed yet. News appears here by itself."));
    return;
  }
  const shown = all ? known : known.slice(0, SHOWN);
  const rest = known.length - shown.length;
  show(
    body,
    el("ol", { class: "news" }, shown.map((change) => row(change, about))),
    rest > 0 ? el("button", { type: "button", class: "quiet", "data-more": true }, `Show ${number(rest)} more`) : null,
  );
}

export function showAll() {
  all = true;
}

function row(change, about) {
  const { title, text, verdict, from } = sentence(change, about);
  const time = el("time", { datetime: change.at, title: moment(change.at) }, ago(change.at));
  const name = change.indicator
    ? el("button", { type: "button", "data-open": change.indicator, "aria-haspopup": "dialog" }, title)
    : el("b", {}, title);
  const fell = change.regressed ? "true" : null;
  return el("li", { "data-key": change.id, "data-watch": change.id, "data-status": change.status ?? null, "data-fell": fell },
    change.status ? symbol(change.status) : null,
    change.regressed ? el("b", { class: "fell" }, "Fell back") : null,
    name,
    el("p", {}, text, verdict && [", ", el("span", { class: "verdict" }, verdict)]),
    change.regressed ? el("p", { class: "note" }, "A remedial action was opened.") : null,
    el("p", { class: "note" }, from && `${from} · `, time));
}

/** {title, text, verdict, from}: what it is about, what was said, what it means, and by whom. */
function sentence(change, { items, names }) {
  if (change.snapshot) {
    const title = `Staffing snapshot of ${day(change.as_of)}`;
    return { title, text: `taken in, ${number(change.rows)} rows`, from: `from ${change.source}` };
  }
  const item = items.find((one) => one.code === change.indicator);
  const before = earlier(change);
  const same = before && said(before, item?.unit) === said(change.result, item?.unit);
  const figure = before && !same ? step(before, change.result, item?.unit) : said(change.result, item?.unit);
  return {
    title: item?.title ?? change.indicator,
    text: change.place === "global" ? figure : `${placeName(change.place)}: ${figure}`,
    verdict: change.regressed ? fallen(change) : verdict(change),
    from: origin(change.result, names),
  };
}

/** The words of another phase stand only beside its name. */
function fallen({ before, before_phase: then, phase, status }) {
  return then === phase ? `now ${statusWord(status)} (was ${statusWord(before)})` : `now ${statusWord(status)} (${then}: ${statusWord(before)})`;
}

function verdict({ before, status }) {
  const word = statusWord(status);
  if (before === status) return status === "data_unavailable" ? word : `still ${word}`;
  return before === "data_unavailable" ? `now ${word}` : `now ${word} (was ${statusWord(before)})`;
}

/** Says aloud what is new, in one sentence however much it is. */
export function announce(place, fresh, about) {
  const { title, text, verdict: meaning } = sentence(fresh[0], about);
  const latest = `${title}: ${[text, meaning].filter(Boolean).join(", ")}`;
  place.textContent = fresh.length === 1 ? `New: ${latest}` : `${fresh.length} new changes; the latest is ${latest}`;
}
