// What happens below the phone: the way of each message, the connection, faults on demand, sums.

import { isLost, messages, post, state } from "./emulator.js";
import { inShort } from "./bubbles.js";
import { $, duration, make } from "./make.js";
import { t } from "./words.js";

const ALWAYS = 4294967295;
const SLOW_MS = 1500;
const OUTAGE_MS = 5000;
const WAYS = 3;
const STEPS = ["pushed", "received", "stored", "acked", "answered", "delivered"];

/** What is done after a fault was ordered, and when something failed; set by the page. */
export const after = { fault: async () => {}, failure() {} };

export function drawWays() {
  const here = [...state.ways.values()].filter((way) => way.conversation === state.open && way.steps.length > 1);
  const latest = here.sort((one, other) => other.steps[0].atMs - one.steps[0].atMs).slice(0, WAYS);
  $("ways").replaceChildren(...(latest.length ? latest.map(wayCard) : [make("li", "hint", { text: t("noWay") })]));
}

function wayCard(way) {
  const item = make("li", "way", { testid: "way" });
  item.dataset.id = way.message;
  const typed = messages(way.conversation).find((shown) => shown.id === way.message);
  const start = way.steps[0].atMs;
  item.append(make("p", "way-text", { text: typed ? inShort(typed) : way.message }));
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

export function drawConnection() {
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

export function drawFaults() {
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
    button.onclick = () => Promise.resolve(card.act()).then(after.fault).catch(after.failure);
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

export function drawSums() {
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
