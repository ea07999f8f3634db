// How the staff came from one snapshot to the next: who came, who left, who rose, by sex; by grade in a table that unfolds.

import { el, show } from "./elements.js";
import { wings } from "./lines.js";
import { FEW, countWords, isWithheld } from "./staff.js";
import { day, number, percent } from "./words.js";

const KINDS = [
  ["appointments", "Came"],
  ["separations", "Left"],
  ["promotions", "Rose to a higher grade"],
  ["lateral-moves", "Moved to another unit, same grade"],
  ["mobility", "Changed position or duty station"],
];

/** The measures that there may be of flows. */
export const FLOWS = KINDS.map(([kind]) => `${kind}-by-grade`);

/** `flows` are documents of the API, null where there is none; those of the chosen day only. */
export function showFlows(section, flows, asOf) {
  const known = KINDS.map(([, word], place) => [word, flows[place]]).filter(([, line]) => line !== null && line.as_of === asOf);
  section.hidden = known.length === 0;
  if (known.length === 0) return;
  const [, first] = known[0];
  const period = first.before ? `Between ${day(first.before.as_of)} and ${day(asOf)}` : `Up to ${day(asOf)}, since the snapshot before`;
  show(section.querySelector(".body"),
    el("p", { class: "note" }, `${period}, by sex. Who came and left between the two days is in none of these figures. Who changed position or duty station: those of the two lines above it, and more.`),
    table("What happened", `Flows up to ${day(asOf)}`, known.map(([word, line]) => [word, line])),
    el("details", { "data-key": "grades" },
      el("summary", {}, el("h3", {}, "By grade"), el("span", { class: "aside" }, `${number(known.length)} tables`)),
      known.map(([word, line]) => el("div", { "data-key": line.code },
        el("h4", {}, word),
        line.groups.length > 0
          ? byGrade(line, asOf)
          : el("p", { class: "note" }, "Nobody, or too few to show.")))));
}

/** The grades in which somebody is shown, or withheld; the others are named. */
function byGrade(line, asOf) {
  const grades = [...line.groups].reverse();
  const nobody = grades.filter((one) => one.women === 0 && one.men === 0 && !one.other);
  const rest = grades.filter((one) => !nobody.includes(one));
  return [
    rest.length > 0 && table("Grade", `${line.title} up to ${day(asOf)}`, rest.map((one) => [one.group, one])),
    nobody.length > 0 && el("p", { class: "note" }, `Nobody: ${nobody.map((one) => one.group).join(", ")}.`),
  ];
}

function table(head, caption, lines) {
  const most = Math.max(1, ...lines.flatMap(([, line]) => [line.women ?? 0, line.men ?? 0]));
  return el("table", { class: "grades wide plain", role: "table", "data-key": caption },
    el("caption", { class: "unseen" }, caption),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" },
      headed("name", head), headed("number women", "Women"), el("td", { class: "axis", role: "cell" }), headed("men", "Men"), headed("number", "Share of women"))),
    el("tbody", { role: "rowgroup" }, lines.map(([word, line]) => row(word, line, most))));
}

const headed = (kind, word) => el("th", { scope: "col", role: "columnheader", class: kind }, word);

function row(word, line, most) {
  const name = el("th", { scope: "row", role: "rowheader", class: "name" }, word);
  const cell = (kind, ...content) => el("td", { role: "cell", class: kind }, content);
  if (isWithheld(line)) {
    return el("tr", { role: "row", "data-key": word, "data-watch": "few", "data-few": true }, name, el("td", { role: "cell", colspan: 4, class: "few" }, FEW));
  }
  return el("tr", { role: "row", "data-key": word, "data-watch": `${line.women} ${line.men}` }, name,
    cell("number women", countWords(line.women)),
    cell("axis", wings(line, most)),
    cell("men", countWords(line.men)),
    cell("number share", percent(line.share)));
}
