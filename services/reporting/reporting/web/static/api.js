// Reading the public API. What was read once is asked for again only if it has changed (If-None-Match).

const BASE = "/reporting/v1";
const kept = new Map();

/** What the server says when it cannot answer; `detail` is for people. */
export class Problem extends Error {
  constructor(detail, status) {
    super(detail);
    this.status = status;
  }
}

/** The document at `path`, e.g. get("status", {plan}). Throws Problem. */
export async function get(path, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const address = `${BASE}/${path}?${new URLSearchParams(given)}`;
  const known = kept.get(address);
  const answer = await ask(address, known?.etag);
  if (answer.status === 304 && known) return known.body;
  if (!answer.ok) throw new Problem(await detailOf(answer), answer.status);
  const body = await answer.json();
  const etag = answer.headers.get("etag");
  if (etag) kept.set(address, { etag, body });
  return body;
}

async function ask(address, etag) {
  try {
    return await fetch(address, { cache: "no-store", headers: etag ? { "If-None-Match": etag } : {} });
  } catch {
    throw new Problem("the server cannot be reached just now", 0);
  }
}

async function detailOf(answer) {
  const problem = await answer.json().catch(() => ({}));
  const id = problem.instance ? ` (reference ${problem.instance})` : "";
  return `${problem.detail ?? `the server answered with ${answer.status}`}${id}`;
}

/** Like `get`, but null where there is no such thing. */
export async function find(path, parameters) {
  try {
    return await get(path, parameters);
  } catch (problem) {
    if (problem.status === 404) return null;
    throw problem;
  }
}

/**
 * `run` without crowding: called while it runs, it runs once more afterwards, however often it was called; and never more often
 * than every `pause` milliseconds.
 */
export function coalesced(run, pause = 250) {
  let running = false;
  let again = false;
  return async function request() {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await run();
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    running = false;
  };
}
