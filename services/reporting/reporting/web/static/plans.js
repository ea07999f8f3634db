// The chooser: every plan with its phases, each in its own words. The address remembers what was chosen.

import { get } from "./api.js";
import { el, show } from "./elements.js";
import { bar } from "./status.js";
import { STATUSES, ago, day, number, statusWord } from "./words.js";

/** Shows what is known of all plans, as long as somebody looks at it. Throws Problem. */
export async function refreshPlans(place, here) {
  if (!place?.open) return;
  const { items } = await get("plans");
  show(place.querySelector(".body"), items.map((plan) => brief(plan, here)));
}

function brief(plan, here) {
  const years = `${plan.starts.slice(0, 4)}–${plan.ends.slice(0, 4)}`;
  const fresh = plan.changed_at
    ? `results up to ${day(plan.latest_result ?? plan.changed_at)}, last reported ${ago(plan.changed_at)}`
    : "no result reported yet";
  return el("article", { "data-key": plan.code },
    el("h2", {}, el("a", { href: address(plan.code), "aria-current": plan.code === here.plan ? "true" : null }, plan.title)),
    el("p", { class: "note" }, [plan.version, years, `${number(plan.indicators)} indicators`, fresh].filter(Boolean).join(" · ")),
    el("ul", {}, plan.phases.map((phase) => part(plan, phase, here))));
}

function part(plan, phase, here) {
  const { targets } = phase;
  const statuses = STATUSES[phase.vocabulary];
  const current = plan.code === here.plan && phase.code === here.phase ? "page" : null;
  return el("li", { "data-key": phase.code, "data-watch": statuses.map((name) => targets.counts[name]).join() },
    el("a", { href: address(plan.code, phase.code), "aria-current": current }, phase.code),
    targets.total ? bar(targets, statuses) : null,
    el("span", { class: "note" }, targets.total
      ? `${statuses.map((name) => `${number(targets.counts[name])} ${statusWord(name)}`).join(", ")} of ${number(targets.total)} targets`
      : "no target in this phase"));
}

const address = (plan, phase) => `/?${new URLSearchParams(phase ? { plan, phase } : { plan })}`;
