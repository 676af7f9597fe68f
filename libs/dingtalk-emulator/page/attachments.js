// Pictures, voice, videos and files in a message.

import { make, seconds, size } from "./make.js";
import { t } from "./words.js";

/** An attachment as it stands in a bubble; `cover` is the still picture of a video. */
export function attachment(part, cover) {
  if (part.kind === "picture") return picture(part);
  if (part.kind === "audio") return audio(part);
  if (part.kind === "video") return video(part, cover);
  return file(part);
}

export function picture(part) {
  const anchor = make("a", "picture", { testid: "picture", title: part.fileName });
  anchor.href = part.path;
  anchor.target = "_blank";
  anchor.rel = "noopener";
  const image = make("img");
  image.src = part.path;
  image.alt = part.fileName;
  image.addEventListener("error", () => anchor.replaceWith(file(part)), { once: true });
  anchor.append(image);
  return anchor;
}

function audio(part) {
  const box = make("div", "audio", { testid: "audio" });
  const player = make("audio", "", { label: t("voice") });
  player.controls = true;
  player.preload = "metadata";
  player.src = part.path;
  // AMR, which DingTalk records, is nothing that browsers play.
  player.addEventListener("error", () => player.replaceWith(make("span", "muted", { text: t("cannotPlay") })), { once: true });
  const line = make("div", "line");
  line.append(make("span", "muted", { text: `${t("voice")}${part.durationMs ? ` ${seconds(part.durationMs)}` : ""}` }), keep(part));
  box.append(player, line);
  if (part.recognition) box.append(make("p", "recognition", { text: part.recognition, testid: "recognition" }));
  return box;
}

function video(part, cover) {
  const box = make("div", "video", { testid: "video" });
  const player = make("video", "", { label: part.fileName });
  player.controls = true;
  player.preload = "metadata";
  player.src = part.path;
  if (cover) player.poster = cover.path;
  player.addEventListener("error", () => player.replaceWith(make("span", "muted", { text: t("cannotPlay") })), { once: true });
  const line = make("div", "line");
  line.append(make("span", "muted", { text: `${part.fileName}${part.durationMs ? ` · ${seconds(part.durationMs)}` : ""}` }), keep(part));
  box.append(player, line);
  return box;
}

function file(part) {
  const extension = part.fileName.includes(".") ? part.fileName.split(".").at(-1) : "";
  const box = make("div", "file", { testid: "file" });
  const text = make("span", "file-text");
  text.append(make("strong", "", { text: part.fileName }), make("span", "muted", { text: size(part.size) }));
  box.append(make("span", "file-icon", { text: [...extension].slice(0, 4).join("").toUpperCase() || "?" }), text, keep(part));
  return box;
}

/** Offers the bytes for keeping. */
function keep(part) {
  const anchor = make("a", "keep", { text: t("download"), testid: "download" });
  anchor.href = part.path;
  anchor.download = part.fileName;
  return anchor;
}
