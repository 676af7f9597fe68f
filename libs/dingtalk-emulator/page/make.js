// Small things that every part of the page needs: elements, times, sizes. What others wrote only ever becomes text.

import { language } from "./words.js";

export const $ = (id) => document.getElementById(id);

export function make(tag, className = "", { text, testid, type, title, label } = {}) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  if (testid) element.dataset.testid = testid;
  if (type) element.type = type;
  if (title) element.title = title;
  if (label) element.setAttribute("aria-label", label);
  return element;
}

export function avatar(name, look) {
  const element = make("span", `avatar ${look}`, { text: look === "group" ? "群" : [...name].at(-1) });
  element.setAttribute("aria-hidden", "true");
  return element;
}

/** A link that leaves the page, or a piece of text when the target is no web address. */
export function link(label, target) {
  if (!/^https?:\/\//i.test(target)) return make("span", "", { text: label });
  const anchor = make("a", "", { text: label });
  anchor.href = target;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer nofollow";
  return anchor;
}

export const clock = (ms) => new Date(ms).toLocaleTimeString(language() === "zh" ? "zh-CN" : "en-GB", { hour12: false });
export const duration = (ms) => (ms < 10000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);
export const seconds = (ms) => `${Math.max(1, Math.round(ms / 1000))}″`;

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
