// Counts by status: the headline, and a table with bars for each way of grouping the targets.

import { el, lightUp, show, symbol } from "./elements.js";
import { STATUSES, moment, number, percent, placeName, statusWord } from "./words.js";

const MOST_BLOCKS = 60; // up to here each target is a block of its own in a bar

/** A stacked bar. Its length is its total against `scale`, so that bars beside each other can be compared. */
export function bar(tally, statuses, scale = tally.total) {
  const parts = statuses
    .filter((status) => tally.counts[status] > 0)
    .map((status) => {
      const part = el("span", { "data-status": status });
      part.style.flexGrow = tally.counts[status];
      if (scale <= MOST_BLOCKS) part.style.setProperty("--blocks", tally.counts[status]);
      return part;
    });
  const whole = el("div", { class: "bar", "aria-hidden": "true" }, parts);
  whole.style.width = `${scale ? (100 * tally.total) / scale : 0}%`;
  return whole;
}

/** A status as its shape and its word. */
export const chip = (status) => el("span", { class: "chip", "data-status": status }, symbol(status), ` ${statusWord(status)}`);

export function showHeadline(section, status) {
  const { counts, shares, total } = status.targets;
  for (const figure of section.querySelectorAll(".figure")) {
    const name = figure.dataset.status;
    const count = figure.querySelector("[data-count]");
    if (count.textContent !== String(counts[name])) lightUp(figure);
    count.textContent = number(counts[name]);
    figure.querySelector("[data-total]").textContent = number(total);
    figure.querySelector("[data-share]").textContent = number(shares[name]);
  }
  show(section.querySelector("[data-bar]"), bar(status.targets, STATUSES[status.vocabulary]));
  const asOf = section.querySelector("[data-as-of]");
  asOf.dateTime = status.as_of;
  asOf.textContent = moment(status.as_of);
}

/** The tree of areas: each counts those below it, which unfold. `own` are the areas that have indicators of their own. */
export function showAreas(section, status, own) {
  const groups = unfolded(status.by_area);
  const name = (group) => [
    group.below > 0 ? fold(group) : null,
    group.depth === 0 || own.has(group.area) ? (group.total ? el("a", { href: `#area-${group.area}` }, group.title) : group.title) : group.title,
  ];
  show(section.querySelector(".body"), table(status, "area", "Area", name, groups));
  const nested = status.by_area.some((group) => group.parent !== null);
  show(section.querySelector(".note"), nested ? "An area counts the areas below it too." : "");
}

const opened = new Set();

/** Opens or folds what is below an area. */
export function turn(area) {
  if (!opened.delete(area)) opened.add(area);
}

function fold(group) {
  const label = `${opened.has(group.area) ? "Fold" : "Unfold"} what is below ${group.title}`;
  return el("button", { type: "button", class: "fold", "data-fold": group.area, "aria-expanded": String(opened.has(group.area)), "aria-label": label });
}

/** Those that are to be seen, each followed by those below it: with `depth`, and how many are `below`. Without a target: only at the top. */
function unfolded(areas, parent = null, depth = 0) {
  const codes = new Set(areas.map((area) => area.area));
  const above = (area) => (codes.has(area.parent) ? area.parent : null);
  return areas.filter((area) => above(area) === parent && (depth === 0 || area.total > 0)).flatMap((area) => {
    const below = areas.filter((one) => above(one) === area.area && one.total > 0).length;
    return [{ ...area, depth, below }, ...(opened.has(area.area) ? unfolded(areas, area.area, depth + 1) : [])];
  });
}

/** By region, portfolio and custodian, each folded away until somebody asks. */
export function showGroups(section, status) {
  const place = (kind) => (group) => placeName(`${kind}:${group[kind]}`, group.title);
  const parts = [
    ["region", "By region", "Region", place("region"), 
      "A target of a region that is a part of one of the whole organisation is not counted again in the total."],
    ["portfolio", "By portfolio", "Portfolio", place("portfolio"),
      "Each is a part of a target of the whole organisation, and not counted again in the total."],
    ["custodian", "By custodian", "Custodian", (group) => group.title,
      "A target that several custodians share is counted for each of them."],
  ];
  const known = parts.filter(([kind]) => status[`by_${kind}`].length > 0);
  section.hidden = known.length === 0;
  show(
    section.querySelector(".body"),
    known.map(([kind, title, head, name, note]) => {
      return el(
        "details",
        { "data-key": kind },
        el("summary", {}, el("h3", {}, title), el("span", { class: "aside" }, counted(status[`by_${kind}`].length, kind))),
        el("p", { class: "note" }, note),
        table(status, kind, head, name),
      );
    }),
  );
}

const counted = (count, kind) => (count === 1 ? `1 ${kind}` : `${count} ${kind}s`);

function table(status, kind, head, name, groups = status[`by_${kind}`]) {
  const statuses = STATUSES[status.vocabulary];
  const scale = Math.max(0, ...status[`by_${kind}`].map((group) => group.total));
  const heads = statuses.map((status) => el("th", { scope: "col", role: "columnheader", class: "number" }, statusWord(status)));
  return el(
    "table",
    { class: "tally", role: "table" },
    el("caption", { class: "unseen" }, `Targets by ${kind} and status`),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" },
      el("th", { scope: "col", role: "columnheader" }, head), heads,
      el("th", { scope: "col", role: "columnheader", class: "number" }, "targets"))),
    el("tbody", { role: "rowgroup" }, groups.map((group) => row(group, group[kind], statuses, scale, name(group)))),
  );
}

function row(group, key, statuses, scale, name) {
  const none = el("td", { role: "cell", class: "none", colspan: statuses.length }, "no target in this phase");
  const cells = group.total === 0 ? none : statuses.map((status) =>
    el("td", { role: "cell", class: "number", "data-status": group.counts[status] ? status : null },
      symbol(status), " ", el("b", {}, number(group.counts[status])), " ", el("small", {}, percent(group.shares[status]))));
  const watch = statuses.map((status) => group.counts[status]).join();
  return el(
    "tr",
    { role: "row", "data-key": key, "data-watch": watch, "data-depth": group.depth || null, "data-still": group.depth > 0 },
    el("th", { scope: "row", role: "rowheader" }, name, group.total ? bar(group, statuses, scale) : null),
    cells,
    el("td", { role: "cell", class: "number total" }, number(group.total)),
  );
}
