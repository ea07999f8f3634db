// Remedial actions that are open: opened because a target fell back, until it is reached again.

import { el, show } from "./elements.js";
import { day, number, placeName, spaced, today } from "./words.js";

/** Those for targets of the phase: the words of two phases do not stand side by side. Hidden where none is open. */
export function showRemedies(section, actions, phase) {
  const items = (actions?.items ?? []).filter((action) => [undefined, phase].includes(target(action)[2]));
  section.hidden = items.length === 0;
  if (section.hidden) return;
  const due = items.filter((action) => action.due && action.due < today()).length;
  const late = due > 0 ? ` ${number(due)} past the due date.` : "";
  show(section.querySelector(".body"),
    el("p", { class: "note" }, `${counted(items.length)} fell back and ${items.length === 1 ? "has" : "have"} a remedial action.${late}`),
    el("ul", { class: "items actions" }, items.map(row)));
}

/** [plan, indicator, phase, place] of the target that fell back; nothing where the action was opened by hand. */
const target = (action) => action.opened_by?.split("/") ?? [];

const counted = (count) => (count === 1 ? "1 target" : `${number(count)} targets`);

function row(action) {
  const [indicator] = action.serves;
  const [, , phase, ...place] = target(action);
  const where = [phase, place.length > 0 && placeName(place.join("/"))].filter(Boolean).join(", ");
  return el("li", { "data-key": action.code, "data-watch": `${action.state} ${action.due}` },
    indicator ? el("h3", {}, el("button", { type: "button", "data-open": indicator.code, "aria-haspopup": "dialog" }, indicator.title)) : null,
    el("p", {}, indicator ? action.text.replace(`${indicator.title}: `, "") : action.text),
    el("p", { class: "note" }, where && `${where} · `, ...course(action)));
}

/** State, time, means and people of an action, in one line. */
export function course(action) {
  const overdue = action.due && action.due < today() && ["planned", "ongoing"].includes(action.state);
  const whom = [...action.responsible.map(({ name }) => name), ...(action.responsible_roles ?? [])].join(", ");
  const rest = [
    action.starts && `from ${day(action.starts)}`,
    action.due && !overdue && `due ${day(action.due)}`,
    action.needs_funding && "needs funding",
    action.resources && `with ${action.resources}`,
    whom,
  ].filter(Boolean);
  return [
    el("b", {}, spaced(action.state)),
    overdue ? [" · ", el("b", { class: "late" }, `was due ${day(action.due)}`)] : null,
    rest.map((words) => ` · ${words}`),
  ];
}
