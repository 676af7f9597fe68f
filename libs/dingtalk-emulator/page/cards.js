// Cards on the phone: they think, type, end, and have buttons. A card that changes keeps its buttons, so that a click
// under way survives.

import { picture } from "./attachments.js";
import { me, post, state } from "./emulator.js";
import { make } from "./make.js";
import { render } from "./markdown.js";
import { t } from "./words.js";

const KNOWN = ["btn_stop", "feedback_up", "feedback_down"];

/** What to do with a failure; set by the page. */
export const failures = { tell() {} };

export const isSpinning = (shown) => ["thinking", "typing", "executing"].includes(shown.card?.state);

/** Everything in the bubble of a card. */
export function cardBox(shown) {
  const box = make("div", "ai-card");
  box.append(make("div", "card-content"), make("div", "card-actions"), make("div", "card-notes"));
  redrawCard(box, shown);
  return box;
}

export function redrawCard(box, shown) {
  const { card } = shown;
  box.dataset.state = card.state;
  const [content, actions, notes] = box.children;
  content.replaceChildren(...(card.isLoadable ? parts(shown) : [make("p", "card-broken", { text: t("notLoaded") })]));
  drawActions(actions, card.isLoadable ? card : { ...card, actions: [] });
  notes.replaceChildren(...remarks(shown));
}

function parts(shown) {
  const { card } = shown;
  const all = [];
  const at = mentions(shown);
  if (at) all.push(at);
  if (shown.title) all.push(make("strong", "card-title", { text: shown.title }));
  if (card.quote) all.push(make("blockquote", "card-quote", { text: card.quote }));
  for (const block of card.blocks) all.push(drawBlock(shown, block));
  if (card.body) all.push(markdown(shown, card.body, "card-body"));
  const label = stateLabel(shown);
  if (label) all.push(label);
  if (card.statusLine) all.push(make("p", "card-status", { text: card.statusLine, testid: "card-status" }));
  return all;
}

/** Whom the card mentions stands at its head. */
function mentions(shown) {
  const names = shown.mentions.map((id) => state.world.people.find((one) => one.id === id)?.name ?? id);
  if (shown.mentionsEverybody) names.unshift(t("everybody"));
  return names.length ? make("p", "mention", { text: names.map((name) => `@${name}`).join(" ") }) : null;
}

function markdown(shown, text, className) {
  const body = make("div", `markdown ${className}`);
  body.append(render(text, () => null, (source) => uploaded(shown, source)));
  return body;
}

function uploaded(shown, source) {
  const part = shown.attachments.find((one) => one.media === source);
  return part ? picture(part) : null;
}

function drawBlock(shown, block) {
  if (block.kind === "answer") return markdown(shown, block.text, "card-answer");
  if (block.kind === "picture") return uploaded(shown, block.media) ?? make("p", "card-block", { text: t("[picture]") });
  if (block.kind === "buttons") {
    const row = make("div", "card-buttons");
    for (const { text, action, params } of block.buttons) {
      const button = make("button", "", { type: "button", text, testid: `card-${action}` });
      button.addEventListener("click", () => press(shown.card, action, params));
      row.append(button);
    }
    return row;
  }
  return make("p", `card-block ${block.kind}`, { text: block.text });
}

/** What a card shows about its state besides a caret. */
function stateLabel(shown) {
  const { card } = shown;
  const isEmpty = !card.body && !card.blocks.length;
  if (card.state === "failed") return make("p", "card-state failed", { text: t("cardFailed"), testid: "card-state" });
  if (card.state === "executing" || (card.state === "thinking" && isEmpty) || (card.state === "typing" && isEmpty)) {
    const line = make("p", "card-state busy", { testid: "card-state" });
    const dots = make("span", "card-dots");
    dots.append(make("i"), make("i"), make("i"));
    line.append(make("span", "", { text: t(`card-${card.state}`) }), dots);
    return line;
  }
  return null;
}

function drawActions(row, card) {
  for (const button of [...row.children]) if (!card.actions.includes(button.dataset.action)) button.remove();
  for (const action of card.actions) {
    let button = [...row.children].find((one) => one.dataset.action === action);
    if (!button) {
      button = make("button", action, { type: "button", testid: `card-${action}` });
      button.dataset.action = action;
      button.addEventListener("click", () => press(card, action));
      row.append(button);
    }
    const name = KNOWN.includes(action) ? t(`act-${action}`) : action;
    // Thumbs are drawn, so that they are there without a font for them.
    button.textContent = action.startsWith("feedback_") ? "" : action === "btn_stop" ? `■ ${name}` : name;
    button.setAttribute("aria-label", name);
    button.title = name;
    const mine = card.clicks.filter((click) => click.person === me().id);
    const isFeedback = action.startsWith("feedback_");
    const last = mine.findLast((click) => !isFeedback || click.action.startsWith("feedback_"));
    const isPressed = last?.action === action && last.outcome !== "failed";
    button.setAttribute("aria-pressed", String(isPressed));
    button.disabled = isPressed && last.outcome === "pending";
  }
  row.hidden = !row.children.length;
}

function press(card, action, params = null) {
  const body = { card: card.outTrackId, person: me().id, action };
  if (params) body.params = params;
  post("/control/click", body).catch((error) => failures.tell(error));
}

/** Small lines below the card that no phone shows, except the one about a click that failed. */
function remarks(shown) {
  const { card } = shown;
  const lines = [];
  const last = card.clicks.at(-1);
  const isStop = last?.action === "btn_stop";
  if (last?.outcome === "failed") lines.push(make("small", "lost", { text: t(last.fate === "pushed" ? "clickFailed" : "clickLost"), testid: "click-failed" }));
  else if (isStop && !isSpinning(shown)) lines.push(make("small", "", { text: t("stopped"), testid: "card-stopped" }));
  if (card.isSilent) lines.push(make("small", "", { text: t("silentCard") }));
  if (shown.visibleTo) lines.push(make("small", "", { text: t("onlySome", shown.visibleTo.length) }));
  if (shown.mayNotRender) lines.push(make("small", "warn", { text: t("cardMayNotRender") }));
  if (card.endedTooSoon) lines.push(make("small", "warn", { text: t("endedTooSoon") }));
  return lines;
}

/** Chips below a message, one for each reaction; null without any. */
export function reactions(shown) {
  if (!shown.reactions.length) return null;
  const row = make("div", "reactions", { testid: "reactions", label: t("reactions") });
  for (const { text } of shown.reactions) row.append(make("span", "", { text }));
  return row;
}
