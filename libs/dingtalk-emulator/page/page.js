// The page: a phone, and what happens below it. Here is what arrives and where one is; the parts draw themselves.

import { after, drawConnection, drawFaults, drawSums, drawWays } from "./below.js";
import { drawMessages, redraw } from "./bubbles.js";
import { failures } from "./cards.js";
import { drawComposer, hooks, leave, listenToComposer } from "./composer.js";
import { belongs, bot, direct, get, group, groups, me, state } from "./emulator.js";
import { $, avatar, make } from "./make.js";
import { drawVoice, listenToVoice } from "./voice.js";
import { language, switchLanguage, t } from "./words.js";

// --- What arrives ---

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
  const known = state.shown.get(shown.conversation);
  const before = known.get(shown.sequence);
  known.set(shown.sequence, shown);
  if (!isNews) return;
  if (!before) countAsUnread(shown);
  if (!before || before.recalled !== shown.recalled) drawChoices();
  if (shown.conversation !== state.open) return;
  if (before) redraw(shown);
  drawMessages();
}

function countAsUnread(shown) {
  for (const [index, person] of state.world.people.entries()) {
    const isOpen = index === state.me && shown.conversation === state.open;
    if (isOpen || shown.author.id === person.id || !belongs(person, shown.conversation)) continue;
    if (shown.visibleTo && !shown.visibleTo.includes(person.id)) continue;
    const key = `${person.id} ${shown.conversation}`;
    state.unread.set(key, (state.unread.get(key) ?? 0) + 1);
  }
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

function become(index) {
  state.me = index;
  if (!belongs(me(), state.open) || !group()) state.open = direct();
  look();
}

function enter(conversation) {
  state.open = conversation;
  look();
}

function look() {
  state.unread.delete(`${me().id} ${state.open}`);
  leave();
  hideNotice();
  draw();
  readEverything().catch(tell);
}

// --- Drawing ---

function draw() {
  drawWords();
  drawChoices();
  drawPeer();
  drawComposer();
  drawVoice();
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

function drawPeer() {
  const here = group();
  const name = here?.title ?? bot().name;
  $("peer-avatar").replaceWith(Object.assign(avatar(name, here ? "group" : "bot"), { id: "peer-avatar" }));
  $("peer-name").textContent = here ? `${name} (${here.members.length + here.bots.length})` : name;
  $("peer-note").textContent = here ? t("groupNote", bot().name) : t("directNote");
  $("me-note").textContent = t("iAm", me().name);
}

function tell(error) {
  $("notice").textContent = `${t("failed")} ${error.message}`;
  $("notice").hidden = false;
}

function hideNotice() {
  $("notice").hidden = true;
}

Object.assign(hooks, { tell, hide: hideNotice, enter });
failures.tell = tell;
Object.assign(after, { fault: readStatus, failure: tell });
listenToComposer();
listenToVoice();
$("lang").addEventListener("click", () => {
  switchLanguage();
  draw();
});
$("notice").addEventListener("click", hideNotice);

listen();
