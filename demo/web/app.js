"use strict";
// One colour per node, so that a change of node is seen at a glance.
const COLOURS = ["#2459c9", "#0b7a5b", "#8a3ab9", "#a8480c", "#0f6f8c", "#9c2a5b"];
const REFRESH_MILLISECONDS = 5000;
const IMPATIENT_MILLISECONDS = 8000; // then the page says that it waits
const SLOW_MILLISECONDS = 2000; // then a transfer under way says so
const ATTEMPTS = 3; // of a transfer whose outcome is unknown, all under one key
const at = (id) => document.getElementById(id);
let me = null;
let pendingKey = null; // of a transfer whose outcome is not known yet: asked again under the same key
let latest = 0; // refreshes may overtake each other: only the last one counts
let timer;

async function call(method, path, body) {
  const options = { method, headers: {} };
  if (method === "GET") options.signal = AbortSignal.timeout(IMPATIENT_MILLISECONDS);
  if (body) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw Object.assign(new Error(answer.error || `the server answered ${response.status}`), { status: response.status });
  }
  return answer;
}

function say(text, bad) {
  at("message").textContent = text;
  at("message").classList.toggle("bad", Boolean(bad));
  at("message").hidden = !text;
}

function item(left, right, className) {
  const line = document.createElement("li");
  const [name, sum] = [document.createElement("span"), document.createElement("span")];
  name.textContent = left;
  name.className = className || "";
  sum.textContent = right;
  sum.className = "sum";
  line.append(name, sum);
  return line;
}

function transferItem(transfer) {
  const line = item(`${transfer.payer} → ${transfer.payee}`, money(transfer.amount));
  const [mark, when] = [document.createElement("i"), document.createElement("small")];
  mark.style.background = colour(transfer.node);
  mark.title = `booked by ${transfer.node}`;
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", mark.title);
  when.textContent = new Date(transfer.at).toLocaleTimeString();
  line.prepend(mark);
  line.lastChild.before(when);
  return line;
}

const money = (amount) => Number(amount).toFixed(2);

/** Of a node, by the number its name ends with; grey for what no node did. */
function colour(node) {
  const number = Number((node.match(/\d+$/) || ["0"])[0]);
  return number ? COLOURS[(number - 1) % COLOURS.length] : "#5c6878";
}

function showSession(session) {
  me = session.user;
  at("node").textContent = session.node;
  at("user").textContent = me || "nobody";
  at("counter").textContent = session.counter ?? 0;
  at("members").textContent = session.members || "…";
  document.documentElement.style.setProperty("--node", colour(session.node));
  at("login").hidden = Boolean(me);
  at("home").hidden = !me;
}

function showLedger(ledger) {
  const people = ledger.accounts.filter((account) => account.name !== "system");
  at("accounts").replaceChildren(
    ...people.map((account) => item(account.name, money(account.balance), account.name === me ? "own" : "")));
  at("transfers").replaceChildren(
    ...ledger.transfers.map(transferItem));
  at("source").textContent = ledger.standby ? "read from a standby" : "read from the leader";
  at("total").textContent = Number(ledger.total) === 0 ? "books balance" : `books are off by ${ledger.total}`;
  const own = people.find((account) => account.name === me);
  at("balance").textContent = own ? money(own.balance) : "…";
  offer(people.map((account) => account.name).filter((name) => name !== me));
}

/** Payees to choose from; left alone while they are the same, so that an open list stays open. */
function offer(names) {
  const select = at("transfer-to");
  if (names.join() === [...select.options].map((option) => option.value).join()) return;
  const choice = select.value;
  select.replaceChildren(...names.map((name) => new Option(name)));
  if (names.includes(choice)) select.value = choice;
}

async function refresh() {
  const turn = ++latest;
  let outage = "";
  try {
    const session = await call("GET", "api/session");
    if (turn === latest) showSession(session);
    const ledger = await call("GET", "api/ledger");
    if (turn === latest) showLedger(ledger);
  } catch (error) {
    outage = `Waiting for the servers: ${error.status ? error.message : "no answer yet"}.`;
  }
  if (turn !== latest) return;
  at("outage").textContent = outage;
  at("outage").hidden = !outage;
  clearTimeout(timer);
  timer = setTimeout(refresh, REFRESH_MILLISECONDS);
}

async function login(event) {
  event.preventDefault();
  try {
    await call("POST", "api/session", { user: at("login-user").value.trim(), password: at("login-password").value });
    at("login-password").value = "";
    say("");
  } catch (error) {
    say(`Not signed in: ${error.message}.`, true);
  }
  await refresh();
}

const unknown = (error) => !error.status || error.status >= 500;

/** Asks again while the outcome is unknown: the key keeps it from being booked twice. */
async function book(order) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call("POST", "api/transfers", order);
    } catch (error) {
      if (!unknown(error) || attempt === ATTEMPTS) throw error;
      await new Promise((wake) => setTimeout(wake, 1000));
    }
  }
}

async function transfer(event) {
  event.preventDefault();
  const fields = at("transfer-fields");
  const [to, amount] = [at("transfer-to").value, at("transfer-amount").value.trim().replace(",", ".")];
  pendingKey = pendingKey || `page-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  fields.disabled = true;
  say("");
  const slow = setTimeout(() => say("This takes longer than usual. The transfer will be booked once or not at all."), SLOW_MILLISECONDS);
  try {
    await book({ to, amount, idempotencyKey: pendingKey });
    pendingKey = null;
    at("transfer-amount").value = "";
    say(`${money(amount)} units went to ${to}.`);
  } catch (error) {
    if (!unknown(error)) {
      pendingKey = null;
      say(`Nothing was transferred: ${error.message}.`, true);
    } else {
      say("The outcome is not known yet. Press Transfer again: it will not be booked twice.", true);
    }
  } finally {
    clearTimeout(slow);
    fields.disabled = false;
  }
  await refresh();
}

function choose(user) {
  at("login-user").value = user;
  at("login-password").focus();
}

at("login-form").addEventListener("submit", login);
at("transfer-form").addEventListener("submit", transfer);
at("transfer-form").addEventListener("input", () => {
  if (pendingKey) say("This is a new transfer now. Look at the last transfers: the one before may have been booked.", true);
  pendingKey = null;
});
at("logout").addEventListener("click", async () => { await call("DELETE", "api/session").catch(() => {}); say(""); await refresh(); });
at("as-alice").addEventListener("click", () => choose("alice"));
at("as-bob").addEventListener("click", () => choose("bob"));
refresh();
