// What was budgeted and spent, by area and by source of funds; and how results spread over the gender marker's levels.

import { el, show } from "./elements.js";
import { amount, number, percent, source } from "./words.js";

const LEVELS = {
  3: "gender equality is the principal objective",
  2: "a significant contribution",
  1: "a limited contribution",
  0: "no contribution expected",
};

/** Hidden where nothing was reported. */
export function showMoney(section, found) {
  section.hidden = !found || (found.by_area.length === 0 && found.markers.length === 0);
  if (section.hidden) return;
  show(section.querySelector(".body"),
    found.totals.map((total) => budget(total, found.by_area.filter((area) => area.unit === total.unit))),
    found.markers.map(marker));
}

function budget(total, areas) {
  const most = Math.max(...areas.flatMap(({ sum }) => [sum.budget ?? 0, sum.expenditure ?? 0]), 0);
  const open = total.budget_not_given > 0 ? `${number(total.budget_not_given)} budget ${total.budget_not_given === 1 ? "line has" : "lines have"} no figure in the document and add nothing. ` : "";
  return el("div", { "data-key": `money ${total.unit}` },
    el("h3", {}, `By area, ${total.unit}`),
    table("Budget and spending by area", "Area", areas.map((area) => row(area.area, area.title, area.sum, most, beside(area))), total),
    el("p", { class: "note" }, open, "The outlined bar is the budget, the full one what was spent. Sums are those of the lines; where the document prints another total, it is named."),
    total.by_source.length > 1
      ? el("details", { "data-key": "sources" },
        el("summary", {}, el("h3", {}, "By source of funds"), el("span", { class: "aside" }, `${number(total.by_source.length)} sources`)),
        table("Budget and spending by source of funds", "Source", total.by_source.map((one) => row(one.source, one.source, one, null, null)), total))
      : null);
}

function table(caption, head, rows, total) {
  const heads = ["Budget", "Spent"].map((word) => el("th", { scope: "col", class: "number" }, word));
  return el("table", { class: "sums" },
    el("caption", { class: "unseen" }, caption),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, head), heads)),
    el("tbody", {}, rows),
    el("tfoot", {}, row("total", "Total", total, null, null)));
}

function row(key, title, sum, most, note) {
  return el("tr", { "data-key": key, "data-watch": `${sum.budget} ${sum.expenditure}` },
    el("th", { scope: "row" }, title, most ? [rod("budget", sum.budget, most), rod("spent", sum.expenditure, most)] : null, note),
    el("td", { class: "number" }, amount(sum.budget)),
    el("td", { class: "number" }, amount(sum.expenditure)));
}

function rod(kind, figure, most) {
  if (figure === null) return null;
  const drawn = el("i", { class: `rod ${kind}`, "aria-hidden": "true" });
  drawn.style.width = `${(100 * figure) / most}%`;
  return drawn;
}

/** Where the document's own total is another than the sum of its lines. */
function beside({ published, difference, part_of: whole }) {
  const words = { budget: "budget", expenditure: "spending" };
  const other = Object.keys(words).filter((name) => difference[name]).map((name) => `${words[name]} ${amount(published[name])}`);
  const told = [other.length > 0 && `printed total: ${other.join(", ")}`, whole && "contained in an area above, not added again"].filter(Boolean);
  return told.length > 0 ? el("small", {}, told.join("; ")) : null;
}

function marker(found) {
  const title = `Gender marker of ${found.population.replaceAll("-", " ")}${found.title ? `, ${found.title}` : ""}`;
  const counted = found.levels.some((level) => level.count !== null);
  const spent = found.levels.some((level) => level.expenditure !== null);
  const from = source(found.provenance);
  return el("div", { "data-key": `marker ${found.population} ${found.area}` },
    el("h3", {}, title),
    el("table", { class: "sums" },
      el("caption", { class: "unseen" }, title),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Level"),
        counted ? el("th", { scope: "col", class: "number" }, "Number") : null,
        el("th", { scope: "col", class: "number" }, "Share"),
        spent ? el("th", { scope: "col", class: "number" }, "Share of spending") : null)),
      el("tbody", {}, found.levels.map((level) => {
        const share = level.share ?? level.published_share;
        return el("tr", { "data-key": level.level, "data-watch": share },
          el("th", { scope: "row" }, el("b", {}, level.level), ` ${LEVELS[level.level] ?? ""}`, rod("spent", share, 100)),
          counted ? el("td", { class: "number" }, number(level.count)) : null,
          el("td", { class: "number" }, percent(share)),
          spent ? el("td", { class: "number" }, percent(level.expenditure_share)) : null);
      }))),
    el("p", { class: "note" }, counted ? "Shares are of the numbers counted here." : "Shares as they were published; the document gives no numbers.",
      from && ` From ${from}.`));
}
