// What can be chosen: by what the staff is divided, the snapshot's day, and the source where there are several. The address keeps it.

import { el, show } from "./elements.js";
import { choiceName } from "./staff.js";
import { day } from "./words.js";

const STAFF = "staff-by-";
const SENIOR = "women-p5-plus-regular-budget-by-";
const ORDER = ["grade", "grade-regular-budget", "category", "contract-source", "region", "duty-station", "portfolio", "unit", "age-band"];

export function fromAddress() {
  const given = new URLSearchParams(location.search);
  return { by: given.get("by") ?? "grade", asOf: given.get("as_of") ?? undefined, source: given.get("source") ?? undefined };
}

export function toAddress({ by, asOf, source }) {
  const given = new URLSearchParams(Object.entries({ by, as_of: asOf, source }).filter(([, value]) => value !== undefined));
  return `${location.pathname}?${given}`;
}

/** {key, code, title, among}: every measure that has lines, in the order in which they are offered. */
export function choices(known, source) {
  const found = known.items.filter((one) => one.source === source && one.dimension).flatMap((one) => {
    if (one.code.startsWith(STAFF)) return [{ ...one, key: one.code.slice(STAFF.length), among: one.dimension.includes("/") ? "Crossed" : "All staff" }];
    if (one.code.startsWith(SENIOR)) return [{ ...one, key: `p5-plus-${one.code.slice(SENIOR.length)}`, among: "P5 and above, regular budget" }];
    return [];
  });
  const place = ({ key }) => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length);
  return found.sort((one, other) => place(one) - place(other));
}

/** Shows the choosers; `changed` is told what is chosen anew. */
export function choose(when, by, { known, source, staff, chosen, by: code }, changed) {
  const offered = choices(known, source);
  const groups = [...new Set(offered.map((one) => one.among))];
  show(by, chooser("By", "choose-by", offered.find((one) => one.code === code)?.key, groups.map((among) =>
    el("optgroup", { label: among }, offered.filter((one) => one.among === among).map((one) => el("option", { value: one.key }, choiceName(one))))),
  (key) => changed({ by: key })));
  const days = [...staff.days].reverse();
  const sources = [...new Set(known.items.filter((one) => one.code === "staff-by-grade").map((one) => one.source))];
  const standing = chosen.asOf && (days.find((one) => one <= chosen.asOf) ?? chosen.asOf);
  show(when,
    sources.length > 1 && chooser("Source", "choose-source", source, sources.map((name) => el("option", { value: name }, name)), (name) => changed({ source: name, asOf: undefined })),
    chooser("Snapshot", "choose-day", standing ?? "newest", [
      el("option", { value: "newest" }, `Newest, ${day(days[0])}`),
      days.slice(1).map((one) => el("option", { value: one }, day(one))),
    ], (value) => changed({ asOf: value === "newest" ? undefined : value })));
}

const told = new Map();

/** A label with its select. What is told of a change is the newest `changed`, since the nodes stay. */
function chooser(name, id, value, options, changed) {
  told.set(id, changed);
  const select = el("select", { id }, options);
  const label = el("label", { for: id, "data-key": id }, el("span", {}, name), select);
  queueMicrotask(() => {
    const there = document.querySelector(`#${id}`);
    if (there && value !== undefined) there.value = value;
    if (there) there.onchange = () => told.get(id)(there.value);
  });
  return label;
}
