// Writing: text, pictures and files, a quote, several messages forwarded as one.

import { actions, drawMessages, inShort } from "./bubbles.js";
import { bot, direct, group, groups, me, message, messages, nameOf, post, state } from "./emulator.js";
import { $, make, size } from "./make.js";
import { closeVoice, openVoice } from "./voice.js";
import { t } from "./words.js";

/** What the platform takes at most. */
const LARGEST = 20 * 1024 * 1024;
/** Length that a video has when the browser cannot tell. */
const UNKNOWN_LENGTH_MS = 1000;

/** Files that wait to be sent, each with a preview's address when it is a picture. */
let pending = [];

/** Shows what went wrong, and enters a conversation; set by the page. */
export const hooks = { tell() {}, hide() {}, enter() {} };

export function drawComposer() {
  const here = group();
  $("input").placeholder = here ? t("placeholderGroup", bot().name) : t("placeholder");
  const toggle = $("mention");
  toggle.hidden = !here;
  toggle.textContent = `@${bot().name}`;
  toggle.title = t("mentionTitle");
  toggle.setAttribute("aria-pressed", String(state.mentions));
  $("tray-note").textContent = here ? t("trayGroupNote") : t("trayNote");
  drawQuote();
  drawPending();
  drawForward();
}

/** What belongs to one conversation does not follow into the next. */
export function leave() {
  state.quote = null;
  state.chosen = null;
  clearPending();
  closeTray();
}

// --- Sending ---

async function send() {
  const input = $("input");
  const typed = input.value.trim();
  const files = pending;
  if (!typed && !files.length) return;
  const { text, at } = addressed(typed);
  hooks.hide();
  input.value = "";
  pending = [];
  const quote = state.quote;
  state.quote = null;
  drawComposer();
  grow();
  try {
    const pictures = files.filter((one) => one.preview);
    if (pictures.length) await say({ ...(await withPictures(pictures, text)), at, quote });
    else if (text) await say({ text, at, quote });
    // Files, voice and videos go alone; in a group without an @, as on the platform.
    for (const one of files) if (!one.preview) await say(await asMessage(one.file));
    release(files);
    closeTray();
  } catch (error) {
    input.value = typed;
    pending = files;
    state.quote = quote;
    drawComposer();
    throw error;
  }
}

/** In a group the @ may be typed, or switched on. */
function addressed(typed) {
  if (!group()) return { text: typed, at: [] };
  const name = `@${bot().name}`;
  const isTyped = typed.startsWith(name);
  const text = isTyped ? typed.slice(name.length).trim() || "…" : typed;
  return { text, at: isTyped || state.mentions ? [bot().robotCode] : [] };
}

export function say(body) {
  return post("/control/say", { person: me().id, conversation: state.open, ...body, quote: body.quote ?? undefined });
}

async function withPictures(pictures, text) {
  const parts = [];
  for (const { file } of pictures) parts.push({ fileName: file.name, bytes: await base64(file) });
  if (parts.length === 1 && !text) return { kind: "picture", ...parts[0] };
  return { kind: "richText", parts: text ? [{ text }, ...parts] : parts };
}

async function asMessage(file) {
  const body = { fileName: file.name, bytes: await base64(file) };
  if (file.type.startsWith("video/")) return { kind: "video", ...body, durationMs: await lengthOf(file) };
  return { kind: "file", ...body };
}

export async function base64(blob) {
  const address = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
  return address.slice(address.indexOf(",") + 1);
}

/** Milliseconds of audio or video, as far as the browser understands it. */
export async function lengthOf(blob) {
  const player = document.createElement("video");
  const address = URL.createObjectURL(blob);
  const length = await new Promise((resolve) => {
    player.preload = "metadata";
    player.onloadedmetadata = () => resolve(player.duration);
    player.onerror = () => resolve(Number.NaN);
    player.src = address;
  });
  URL.revokeObjectURL(address);
  return Number.isFinite(length) && length > 0 ? Math.round(length * 1000) : UNKNOWN_LENGTH_MS;
}

// --- What waits to be sent ---

function attach(files) {
  for (const file of files) {
    if (file.size > LARGEST) {
      hooks.tell(new Error(t("tooLarge", file.name)));
      continue;
    }
    const isPicture = /^image\/(png|jpeg|gif|bmp|webp)$/.test(file.type);
    pending.push({ file, preview: isPicture ? URL.createObjectURL(file) : null });
  }
  drawPending();
  $("input").focus();
}

function release(files) {
  for (const { preview } of files) if (preview) URL.revokeObjectURL(preview);
}

function clearPending() {
  release(pending);
  pending = [];
}

function drawPending() {
  const list = $("pending");
  list.hidden = !pending.length;
  list.replaceChildren(...pending.map((one, index) => {
    const item = make("li", "pending-item", { testid: "pending" });
    if (one.preview) {
      const image = make("img");
      image.src = one.preview;
      image.alt = one.file.name;
      item.append(image);
    } else {
      item.append(make("span", "pending-name", { text: one.file.name }), make("span", "muted", { text: size(one.file.size) }));
    }
    const remove = make("button", "remove", { type: "button", text: "×", label: t("remove") });
    remove.addEventListener("click", () => {
      release(pending.splice(index, 1));
      drawPending();
    });
    item.append(remove);
    return item;
  }));
}

// --- Quoting and forwarding ---

function drawQuote() {
  const quoted = state.quote && message(state.quote);
  $("quoting").hidden = !quoted;
  if (quoted) $("quoting-text").textContent = `${nameOf(quoted.author)}: ${inShort(quoted)}`;
}

function drawForward() {
  const isChoosing = state.chosen !== null;
  $("composer").hidden = isChoosing;
  $("forwarding").hidden = !isChoosing;
  if (!isChoosing) return;
  $("forward-count").textContent = t("chosen", state.chosen.length);
  $("forward-go").disabled = !state.chosen.length;
  const target = $("forward-to");
  const before = target.value;
  const places = [[direct(), bot().name], ...groups().map((one) => [one.conversation, one.title])];
  target.replaceChildren(...places.map(([conversation, name]) => {
    const option = make("option", "", { text: name });
    option.value = conversation;
    return option;
  }));
  if (places.some(([conversation]) => conversation === before)) target.value = before;
}

function choose(shown, isChosen) {
  const rest = state.chosen.filter((id) => id !== shown.id);
  const chosen = isChosen ? [...rest, shown.id] : rest;
  // As they stand on the screen, not as they were chosen.
  state.chosen = messages().map((one) => one.id).filter((id) => chosen.includes(id));
  drawForward();
}

function stopChoosing() {
  state.chosen = null;
  drawMessages(true, true);
  drawComposer();
}

async function forward() {
  const conversation = $("forward-to").value;
  const at = group(conversation) ? [bot().robotCode] : [];
  await say({ kind: "forward", messages: state.chosen, conversation, at });
  stopChoosing();
  hooks.enter(conversation);
}

// --- The tray below the input ---

function closeTray() {
  $("tray").hidden = true;
  $("more").setAttribute("aria-expanded", "false");
  closeVoice();
}

function toggleTray() {
  const isOpen = !$("tray").hidden;
  closeTray();
  $("tray").hidden = isOpen;
  $("more").setAttribute("aria-expanded", String(!isOpen));
}

function grow() {
  const input = $("input");
  // A long placeholder would count as text.
  input.style.height = "";
  if (input.value) input.style.height = `${Math.min(input.scrollHeight, 120)}px`;
}

export function listenToComposer() {
  const fail = (error) => hooks.tell(error);
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    send().catch(fail);
  });
  $("input").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.quote) {
      state.quote = null;
      drawComposer();
    }
    // Return ends the choice of an input method before it sends a message.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send().catch(fail);
  });
  $("input").addEventListener("input", grow);
  $("input").addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) attach(event.clipboardData.files);
  });
  $("mention").addEventListener("click", () => {
    state.mentions = !state.mentions;
    drawComposer();
  });
  $("more").addEventListener("click", toggleTray);
  for (const name of ["picture", "file"]) {
    const input = $(`pick-${name}`);
    $(`tray-${name}`).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      attach(input.files);
      input.value = "";
    });
  }
  $("tray-voice").addEventListener("click", () => openVoice(fail));
  $("tray-forward").addEventListener("click", () => {
    closeTray();
    state.chosen = [];
    drawMessages(true, true);
    drawForward();
  });
  $("quoting-end").addEventListener("click", () => {
    state.quote = null;
    drawComposer();
  });
  $("forward-go").addEventListener("click", () => forward().catch(fail));
  $("forward-end").addEventListener("click", stopChoosing);
  const phone = $("phone");
  phone.addEventListener("dragover", (event) => event.preventDefault());
  phone.addEventListener("drop", (event) => {
    event.preventDefault();
    attach(event.dataTransfer.files);
  });
  actions.choose = choose;
  actions.quote = (shown) => {
    state.quote = shown.id;
    drawComposer();
    $("input").focus();
  };
  actions.forward = (shown) => {
    state.chosen = [shown.id];
    drawMessages(true, true);
    drawForward();
  };
}
