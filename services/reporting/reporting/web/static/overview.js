// How far from parity, at a glance: all staff and P5 and above, the regular budget beside the whole workforce.

import { el, show } from "./elements.js";
import { FEW, isWithheld, neededSentence, pointsOf, stateChip } from "./staff.js";
import { day, number } from "./words.js";

/** `rows`: [title, regular budget, whole workforce], each a document of the API or null where there is none. */
export function showOverview(section, rows) {
  const known = rows.filter(([, ...documents]) => documents.some(Boolean));
  const { band } = known.flatMap(([, ...documents]) => documents).find(Boolean);
  show(section.querySelector(".body"),
    el("p", { class: "note" }, `Parity is a share of women from ${number(band.from)} to ${number(band.to)} per cent, by the share before it is rounded; the band is drawn on each bar.`),
    known.map(([title, regular, whole]) => el("div", { class: "pair", "data-key": title },
      el("h3", {}, title),
      el("div", { class: "cardsrow" },
        regular && card(title, "Regular budget", regular),
        whole && card(title, "Whole workforce", whole)))));
}

function card(title, name, line) {
  const watch = `${line.as_of} ${line.women} ${line.men}`;
  const state = line.parity?.state ?? null;
  if (isWithheld(line)) {
    return el("article", { class: "gap withheld", "data-key": name, "data-watch": watch },
      el("h4", {}, name),
      el("p", { class: "few" }, FEW),
      el("p", { class: "note" }, "Together with other figures that are out, so few people could be recognised."));
  }
  return el("article", { class: "gap", "data-key": name, "data-watch": watch, "data-parity": state },
    el("h4", {}, name),
    el("p", { class: "big" }, el("strong", {}, number(line.share)), el("span", {}, "\u00a0% women")),
    el("p", {}, stateChip(line)),
    split(line),
    el("p", { class: "sides", "aria-hidden": "true" }, el("span", { class: "women" }, `${number(line.women)} women`), el("span", { class: "men" }, `${number(line.men)} men`)),
    el("p", { class: "unseen" }, `${number(line.women)} women and ${number(line.men)} men.`),
    line.parity && el("p", { class: "note" }, neededSentence(line.parity, line.band)),
    el("p", { class: "note" }, since(line)));
}

function since({ change, before }) {
  if (before === null) return "The first snapshot.";
  if (change === null) return `Not to be compared with ${day(before.as_of)}.`;
  return `${pointsOf(change)} since ${day(before.as_of)}.`;
}

/** Women from the left, men from the right, over the whole; the band and its middle are marked. */
function split({ women, men, band }) {
  const of = (part) => `${(100 * part) / (women + men)}%`;
  const sized = (name, width) => sizedSpan(name, { width });
  return el("div", { class: "split", "aria-hidden": "true" },
    women + men > 0 ? [sized("women", of(women)), sized("men", of(men))] : null,
    sizedSpan("band", { left: `${band.from}%`, width: `${band.to - band.from}%` }),
    sizedSpan("middle", { left: `${band.goal}%` }));
}

function sizedSpan(name, style) {
  const span = el("span", { class: name });
  Object.assign(span.style, style);
  return span;
}

export function leadSentence(line) {
  if (line === null || isWithheld(line)) return "";
  return `On ${day(line.as_of)} women were ${number(line.share)} per cent of the staff: ${number(line.women)} women and ${number(line.men)} men.`;
}
