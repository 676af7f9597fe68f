// What the page knows of the emulator, and how it asks; see the crate's README for the control API.

export const state = {
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
  /** Whether the next message in a group mentions the bot. */
  mentions: true,
  online: false,
  outageEnds: 0,
  killed: 0,
  /** The message that is being quoted, by id. */
  quote: null,
  /** Ids of the messages chosen to be forwarded, in their order; null outside that mode. */
  chosen: null,
};

export async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

export async function post(path, body = {}) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `${path}: ${response.status}`);
  return answer;
}

export const me = () => state.world.people[state.me] ?? state.world.people[0];
export const bot = () => state.world.bots[0];
export const direct = (person = me()) => person.direct[bot().robotCode];
export const group = (conversation = state.open) => state.world.groups.find((one) => one.conversation === conversation);
export const groups = (person = me()) => state.world.groups.filter((one) => one.members.includes(person.id));

export function belongs(person, conversation) {
  return Object.values(person.direct).includes(conversation) || groups(person).some((one) => one.conversation === conversation);
}

export function nameOf(author) {
  if (author.kind === "customRobot") return author.id;
  if (author.kind === "bot") return state.world.bots.find((one) => one.robotCode === author.id)?.name ?? author.id;
  return state.world.people.find((one) => one.id === author.id)?.name ?? author.id;
}

/** Messages of a conversation that can be seen, oldest first. */
export function messages(conversation = state.open) {
  const all = [...(state.shown.get(conversation)?.values() ?? [])];
  const isVisible = (one) => !one.recalled && (one.visibleTo?.includes(me().id) ?? true);
  return all.filter(isVisible).sort((one, other) => one.sequence - other.sequence);
}

export const message = (id, conversation = state.open) => messages(conversation).find((one) => one.id === id);

const stepsOf = (id) => state.ways.get(id)?.steps ?? [];
export const has = (id, name) => stepsOf(id).some((step) => step.name === name);
export const isLost = (shown) => has(shown.id, "lost") && !has(shown.id, "pushed");
