// The part of markdown that DingTalk renders, built as DOM nodes. Text only ever becomes a text node, so nothing that a
// bot or a model writes can turn into markup.

const FENCE = /^\s*(`{3,}|~{3,})\s*([\w+-]*)\s*$/;
const HEADING = /^(#{1,6})\s+(.*)$/;
const BULLET = /^(\s*)[-*+]\s+(.*)$/;
const NUMBER = /^(\s*)(\d{1,9})[.)]\s+(.*)$/;
const QUOTE = /^\s*>\s?(.*)$/;
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const INLINE = /`([^`\n]+)`|!\[([^\]\n]*)\]\(([^)\s]+)\)|\[([^\]\n]+)\]\(([^)\s]+)\)|\*\*([^\n]+?)\*\*|\*([^*\n]+)\*|(https?:\/\/[^\s<>)\]，。；、（）「」]+)/;
const DEEPEST = 6;

/**
 * Renders `text`; `mention(name)` turns the id after an @ into a node, or null when nobody is mentioned by it, and
 * `picture(source)` turns the address of a picture into a node, or null when it is shown as a link.
 */
export function render(text, mention = () => null, picture = () => null) {
  const fragment = document.createDocumentFragment();
  blocks(text.replace(/\r\n?/g, "\n").split("\n"), fragment, { mention, picture }, 0);
  return fragment;
}

/** Renders one line or several lines without blocks, as plain text messages need it. */
export function plain(text, mention = () => null) {
  const fragment = document.createDocumentFragment();
  words(text, fragment, { mention });
  return fragment;
}

function blocks(lines, parent, nodes, depth) {
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const fence = FENCE.exec(line);
    if (fence) {
      at = code(lines, at, fence, parent);
    } else if (line.trim() === "") {
      at += 1;
    } else if (RULE.test(line)) {
      parent.append(document.createElement("hr"));
      at += 1;
    } else if (HEADING.test(line)) {
      const [, marks, title] = HEADING.exec(line);
      const heading = add(parent, "p", `heading heading-${marks.length}`);
      heading.setAttribute("role", "heading");
      heading.setAttribute("aria-level", String(marks.length + 2));
      inline(title.replace(/\s+#+\s*$/, ""), heading, nodes);
      at += 1;
    } else if (QUOTE.test(line) && depth < DEEPEST) {
      const inner = [];
      while (at < lines.length && QUOTE.test(lines[at])) inner.push(QUOTE.exec(lines[at++])[1]);
      blocks(inner, add(parent, "blockquote"), nodes, depth + 1);
    } else if ((BULLET.test(line) || NUMBER.test(line)) && depth < DEEPEST) {
      at = list(lines, at, parent, nodes, depth);
    } else if (line.includes("|") && TABLE_RULE.test(lines[at + 1] ?? "") && lines[at + 1].includes("-")) {
      at = table(lines, at, parent, nodes);
    } else {
      at = paragraph(lines, at, parent, nodes, depth);
    }
  }
}

function code(lines, start, [, marks, language], parent) {
  const inner = [];
  let at = start + 1;
  while (at < lines.length && lines[at].trim() !== marks) inner.push(lines[at++]);
  const block = add(parent, "pre");
  if (language) block.dataset.language = language;
  add(block, "code").textContent = inner.join("\n");
  return at + 1;
}

function list(lines, start, parent, nodes, depth) {
  const ordered = !BULLET.test(lines[start]);
  const parts = (line) => {
    const bullet = BULLET.exec(line);
    if (bullet) return { indent: bullet[1].length, ordered: false, text: bullet[2] };
    const number = NUMBER.exec(line);
    return number && { indent: number[1].length, ordered: true, number: Number(number[2]), text: number[3] };
  };
  const first = parts(lines[start]);
  const element = add(parent, ordered ? "ol" : "ul");
  if (ordered && first.number !== 1) element.start = first.number;
  let at = start;
  while (at < lines.length) {
    const item = parts(lines[at]);
    if (!item || item.indent > first.indent + 1 || item.indent < first.indent || item.ordered !== ordered) break;
    const inner = [];
    at += 1;
    // What is indented deeper belongs to the item.
    while (at < lines.length && lines[at].trim() !== "" && /^\s/.test(lines[at]) && indent(lines[at]) > first.indent) {
      inner.push(lines[at++].replace(/^(\t| {1,4})/, ""));
    }
    const entry = add(element, "li");
    inline(item.text, entry, nodes);
    if (inner.length) blocks(inner, entry, nodes, depth + 1);
    if (lines[at]?.trim() === "" && parts(lines[at + 1] ?? "")?.ordered === ordered) at += 1;
  }
  return at === start ? paragraph(lines, at, parent, nodes, depth) : at;
}

function indent(line) {
  return line.length - line.trimStart().length;
}

function table(lines, start, parent, nodes) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
  const scroller = add(parent, "div", "table");
  const element = add(scroller, "table");
  const row = (line, kind) => {
    const tr = add(element, "tr");
    for (const cell of cells(line)) inline(cell, add(tr, kind), nodes);
  };
  row(lines[start], "th");
  let at = start + 2;
  while (at < lines.length && lines[at].includes("|")) row(lines[at++], "td");
  return at;
}

function paragraph(lines, start, parent, nodes, depth) {
  const element = add(parent, "p");
  let at = start;
  do {
    if (at > start) element.append(document.createElement("br"));
    inline(lines[at].trim(), element, nodes);
    at += 1;
  } while (at < lines.length && lines[at].trim() !== "" && !startsBlock(lines[at], depth));
  return at;
}

function startsBlock(line, depth) {
  const nests = depth < DEEPEST && (BULLET.test(line) || NUMBER.test(line) || QUOTE.test(line));
  return nests || FENCE.test(line) || HEADING.test(line) || RULE.test(line);
}

function inline(text, parent, nodes) {
  let rest = text;
  for (let match = INLINE.exec(rest); match; match = INLINE.exec(rest)) {
    words(rest.slice(0, match.index), parent, nodes);
    const [whole, codeText, alt, source, label, target, bold, italic, bare] = match;
    if (codeText !== undefined) add(parent, "code").textContent = codeText;
    else if (source !== undefined) image(alt, source, parent, nodes);
    else if (target !== undefined) link(label, target, parent);
    else if (bold !== undefined) inline(bold, add(parent, "strong"), nodes);
    else if (italic !== undefined) inline(italic, add(parent, "em"), nodes);
    else link(bare, bare, parent);
    rest = rest.slice(match.index + whole.length);
  }
  words(rest, parent, nodes);
}

function image(alt, source, parent, nodes) {
  const node = nodes.picture?.(source);
  if (node) parent.append(node);
  else link(`🖼 ${alt || source}`, source, parent);
}

/** Only web addresses become links; anything else is shown as it was written. */
function link(label, target, parent) {
  if (!/^https?:\/\//i.test(target)) {
    parent.append(label);
    return;
  }
  const anchor = add(parent, "a");
  anchor.href = target;
  anchor.target = "_blank";
  anchor.rel = "noopener noreferrer nofollow";
  anchor.textContent = label;
}

function words(text, parent, nodes) {
  for (const part of text.split(/(@[^\s@，。：；,:;]+)/)) {
    const node = part.startsWith("@") ? nodes.mention(part.slice(1)) : null;
    parent.append(node ?? part);
  }
}

function add(parent, tag, className) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  parent.append(element);
  return element;
}
