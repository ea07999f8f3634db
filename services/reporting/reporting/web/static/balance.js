// The page of women and men: what is chosen stands in the address; figures come from the public API and keep up by the live stream.

import { coalesced, find, get } from "./api.js";
import { choose, choices, fromAddress, toAddress } from "./choosing.js";
import { FLOWS, showFlows } from "./flows.js";
import { showLines } from "./lines.js";
import { follow, showState } from "./live.js";
import { showCards, showOrigin, showSourceNote } from "./origin.js";
import { leadSentence, showOverview } from "./overview.js";
import { showProblem } from "./problem.js";
import { showTrend } from "./trend.js";
import { day, moment } from "./words.js";

const SENIOR = "women-p5-plus-regular-budget";
const SENIOR_WHOLE = "women-p5-plus-whole-workforce";
const ALL_REGULAR = "staff-by-grade-regular-budget";
const ALL = "staff-by-grade";
const section = (name) => document.querySelector(`#${name}`);
const page = { chosen: fromAddress(), known: null, lines: {}, targets: null, units: new Map(), read: null };

/** The measures of the chosen source and day. */
async function readAll() {
  const known = await get("measures");
  const staff = known.items.filter((one) => one.code === ALL);
  if (staff.length === 0) {
    Object.assign(page, { known, staff: null, read: new Date() });
    return known.position;
  }
  const newest = staff.reduce((one, other) => (other.days.at(-1) > one.days.at(-1) ? other : one));
  const source = staff.some((one) => one.source === page.chosen.source) ? page.chosen.source : newest.source;
  const { asOf } = page.chosen;
  const codes = known.items.filter((one) => one.source === source && (!asOf || one.days[0] <= asOf)).map((one) => one.code);
  const by = choices(known, source).find((one) => one.key === page.chosen.by)?.code ?? ALL;
  const wanted = [...new Set([ALL, ALL_REGULAR, SENIOR, SENIOR_WHOLE, by, ...FLOWS])];
  const read = (code) => (codes.includes(code) ? find(`parity/${code}`, { source, as_of: asOf }) : null);
  const [targets, units, ...lines] = await Promise.all([get("targets", { measure: SENIOR }), get("units"), ...wanted.map(read)]);
  const named = new Map(units.items.map(({ unit, name }) => [unit, name]));
  Object.assign(page, { known, source, by, targets, units: named, read: new Date(), staff: staff.find((one) => one.source === source) });
  page.lines = Object.fromEntries(wanted.map((code, place) => [code, lines[place]]));
  return oldest([known, targets, units, ...lines]);
}

/** The position from which nothing is missed. */
function oldest(documents) {
  const count = (position) => Number(position.split(":")[1]);
  const positions = documents.filter(Boolean).map((one) => one.position);
  return positions.reduce((one, other) => (count(other) < count(one) ? other : one));
}

function showAll() {
  const { lines, staff } = page;
  section("empty").hidden = staff !== null;
  for (const name of ["overview", "senior", "lines", "origin"]) section(name).hidden = staff === null;
  for (const busy of document.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
  if (staff === null) return;
  const whole = lines[ALL];
  if (leadSentence(whole)) section("lead").textContent = leadSentence(whole);
  choose(section("when"), section("by"), page, choosing);
  if (whole === null) return;
  showSourceNote(section("source-note"), whole);
  showOverview(section("overview"), [
    ["All staff", lines[ALL_REGULAR], whole],
    ["P5 and above", lines[SENIOR], lines[SENIOR_WHOLE]],
  ]);
  showTrend(section("senior"), lines[SENIOR] ?? null, page.targets.items);
  showLines(section("lines"), lines[page.by] ?? null, page.units);
  showFlows(section("flows"), FLOWS.map((code) => lines[code] ?? null), whole.as_of);
  showCards(section("cards"), lines[SENIOR] !== null && lines[SENIOR] !== undefined);
  showOrigin(section("origin"), whole, page.known.snapshots);
}

/** Runs what reads and shows; a failure leaves what is shown, and says so. */
async function attempt(work) {
  let problem = null;
  try {
    await work();
  } catch (failure) {
    problem = failure;
  }
  section("main").toggleAttribute("data-failed", problem !== null && page.read === null);
  showProblem(section("problem"), problem, page.read !== null, () => (page.read ? reload() : start()));
  return problem === null;
}

const reload = coalesced(() => attempt(async () => {
  const before = page.lines[ALL]?.as_of;
  await readAll();
  showAll();
  const now = page.lines[ALL]?.as_of;
  if (before !== now && now) section("announcer").textContent = `Now shown: the snapshot of ${day(now)}.`;
}), 400);

function choosing(change) {
  Object.assign(page.chosen, change);
  history.pushState(null, "", toAddress(page.chosen));
  reload();
}

const CONCERNS = new Set(["parity", "status"]);
let lost = false;

function connection(state) {
  showState(state);
  const stale = section("stale");
  stale.hidden = state === "live";
  if (state !== "live") {
    lost = true;
    stale.textContent = `No connection to the server${state === "offline" ? ": this device is offline" : ""}. `
      + `The figures are those of ${moment(page.read.toISOString())}; the page catches up by itself.`;
  } else if (lost) {
    lost = false;
    reload();
  }
}

async function start() {
  let since = null;
  const done = await attempt(async () => {
    since = await readAll();
    showAll();
  });
  if (done) follow(since, { changed: (change) => CONCERNS.has(change.view) && reload(), reset: reload, state: connection });
}

addEventListener("popstate", () => {
  page.chosen = fromAddress();
  reload();
});
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));
start();
