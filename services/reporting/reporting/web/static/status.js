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

export function showAreas(section, status) {
  const name = (group) => (group.total ? el("a", { href: `#area-${group.area}` }, group.title) : group.title);
  show(section.querySelector(".body"), table(status, "area", "Area", name));
}

/** By region, portfolio and custodian, each folded away until somebody asks. */
export function showGroups(section, status) {
  const place = (kind) => (group) => placeName(`${kind}:${group[kind]}`, group.title);
  const parts = [
    ["region", "By region", "Region", place("region"), "Regional targets are counted in the total."],
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

function table(status, kind, head, name) {
  const groups = status[`by_${kind}`];
  const statuses = STATUSES[status.vocabulary];
  const scale = longest(status);
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

/** The largest group of any table: a target is as long in one as in another. */
const longest = ({ by_area: areas, by_custodian: custodians, by_region: regions, by_portfolio: portfolios }) =>
  Math.max(...[areas, custodians, regions, portfolios].flat().map((group) => group.total));

function row(group, key, statuses, scale, name) {
  const none = el("td", { role: "cell", class: "none", colspan: statuses.length }, "no target in this phase");
  const cells = group.total === 0 ? none : statuses.map((status) =>
    el("td", { role: "cell", class: "number", "data-status": group.counts[status] ? status : null },
      symbol(status), " ", el("b", {}, number(group.counts[status])), " ", el("small", {}, percent(group.shares[status]))));
  const watch = statuses.map((status) => group.counts[status]).join();
  return el(
    "tr",
    { role: "row", "data-key": key, "data-watch": watch },
    el("th", { scope: "row", role: "rowheader" }, name, group.total ? bar(group, statuses, scale) : null),
    cells,
    el("td", { role: "cell", class: "number total" }, number(group.total)),
  );
}
