// The page as a whole: loads the documents, shows them, and keeps them current by the live stream.

import { coalesced, find, get } from "./api.js";
import { openCard, opened, refreshCard } from "./card.js";
import { announce, forgetAll, showAll, showChanges, take } from "./changes.js";
import { openArea, showIndicators } from "./indicators.js";
import { follow, showState } from "./live.js";
import { showMoney } from "./money.js";
import { showParity } from "./parity.js";
import { refreshPlans } from "./plans.js";
import { showProblem } from "./problem.js";
import { showPublished } from "./published.js";
import { showRemedies } from "./remedies.js";
import { showAreas, showGroups, showHeadline, turn } from "./status.js";
import { moment } from "./words.js";

const GRADES = "staff-by-grade";
const section = (name) => document.querySelector(`#${name}`);
const { plan, phase, staffing } = section("main").dataset;
const page = { status: null, items: [], parity: null, remedies: null, money: null, staffing: staffing !== undefined, read: null };

async function readAll() {
  const all = [readStatus(), readParity(), readRemedies(), readMoney()];
  const [changes] = await Promise.all([get("changes", { view: "status,parity", plan, limit: 200 }), ...all]);
  forgetAll();
  take(changes.items, plan, phase);
  const read = [page.status, changes, page, page.parity, page.remedies, page.money];
  return oldest(read.map((document) => document?.position));
}

async function readStatus() {
  const [status, indicators] = await Promise.all([get("status", { plan, phase }), get("indicators", { plan })]);
  Object.assign(page, { status, items: indicators.items, position: indicators.position, read: new Date() });
}

async function readParity() {
  page.parity = page.staffing ? await find("parity", { measure: GRADES }) : null;
}

async function readRemedies() {
  page.remedies = await get("actions", { plan, kind: "remedial", open: true });
}

async function readMoney() {
  page.money = await get("resources", { plan, phase });
}

/** The position from which nothing is missed: that of the oldest document. */
function oldest(positions) {
  const count = (position) => Number(position.split(":")[1]);
  return positions.filter(Boolean).reduce((one, other) => (count(other) < count(one) ? other : one));
}

function showStatus() {
  document.title = `${page.status.title} · APGE Monitor`;
  section("plan-title").textContent = page.status.title;
  showHeadline(section("headline"), page.status);
  showPublished(section("published"), page.status);
  showAreas(section("areas"), page.status, new Set(page.items.map((item) => item.area)));
  showIndicators(section("indicators"), page.status, page.items);
  showGroups(section("groups"), page.status);
}

const showNews = () => showChanges(section("changes"), about());

function showEverything() {
  showStatus();
  showNews();
  showRemedies(section("remedies"), page.remedies, phase);
  showMoney(section("money"), page.money);
  showParity(section("parity"), page.parity);
  for (const busy of document.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
}

/** Runs what reads and shows; a failure leaves what is shown, and says so. */
async function attempt(work) {
  let problem = null;
  try {
    await work();
  } catch (failure) {
    problem = failure;
  }
  section("main").toggleAttribute("data-failed", problem !== null && page.status === null);
  showProblem(section("problem"), problem, page.status !== null, () => (page.status ? reload() : start()));
  return problem === null;
}

const reload = coalesced(() => attempt(async () => {
  await readAll();
  showEverything();
  await refreshCard(plan, names());
}));
const renewStatus = coalesced(() => attempt(async () => {
  await readStatus();
  showStatus();
  showNews();
}));
const renewParity = coalesced(() => attempt(async () => {
  await readParity();
  showParity(section("parity"), page.parity);
}));
const renewRemedies = coalesced(() => attempt(async () => {
  await readRemedies();
  showRemedies(section("remedies"), page.remedies, phase);
}));
const renewMoney = coalesced(() => attempt(async () => {
  await readMoney();
  showMoney(section("money"), page.money);
}));
const renewPlans = coalesced(() => attempt(() => refreshPlans(section("plans"), { plan, phase })), 2000);
const renewCard = coalesced(() => attempt(() => refreshCard(plan, names())));

const about = () => ({ items: page.items, names: names() });

const names = () => new Map([
  ...page.items.flatMap((item) => item.custodians.map(({ unit, name }) => [unit, name])),
  ...(page.status?.by_custodian ?? []).map(({ custodian, title }) => [custodian, title]),
]);

function changed(change) {
  if (change.measure === GRADES) {
    page.staffing = true;
    renewParity();
  }
  if (change.view === "status") renewPlans();
  if (change.view === "resources" && change.plan === plan) renewMoney();
  if (change.view === "indicators" && change.action && change.plan === plan) renewRemedies();
  if (change.view === "status" && (change.plan === plan || change.unit)) renewStatus();
  if (change.view === "indicators" && change.indicator === opened()) renewCard();
  const item = page.items.find((one) => one.code === change.indicator);
  const target = item?.targets.find((one) => one.phase === change.phase && one.place === change.place);
  const fresh = take([{ ...change, previous: target?.result }], plan, phase);
  if (fresh.length === 0) return;
  showNews();
  told.push(...fresh);
  tell();
}

const told = [];
const tell = coalesced(() => {
  if (told.length > 0) announce(section("announcer"), told.splice(0).reverse(), about());
}, 1500);

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
    showEverything();
  });
  if (!done) return;
  follow(since, { changed, reset: reload, state: connection });
  openArea(location.hash);
}

section("plans")?.addEventListener("toggle", renewPlans);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-open], [data-more]");
  const area = event.target.closest("[data-fold]")?.dataset.fold;
  if (area) {
    turn(area);
    showStatus();
  }
  if (button?.dataset.open) {
    const item = page.items.find((one) => one.code === button.dataset.open);
    openCard(plan, button.dataset.open, item?.title ?? button.dataset.open, names());
  } else if (button) {
    showAll();
    showNews();
  }
  const link = event.target.closest('a[href^="#area-"]');
  if (link) {
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    openArea(link.hash);
  }
});
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));
setInterval(() => page.status && showNews(), 60_000); // "just now" grows older
start();
