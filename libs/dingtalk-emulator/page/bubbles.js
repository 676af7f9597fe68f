// The messages of the open conversation.

import { attachment, picture } from "./attachments.js";
import { cardBox, isSpinning, reactions, redrawCard } from "./cards.js";
import { bot, group, has, isLost, me, message, messages, nameOf, state } from "./emulator.js";
import { $, avatar, clock, link, make } from "./make.js";
import { plain, render } from "./markdown.js";
import { kindName, t } from "./words.js";

/** How long a finger must rest on a message to get what can be done with it. */
const LONG_PRESS_MS = 450;

/** What the buttons of a message do; set by the composer. */
export const actions = { quote() {}, forward() {}, choose() {} };

/** Adds what is new; draws everything anew only when the conversation has changed, or what can be done in it. */
export function drawMessages(anew = false, staysInPlace = false) {
  const list = $("messages");
  const place = list.scrollTop;
  const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  if (anew) list.replaceChildren();
  list.classList.toggle("choosing", state.chosen !== null);
  list.querySelector(".waiting")?.remove();
  list.querySelector(".empty")?.remove();
  const drawn = Number(list.lastElementChild?.dataset.sequence ?? 0);
  const here = messages();
  for (const item of list.querySelectorAll("[data-sequence]")) {
    if (!here.some((shown) => String(shown.sequence) === item.dataset.sequence)) item.remove();
  }
  for (const shown of here) {
    if (shown.sequence <= drawn) continue;
    const item = list.appendChild(bubble(shown));
    item.classList.toggle("new", !anew);
  }
  for (const shown of here.slice(-30)) drawFate(shown);
  if (!here.length) list.append(make("li", "empty", { text: group() ? t("emptyGroup", bot().name) : t("empty") }));
  if (isBotBusy(here)) list.append(waiting());
  if (staysInPlace) list.scrollTop = place;
  else if (anew || wasAtEnd) list.scrollTop = list.scrollHeight;
}

function bubble(shown) {
  const isBot = shown.author.kind !== "person";
  const isMine = shown.author.id === me().id;
  const item = make("li", `message ${isMine ? "mine" : ""} ${isBot ? "from-bot" : ""}`, { testid: "message" });
  Object.assign(item.dataset, { author: shown.author.kind, sequence: shown.sequence, id: shown.id });
  const name = nameOf(shown.author);
  const index = state.world.people.findIndex((person) => person.id === shown.author.id);
  item.append(choice(shown), avatar(name, isBot ? "bot" : `tint-${index % 5}`));
  const column = make("div", "column");
  const head = make("div", "head");
  head.append(make("span", "", { text: isMine ? t("me") : name }), make("time", "", { text: clock(shown.atMs) }));
  const body = make("div", `bubble ${shown.format === "markdown" ? "markdown" : ""}`, { testid: "text" });
  if (shown.quotes) body.append(quotation(shown.quotes));
  body.append(content(shown));
  column.append(head, body, tools(shown));
  drawReactions(column, shown);
  if (shown.mayNotRender && !shown.card) column.append(make("small", "warn", { text: t("mayNotRender") }));
  item.append(column);
  longPress(item);
  // A picture that arrives late must not push the end out of sight.
  for (const image of item.querySelectorAll("img")) image.addEventListener("load", keepAtEnd, { once: true });
  return item;
}

/** A message that has changed: the card in it, and what was attached to it. */
export function redraw(shown) {
  const list = $("messages");
  const item = list.querySelector(`[data-sequence="${shown.sequence}"]`);
  if (!item) return;
  const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const card = item.querySelector(".ai-card");
  if (card && shown.card) redrawCard(card, shown);
  drawReactions(item.querySelector(".column"), shown);
  if (wasAtEnd) list.scrollTop = list.scrollHeight;
}

function drawReactions(column, shown) {
  column.querySelector(".reactions")?.remove();
  const row = reactions(shown);
  if (row) column.querySelector(".bubble").after(row);
}

function keepAtEnd() {
  const list = $("messages");
  if (list.scrollHeight - list.scrollTop - list.clientHeight < 420) list.scrollTop = list.scrollHeight;
}

function choice(shown) {
  const box = make("input", "choose", { type: "checkbox", testid: "choose", label: t("choose") });
  box.checked = state.chosen?.includes(shown.id) ?? false;
  box.addEventListener("change", () => actions.choose(shown, box.checked));
  return box;
}

function tools(shown) {
  const box = make("div", "tools");
  const quote = make("button", "", { type: "button", text: t("quote"), testid: "quote" });
  quote.addEventListener("click", () => actions.quote(shown));
  const forward = make("button", "", { type: "button", text: t("forward"), testid: "forward" });
  forward.addEventListener("click", () => actions.forward(shown));
  box.append(quote, forward);
  return box;
}

/** A finger has no hover: it rests. */
function longPress(item) {
  let timer = null;
  const end = () => clearTimeout(timer);
  item.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    for (const held of document.querySelectorAll(".message.held")) held.classList.remove("held");
    timer = setTimeout(() => item.classList.add("held"), LONG_PRESS_MS);
  });
  for (const name of ["pointerup", "pointercancel", "pointermove"]) item.addEventListener(name, end);
}

function quotation(id) {
  const quoted = message(id);
  const button = make("button", "quotation", { type: "button", testid: "quotation" });
  button.textContent = quoted ? `${nameOf(quoted.author)}: ${inShort(quoted)}` : t("quotedGone");
  button.addEventListener("click", () => {
    const target = [...$("messages").children].find((item) => item.dataset.id === id);
    target?.scrollIntoView({ block: "center" });
    target?.classList.add("found");
    setTimeout(() => target?.classList.remove("found"), 1200);
  });
  return button;
}

/** A message in a few words. */
export function inShort(shown) {
  const kind = { picture: "[picture]", audio: "[voice]", video: "[video]", file: "[file]", chatRecord: "[record]" };
  const text = {
    richText: () => nodesOf(shown).map((node) => node.text ?? (node.type === "picture" ? t("[picture]") : "")).join(""),
    text: () => shown.text,
    markdown: () => shown.title || shown.text,
    card: () => shown.title || shown.text || t("[card]"),
  };
  const [known] = typeof shown.format === "string" ? [shown.format] : ["other"];
  if (text[known]) return [...text[known]().replace(/\s+/g, " ")].slice(0, 60).join("");
  if (kind[known]) return [t(kind[known]), shown.attachments[0]?.recognition ?? (known === "file" ? shown.attachments[0]?.fileName ?? "" : shown.title ?? "")].join(" ").trim();
  return shown.title || kindName(shown.format.other ?? "");
}

function content(shown) {
  const mention = (id) => {
    const person = state.world.people.find((one) => one.id === id && shown.mentions.includes(id));
    return person ? make("span", "mention", { text: `@${person.name}`, title: id }) : null;
  };
  if (shown.card) return cardBox(shown);
  if (shown.format === "markdown") return render(shown.text, mention, (source) => uploaded(shown, source));
  if (shown.format === "text") return plain(shown.text, typedMention(shown, mention));
  if (shown.format === "richText") return richText(shown);
  if (shown.format === "chatRecord") return record(shown);
  if (shown.attachments.length) return attachments(shown);
  if (shown.format === "picture") return link(`🖼 ${parsed(shown.text).photoURL ?? ""}`, parsed(shown.text).photoURL ?? "");
  return card(shown);
}

/** What people typed mentions by name, what bots wrote by id. */
function typedMention(shown, byId) {
  if (shown.author.kind !== "person") return byId;
  const names = [...state.world.bots, ...state.world.people].map((one) => one.name);
  return (name) => (names.includes(name) ? make("span", "mention", { text: `@${name}` }) : null);
}

/** A picture of the bot's markdown that was uploaded, by its media id. */
function uploaded(shown, source) {
  const part = shown.attachments.find((one) => one.media === source);
  return part ? picture(part) : null;
}

function attachments(shown) {
  const fragment = document.createDocumentFragment();
  const cover = shown.attachments.find((part) => part.kind === "cover");
  for (const part of shown.attachments) if (part !== cover) fragment.append(attachment(part, cover));
  const at = shown.author.kind === "person" && /^(@\S+ )+/.exec(shown.text)?.[0];
  if (at) fragment.prepend(make("p", "mention", { text: at }));
  return fragment;
}

/** Nodes of a rich text, behind the @ that a group message begins with. */
function nodesOf(shown) {
  const start = shown.text.indexOf("[{");
  if (start < 0) return [{ text: shown.text }];
  try {
    return [{ text: shown.text.slice(0, start) }, ...JSON.parse(shown.text.slice(start))];
  } catch {
    return [{ text: shown.text }];
  }
}

function richText(shown) {
  const fragment = document.createDocumentFragment();
  const pictures = [...shown.attachments];
  for (const node of nodesOf(shown)) {
    if (node.type === "picture") {
      const part = pictures.shift();
      fragment.append(part ? picture(part) : t("[picture]"));
    } else if (node.type === "at") {
      fragment.append(make("span", "mention", { text: `@${node.atName} ` }));
    } else if (node.type === "skill") {
      fragment.append(make("span", "skill", { text: node.text ?? "" }));
    } else {
      fragment.append(plain(node.text ?? node.content ?? "", typedMention(shown)));
    }
  }
  return fragment;
}

function record(shown) {
  const box = make("div", "record", { testid: "record" });
  box.append(make("strong", "", { text: shown.title ?? "" }), make("p", "", { text: shown.text }));
  const parts = shown.attachments.length;
  if (parts) {
    const more = make("details");
    more.append(make("summary", "", { text: t("recordParts", parts) }), ...shown.attachments.map((part) => attachment(part)));
    box.append(more);
  }
  return box;
}

/** Links, action cards and whatever else there is: title, text and addresses, as far as they can be found. */
function card(shown) {
  const kind = shown.format.other ?? shown.format;
  const values = parsed(shown.text);
  const text = typeof values.text === "string" ? values.text : "";
  const targets = [values.messageUrl, values.singleURL, ...(values.links ?? []), ...(values.btns ?? []).map((one) => one.actionURL)];
  for (let number = 1; number <= 5; number += 1) targets.push(values[`actionURL${number}`], values[`buttonUrl${number}`]);
  const box = make("div", "card");
  box.append(make("strong", "", { text: shown.title ?? values.title ?? kindName(kind) }));
  if (text) {
    const body = make("div", "markdown");
    body.append(render(text));
    box.append(body);
  } else if (shown.text && !Object.keys(values).length) {
    box.append(make("p", "", { text: shown.text }));
  }
  for (const target of targets) if (typeof target === "string" && target) box.append(link(target, target));
  return box;
}

function parsed(text) {
  try {
    const value = JSON.parse(text.replace(/^(@\S+ )+/, ""));
    return value && typeof value === "object" && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

/** A line below one's own message when it did not get anywhere. */
function drawFate(shown) {
  if (shown.author.kind !== "person") return;
  const item = $("messages").querySelector(`[data-sequence="${shown.sequence}"] .column`);
  if (!item || item.querySelector(".lost") || !isLost(shown)) return;
  item.append(make("small", "lost", { text: t("lost") }));
}

function isBotBusy(here) {
  // A card says so itself.
  if (here.some(isSpinning)) return false;
  return here.slice(-20).some((shown) => shown.author.kind === "person" && has(shown.id, "pushed") && !has(shown.id, "delivered"));
}

function waiting() {
  const item = make("li", "message from-bot waiting", { testid: "waiting" });
  const dots = make("div", "bubble dots", { label: t("busy") });
  dots.setAttribute("role", "status");
  dots.append(make("i"), make("i"), make("i"));
  item.append(avatar(bot().name, "bot"), dots);
  return item;
}
