// Women and men by grade, as the latest staffing snapshot has them. Groups too small to show stay without figures.

import { el, show } from "./elements.js";
import { day, number, percent } from "./words.js";

export function showParity(section, parity) {
  const body = section.querySelector(".body");
  if (parity === null) {
    show(body, el("p", { class: "note" }, "No staffing snapshot has been taken in yet. When there is one, women and men are shown here by grade."));
    return;
  }
  const shown = [...parity.cells].reverse(); // the ladder's top is above
  const most = Math.max(1, ...shown.map((cell) => Math.max(cell.women ?? 0, cell.men ?? 0)));
  show(body, parity.source_note && el("p", { class: "label", role: "note" }, parity.source_note), el("p", {}, summary(parity)), table(parity, shown, most), note(parity));
}

// A suppressed group may still show women and men, where only those of another sex or of none stated are too few.
const isWithheld = ({ women }) => women === null;

function summary({ as_of: asOf, women, men, share, series }) {
  if (isWithheld({ women })) return `On ${day(asOf)} there were too few to show in total.`;
  const earlier = series.filter((one) => one.as_of < asOf && one.share !== null).at(-1);
  const before = earlier ? `; on ${day(earlier.as_of)} it was ${number(earlier.share)}` : "";
  return `On ${day(asOf)} women were ${number(share)} per cent of staff: ${number(women)} women and ${number(men)} men${before}.`;
}

function table(parity, cells, most) {
  const heads = [["Grade", ""], ["Women", "number women"], ["", "axis"], ["Men", "number"], ["Share of women", "number"]];
  return el(
    "table",
    { class: "grades" },
    el("caption", { class: "unseen" }, `Women and men by grade on ${day(parity.as_of)}`),
    el("thead", {}, el("tr", {}, heads.map(([word, kind]) =>
      word ? el("th", { scope: "col", class: kind || null }, word) : el("td", { class: kind })))),
    el("tbody", {}, cells.map((cell) => row(cell, most))),
  );
}

function row(cell, most) {
  const grade = el("th", { scope: "row" }, cell.group);
  if (isWithheld(cell)) {
    return el("tr", { "data-key": cell.group, "data-watch": "few" }, grade, el("td", { colspan: "3", class: "few" }, "too few to show"), el("td", { class: "number" }, "–"));
  }
  return el("tr", { "data-key": cell.group, "data-watch": `${cell.women} ${cell.men}` },
    grade,
    el("td", { class: "number women" }, number(cell.women)),
    el("td", { class: "axis" }, el("div", { class: "wings", "aria-hidden": "true" }, wing("women", cell.women, most), wing("men", cell.men, most))),
    el("td", { class: "number men" }, number(cell.men)),
    el("td", { class: "number" }, percent(cell.share)));
}

function wing(side, count, most) {
  const drawn = el("i", { class: side });
  drawn.style.width = `${(100 * count) / most}%`;
  return el("span", { class: side }, drawn);
}

function note({ source, cells, other, derived_from: from }) {
  const beside = other > 0 ? ` ${number(other)} more, of another sex or of none stated, are in no bar.` : "";
  const few = cells.filter(isWithheld).length;
  const hidden = few > 0 ? ` ${few} ${few === 1 ? "grade is" : "grades are"} not shown, because so few people could be recognised.` : "";
  return el("p", { class: "note" }, `From the snapshot of ${source}, revision ${from.revision}. The share is of women and men together.${beside}${hidden}`);
}
