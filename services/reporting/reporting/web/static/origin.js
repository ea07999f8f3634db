// What is withheld and why, which snapshots there are, and where the figures come from.

import { el, show } from "./elements.js";
import { day, number } from "./words.js";

const PORTFOLIOS = { "whole-organisation": "The whole organisation", policy: "Policy", "management-reform": "Management and Reform", "field-operations": "Field Operations and Partnerships" };

export function showOrigin(section, line, snapshots) {
  const mine = snapshots.filter((one) => one.source === line.source);
  const held = mine.filter((one) => !one.published).map((one) => `${day(one.as_of)}${one.revision > 1 ? `, revision ${number(one.revision)}` : ""}`);
  const { revision } = line.derived_from;
  show(section.querySelector(".body"),
    el("p", {}, "Groups of so few women or men that somebody could be recognised are not shown, and neither are those from which they could be worked out: "
      + "by what is left of a total, beside another table, or beside the snapshot before. Where it says “too few to show” there may be somebody or nobody; it is never a zero."),
    held.length > 0 && el("p", {}, `Taken in, but published with no figure: the snapshot of ${held.join("; ")}. It differs from its neighbours by so few people that, one subtracted from the other, they could be recognised.`),
    el("p", { class: "note" }, `From ${line.source}: the snapshot of ${day(line.as_of)}, ${revision === 1 ? "as first sent" : `revision ${number(revision)}`}; ${number(mine.length)} snapshots in all. `
      + "The measures are drawn by HR diversity, and can fill indicators of the plans by themselves. Shares are of women and men together, rounded half up to one decimal."));
}

/** What the source says of itself, beside the title: of a staff that does not exist, nobody may miss it. */
export function showSourceNote(label, { source_note: note }) {
  label.hidden = !note;
  label.textContent = note ?? "";
}

export function showCards(section, shown) {
  section.hidden = !shown;
  if (!shown) return;
  show(section.querySelector(".body"),
    el("p", {}, "The scorecard of a portfolio, as a page and as one sheet of A4, to be put on a meeting’s agenda."),
    el("ul", { class: "onward" }, Object.entries(PORTFOLIOS).map(([code, title]) => el("li", {}, el("a", { href: `/hr-diversity/v1/scorecards/${code}` }, title)))),
    el("p", { class: "note" }, "They are kept by HR diversity, and may ask who you are."));
}
