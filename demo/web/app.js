"use strict";
// One colour per node, so that a change of node is seen at a glance.
const COLOURS = ["#2459c9", "#0b7a5b", "#8a3ab9", "#a8480c", "#0f6f8c", "#9c2a5b"];
const REFRESH_MILLISECONDS = 5000;
const at = (id) => document.getElementById(id);
let me = null;
let pendingKey = null; // of a transfer whose outcome is not known yet: asked again under the same key

async function call(method, path, body) {
  const options = { method, headers: {} };
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

const money = (amount) => Number(amount).toFixed(2);

function showSession(session) {
  me = session.user;
  at("node").textContent = session.node;
  at("user").textContent = me || "nobody";
  at("counter").textContent = session.counter ?? 0;
  at("members").textContent = session.members || "…";
  const number = Number((session.node.match(/\d+$/) || ["1"])[0]);
  document.documentElement.style.setProperty("--node", COLOURS[(number - 1) % COLOURS.length]);
  at("login").hidden = Boolean(me);
  at("home").hidden = !me;
}

function showLedger(ledger) {
  const people = ledger.accounts.filter((account) => account.name !== "system");
  at("accounts").replaceChildren(
    ...people.map((account) => item(account.name, money(account.balance), account.name === me ? "own" : "")));
  at("transfers").replaceChildren(
    ...ledger.transfers.map((transfer) => item(`${transfer.payer} → ${transfer.payee}`, money(transfer.amount))));
  at("source").textContent = ledger.standby ? "read from a standby" : "read from the leader";
  at("total").textContent = Number(ledger.total) === 0 ? "books balance" : `books are off by ${ledger.total}`;
  const own = people.find((account) => account.name === me);
  at("balance").textContent = own ? money(own.balance) : "…";
  const choice = at("transfer-to").value;
  at("transfer-to").replaceChildren(...people.filter((account) => account.name !== me).map((account) => new Option(account.name)));
  if (choice) at("transfer-to").value = choice;
}

async function refresh() {
  try {
    showSession(await call("GET", "api/session"));
    showLedger(await call("GET", "api/ledger"));
    if (at("message").dataset.kind === "outage") {
      say("");
      at("message").dataset.kind = "";
    }
  } catch (error) {
    at("message").dataset.kind = "outage";
    say(`Waiting for the servers: ${error.message}`, true);
  }
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

async function transfer(event) {
  event.preventDefault();
  const button = at("transfer-button");
  const [to, amount] = [at("transfer-to").value, at("transfer-amount").value.trim().replace(",", ".")];
  pendingKey = pendingKey || `page-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  button.disabled = true;
  try {
    await call("POST", "api/transfers", { to, amount, idempotencyKey: pendingKey });
    pendingKey = null;
    at("transfer-amount").value = "";
    say(`${money(amount)} units went to ${to}.`);
  } catch (error) {
    if (error.status && error.status < 500) {
      pendingKey = null;
      say(`Nothing was transferred: ${error.message}.`, true);
    } else {
      say("The outcome is not known yet. Press Transfer again: it will not be booked twice.", true);
    }
  } finally {
    button.disabled = false;
  }
  await refresh();
}

function choose(user) {
  at("login-user").value = user;
  at("login-password").focus();
}

at("login-form").addEventListener("submit", login);
at("transfer-form").addEventListener("submit", transfer);
at("transfer-form").addEventListener("input", () => { pendingKey = null; });
at("logout").addEventListener("click", async () => { await call("DELETE", "api/session").catch(() => {}); await refresh(); });
at("as-alice").addEventListener("click", () => choose("alice"));
at("as-bob").addEventListener("click", () => choose("bob"));
refresh();
setInterval(refresh, REFRESH_MILLISECONDS);
