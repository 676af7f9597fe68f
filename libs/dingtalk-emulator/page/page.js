// The page: a phone, and what happens below it. All it knows comes from the control API; see the crate's README.

import { plain, render } from "./markdown.js";
import { language, switchLanguage, t } from "./words.js";

const ALWAYS = 4294967295;
const SLOW_MS = 1500;
const OUTAGE_MS = 5000;
const WAYS = 3;
const STEPS = ["pushed", "received", "stored", "acked", "answered", "delivered"];

const $ = (id) => document.getElementById(id);
const state = {
  world: null,
  status: null,
  /** Index of the person that one is. */
  me: 0,
  /** Conversation that is open. */
  open: null,
  /** Messages by conversation and sequence. */
  shown: new Map(),
  /** Way of each message, by its id. */
  ways: new Map(),
  /** Messages that were not looked at yet, by person and conversation. */
  unread: new Map(),
  mentions: true,
  online: false,
  outageEnds: 0,
  killed: 0,
};

// --- Talking to the emulator ---

async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

async function post(path, body = {}) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `${path}: ${response.status}`);
  return answer;
}

function listen() {
  const events = new EventSource("/control/events");
  events.onopen = () => {
    state.online = true;
    // What happened while nobody listened is only in the snapshots.
    readEverything().catch(tell);
  };
  events.onerror = () => {
    state.online = false;
    drawConnection();
  };
  events.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (event.kind === "shown") take(event.shown, true);
    else if (event.kind === "way") takeWay(event.way);
    else if (event.kind === "status") readStatus().catch(tell);
    else readEverything().catch(tell);
  };
}

async function readEverything() {
  state.world = await get("/control/world");
  const person = me();
  const [screen, timeline] = await Promise.all([
    get(`/control/screen?person=${encodeURIComponent(person.id)}`),
    get("/control/timeline?last=60"),
  ]);
  for (const { shown } of screen.conversations) for (const one of shown) take(one, false);
  for (const way of timeline.ways) keepWay(way);
  if (!state.open) state.open = direct();
  await readStatus();
  draw();
}

async function readStatus() {
  state.status = await get("/control/status");
  state.outageEnds = performance.now() + state.status.outageMs;
  drawConnection();
  drawFaults();
  drawSums();
}

function take(shown, isNews) {
  if (!state.shown.has(shown.conversation)) state.shown.set(shown.conversation, new Map());
  const messages = state.shown.get(shown.conversation);
  if (messages.has(shown.sequence)) return;
  messages.set(shown.sequence, shown);
  if (!isNews) return;
  for (const [index, person] of state.world.people.entries()) {
    const isOpen = index === state.me && shown.conversation === state.open;
    if (isOpen || shown.author.id === person.id || !belongs(person, shown.conversation)) continue;
    const key = `${person.id} ${shown.conversation}`;
    state.unread.set(key, (state.unread.get(key) ?? 0) + 1);
  }
  drawChoices();
  if (shown.conversation === state.open) drawMessages();
}

function keepWay(way) {
  const known = state.ways.get(way.message);
  if (!known || known.steps.length <= way.steps.length) state.ways.set(way.message, way);
}

function takeWay(way) {
  keepWay(way);
  drawWays();
  drawMessages();
  sums.soon();
}

/** Sums change with every step; once in a while is enough. */
const sums = {
  waiting: false,
  soon() {
    if (this.waiting) return;
    this.waiting = true;
    setTimeout(() => {
      this.waiting = false;
      readStatus().catch(tell);
    }, 400);
  },
};

// --- Who and where ---

const me = () => state.world.people[state.me] ?? state.world.people[0];
const bot = () => state.world.bots[0];
const direct = (person = me()) => person.direct[bot().robotCode];
const group = () => state.world.groups.find((one) => one.conversation === state.open);
const groups = (person = me()) => state.world.groups.filter((one) => one.members.includes(person.id));

function belongs(person, conversation) {
  return Object.values(person.direct).includes(conversation) || groups(person).some((one) => one.conversation === conversation);
}

function nameOf(author) {
  if (author.kind === "bot") return state.world.bots.find((one) => one.robotCode === author.id)?.name ?? author.id;
  return state.world.people.find((one) => one.id === author.id)?.name ?? author.id;
}

function become(index) {
  state.me = index;
  if (!belongs(me(), state.open)) state.open = direct();
  else if (!group()) state.open = direct();
  look();
}

function enter(conversation) {
  state.open = conversation;
  look();
}

function look() {
  state.unread.delete(`${me().id} ${state.open}`);
  hideNotice();
  draw();
  readEverything().catch(tell);
}

// --- Drawing ---

function draw() {
  drawWords();
  drawChoices();
  drawPeer();
  drawMessages(true);
  drawWays();
  drawConnection();
  drawFaults();
  drawSums();
}

function drawWords() {
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", t(element.dataset.label));
  $("lang").textContent = t("otherLanguage");
  $("company").textContent = state.world.company;
}

function drawChoices() {
  $("people").replaceChildren(...state.world.people.map((person, index) => choice({
    testid: `person-${index}`,
    name: person.name,
    look: `tint-${index % 5}`,
    isChosen: index === state.me,
    unread: index === state.me ? 0 : countUnread((key) => key.startsWith(`${person.id} `)),
    choose: () => become(index),
  })));
  const places = [
    { testid: "conversation-dm", conversation: direct(), name: bot().name, note: t("direct"), look: "bot" },
    ...groups().map((one, index) => ({
      testid: index === 0 ? "conversation-group" : `conversation-group-${index}`,
      conversation: one.conversation,
      name: one.title,
      note: t("members", one.members.length),
      look: "group",
    })),
  ];
  $("conversations").replaceChildren(...places.map((place) => choice({
    ...place,
    isChosen: place.conversation === state.open,
    unread: countUnread((key) => key === `${me().id} ${place.conversation}`),
    choose: () => enter(place.conversation),
  })));
}

function countUnread(matches) {
  let count = 0;
  for (const [key, unread] of state.unread) if (matches(key)) count += unread;
  return count;
}

function choice({ testid, name, note, look, isChosen, unread, choose }) {
  const button = make("button", "choice", { type: "button", testid });
  button.setAttribute("aria-pressed", String(isChosen));
  button.append(avatar(name, look));
  const text = make("span", "choice-text");
  text.append(make("span", "choice-name", { text: name }));
  if (note) text.append(make("small", "", { text: note }));
  button.append(text);
  if (unread) button.append(make("span", "badge", { text: String(unread), label: t("unread", unread) }));
  button.addEventListener("click", choose);
  const item = document.createElement("li");
  item.append(button);
  return item;
}

function avatar(name, look) {
  const element = make("span", `avatar ${look}`, { text: look === "group" ? "群" : [...name].at(-1) });
  element.setAttribute("aria-hidden", "true");
  return element;
}

function drawPeer() {
  const here = group();
  const name = here?.title ?? bot().name;
  $("peer-avatar").replaceWith(Object.assign(avatar(name, here ? "group" : "bot"), { id: "peer-avatar" }));
  $("peer-name").textContent = here ? `${name} (${here.members.length + here.bots.length})` : name;
  $("peer-note").textContent = here ? t("groupNote", bot().name) : t("directNote");
  $("me-note").textContent = t("iAm", me().name);
  $("input").placeholder = here ? t("placeholderGroup", bot().name) : t("placeholder");
  const toggle = $("mention");
  toggle.hidden = !here;
  toggle.textContent = `@${bot().name}`;
  toggle.title = t("mentionTitle");
  toggle.setAttribute("aria-pressed", String(state.mentions));
}

/** Adds what is new; draws everything anew only when the conversation has changed. */
function drawMessages(anew = false) {
  const list = $("messages");
  const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  if (anew) list.replaceChildren();
  list.querySelector(".waiting")?.remove();
  list.querySelector(".empty")?.remove();
  const drawn = Number(list.lastElementChild?.dataset.sequence ?? 0);
  const messages = [...(state.shown.get(state.open)?.values() ?? [])].sort((one, other) => one.sequence - other.sequence);
  for (const shown of messages) {
    if (shown.sequence <= drawn) continue;
    const item = list.appendChild(bubble(shown));
    item.classList.toggle("new", !anew);
  }
  for (const shown of messages.slice(-30)) drawFate(shown);
  if (!messages.length) list.append(make("li", "empty", { text: group() ? t("emptyGroup", bot().name) : t("empty") }));
  if (isBotBusy(messages)) list.append(waiting());
  if (anew || wasAtEnd) list.scrollTop = list.scrollHeight;
}

function bubble(shown) {
  const isBot = shown.author.kind === "bot";
  const isMine = shown.author.id === me().id;
  const item = make("li", `message ${isMine ? "mine" : ""} ${isBot ? "from-bot" : ""}`, { testid: "message" });
  Object.assign(item.dataset, { author: shown.author.kind, sequence: shown.sequence, id: shown.id });
  const name = nameOf(shown.author);
  const index = state.world.people.findIndex((person) => person.id === shown.author.id);
  item.append(avatar(name, isBot ? "bot" : `tint-${index % 5}`));
  const column = make("div", "column");
  const head = make("div", "head");
  head.append(make("span", "", { text: isMine ? t("me") : name }), make("time", "", { text: clock(shown.atMs) }));
  const body = make("div", `bubble ${shown.format === "markdown" ? "markdown" : ""}`, { testid: "text" });
  body.append(content(shown));
  column.append(head, body);
  if (shown.mayNotRender) column.append(make("small", "warn", { text: t("mayNotRender") }));
  item.append(column);
  return item;
}

function content(shown) {
  const mention = (id) => {
    const person = state.world.people.find((one) => one.id === id && shown.mentions.includes(id));
    return person ? make("span", "mention", { text: `@${person.name}`, title: id }) : null;
  };
  if (shown.format === "markdown") return render(shown.text, mention);
  if (shown.format === "text") return plain(shown.text, typedMention(shown, mention));
  if (shown.format === "richText") return plain(richText(shown.text));
  const kind = shown.format.other ?? shown.format;
  return plain(`[${kind}] ${shown.title ?? ""}`.trim());
}

/** What people typed mentions by name, what bots wrote by id. */
function typedMention(shown, byId) {
  if (shown.author.kind === "bot") return byId;
  const names = [...state.world.bots, ...state.world.people].map((one) => one.name);
  return (name) => (names.includes(name) ? make("span", "mention", { text: `@${name}` }) : null);
}

function richText(text) {
  const nodes = JSON.parse(text);
  return Array.isArray(nodes) ? nodes.map((node) => node.text ?? `[${node.type ?? "?"}]`).join("") : text;
}

/** A line below one's own message when it did not get anywhere. */
function drawFate(shown) {
  if (shown.author.kind !== "person") return;
  const item = $("messages").querySelector(`[data-sequence="${shown.sequence}"] .column`);
  if (!item || item.querySelector(".lost") || !isLost(shown)) return;
  item.append(make("small", "lost", { text: t("lost") }));
}

const stepsOf = (id) => state.ways.get(id)?.steps ?? [];
const has = (id, name) => stepsOf(id).some((step) => step.name === name);
const isLost = (shown) => has(shown.id, "lost") && !has(shown.id, "pushed");

function isBotBusy(messages) {
  return messages.slice(-20).some((shown) => shown.author.kind === "person" && has(shown.id, "pushed") && !has(shown.id, "delivered"));
}

function waiting() {
  const item = make("li", "message from-bot waiting", { testid: "waiting" });
  const dots = make("div", "bubble dots", { label: t("busy") });
  dots.setAttribute("role", "status");
  dots.append(make("i"), make("i"), make("i"));
  item.append(avatar(bot().name, "bot"), dots);
  return item;
}

function drawWays() {
  const here = [...state.ways.values()].filter((way) => way.conversation === state.open && way.steps.length > 1);
  const latest = here.sort((one, other) => other.steps[0].atMs - one.steps[0].atMs).slice(0, WAYS);
  $("ways").replaceChildren(...(latest.length ? latest.map(wayCard) : [make("li", "hint", { text: t("noWay") })]));
}

function wayCard(way) {
  const item = make("li", "way", { testid: "way" });
  item.dataset.id = way.message;
  const typed = [...(state.shown.get(way.conversation)?.values() ?? [])].find((shown) => shown.id === way.message);
  const start = way.steps[0].atMs;
  item.append(make("p", "way-text", { text: typed ? plain(typed.text).textContent : way.message }));
  const track = make("ol", "track");
  for (const name of STEPS) {
    const step = way.steps.find((one) => one.name === name);
    const element = make("li", step ? "done" : "", { testid: `step-${name}`, title: t(`${name}Title`) });
    element.append(make("span", "dot"), make("span", "step-name", { text: t(name) }));
    element.append(make("span", "step-time", { text: step ? duration(step.atMs - start) : "–" }));
    if (step) element.dataset.ms = step.atMs - start;
    track.append(element);
  }
  item.append(track);
  const again = way.steps.filter((step) => step.name === "pushedAgain").length;
  const answers = way.steps.filter((step) => step.name === "delivered").length;
  if (again) item.append(make("p", "way-note", { testid: "pushed-again", text: t("pushedTimes", again + 1, answers) }));
  if (typed && isLost(typed)) item.append(make("p", "way-note lost", { text: t("lost") }));
  return item;
}

function drawConnection() {
  const pill = $("connection");
  const count = state.status?.connections ?? 0;
  const isOut = state.outageEnds > performance.now();
  const [look, text] = !state.online ? ["bad", t("pageOffline")]
    : isOut ? ["bad", t("outage", Math.ceil((state.outageEnds - performance.now()) / 1000))]
    : count === 0 ? ["bad", t("noGateway")]
    : ["good", t("connected", count)];
  pill.className = `pill ${look}`;
  pill.textContent = text;
  if (isOut) setTimeout(() => (drawConnection(), drawFaults()), 250);
}

function drawFaults() {
  const seconds = Math.ceil((state.outageEnds - performance.now()) / 1000);
  const slow = (state.status?.slowMs ?? 0) > 0;
  const twice = (state.status?.duplicates ?? 0) > 0;
  const cards = [
    { name: "cut", isOn: seconds > 0, state: seconds > 0 ? t("cutOn", seconds) : "", act: () => post("/control/outage", { milliseconds: OUTAGE_MS }) },
    { name: "kill", isOn: false, state: state.killed ? t("killed", state.killed) : "", act: kill },
    { name: "slow", isOn: slow, state: slow ? t("on") : "", isSwitch: true, act: () => post("/control/slow", { milliseconds: slow ? 0 : SLOW_MS }) },
    { name: "twice", isOn: twice, state: twice ? t("on") : "", isSwitch: true, act: () => post("/control/duplicate", { next: twice ? 0 : ALWAYS }) },
  ];
  const list = $("faults");
  // Buttons stay the same elements, so that focus and a click under way survive.
  for (const card of cards) {
    const item = list.querySelector(`[data-name="${card.name}"]`) ?? list.appendChild(faultCard(card.name));
    const button = item.querySelector("button");
    item.classList.toggle("on", card.isOn);
    button.onclick = () => Promise.resolve(card.act()).then(readStatus).catch(tell);
    if (card.isSwitch) button.setAttribute("aria-pressed", String(card.isOn));
    button.querySelector("strong").textContent = t(card.name);
    button.querySelector(".fault-state").textContent = card.state;
    item.querySelector("p").textContent = t(`${card.name}Note`);
  }
}

function faultCard(name) {
  const item = make("li", "fault");
  item.dataset.name = name;
  const button = make("button", "", { type: "button", testid: `fault-${name}` });
  button.append(make("span", `fault-icon ${name}`), make("strong"), make("span", "fault-state"));
  item.append(button, make("p", ""));
  button.setAttribute("aria-describedby", `note-${name}`);
  item.querySelector("p").id = `note-${name}`;
  return item;
}

async function kill() {
  const { connections } = await post("/control/cut");
  state.killed += connections;
  drawFaults();
}

function drawSums() {
  const counters = state.status?.counters;
  if (!counters) return;
  const { secs, nanos } = counters.longestAck;
  const entries = [
    ["sumTyped", counters.typed],
    ["sumPushes", counters.pushes],
    ["sumAcks", counters.acks],
    ["sumAnswers", counters.answers],
    ["sumLongest", duration(secs * 1000 + Math.round(nanos / 1e6))],
  ];
  $("sums").replaceChildren(...entries.map(([name, value]) => {
    const entry = make("div");
    entry.append(make("dt", "", { text: t(name) }), make("dd", "", { text: String(value), testid: name }));
    return entry;
  }));
}

// --- Writing ---

async function send() {
  const input = $("input");
  let text = input.value.trim();
  if (!text) return;
  const body = { person: me().id, conversation: state.open, text };
  if (group()) {
    const name = `@${bot().name}`;
    const typed = text.startsWith(name);
    if (typed) body.text = text.slice(name.length).trim() || "…";
    if (typed || state.mentions) body.at = [bot().robotCode];
  }
  hideNotice();
  input.value = "";
  grow();
  try {
    await post("/control/say", body);
  } catch (error) {
    input.value = text;
    throw error;
  }
}

function grow() {
  const input = $("input");
  // A long placeholder would count as text.
  input.style.height = "";
  if (input.value) input.style.height = `${Math.min(input.scrollHeight, 120)}px`;
}

function tell(error) {
  $("notice").textContent = `${t("failed")} ${error.message}`;
  $("notice").hidden = false;
}

function hideNotice() {
  $("notice").hidden = true;
}

// --- Small things ---

function make(tag, className = "", { text, testid, type, title, label } = {}) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  if (testid) element.dataset.testid = testid;
  if (type) element.type = type;
  if (title) element.title = title;
  if (label) element.setAttribute("aria-label", label);
  return element;
}

const clock = (ms) => new Date(ms).toLocaleTimeString(language() === "zh" ? "zh-CN" : "en-GB", { hour12: false });
const duration = (ms) => (ms < 10000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send().catch(tell);
});
$("input").addEventListener("keydown", (event) => {
  // Return ends the choice of an input method before it sends a message.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send().catch(tell);
});
$("input").addEventListener("input", grow);
$("mention").addEventListener("click", () => {
  state.mentions = !state.mentions;
  drawPeer();
});
$("lang").addEventListener("click", () => {
  switchLanguage();
  draw();
});

listen();
