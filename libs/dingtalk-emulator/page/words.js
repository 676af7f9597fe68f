// Every sentence of the page, in Chinese and in English.

const WORDS = {
  title: ["本地钉钉", "Local DingTalk"],
  subtitle: ["在本机运行的钉钉：不联网，不需要账号", "A DingTalk on this machine: no network, no account"],
  otherLanguage: ["English", "中文"],
  sideLabel: ["身份与会话", "Identity and conversations"],
  whoAmI: ["我是谁", "Who am I"],
  conversations: ["会话", "Conversations"],
  phoneLabel: ["手机", "Phone"],
  messagesLabel: ["消息", "Messages"],
  inputLabel: ["输入消息", "Write a message"],
  belowLabel: ["下面发生了什么", "What happens below"],
  below: ["下面发生了什么", "What happens below"],
  faults: ["来点故障", "Break something"],
  send: ["发送", "Send"],
  me: ["我", "Me"],
  iAm: ["我：{0}", "Me: {0}"],
  direct: ["单聊", "Private chat"],
  members: ["群聊 · {0} 人", "Group · {0} people"],
  unread: ["{0} 条未读", "{0} unread"],
  directNote: ["机器人 · 单聊", "Bot · private chat"],
  groupNote: ["只有 @{0} 的消息机器人才看得见", "The bot sees only what mentions @{0}"],
  placeholder: ["发消息…", "Write a message…"],
  placeholderGroup: ["发消息，@{0} 才会得到回答…", "Write; @{0} will answer…"],
  mentionTitle: ["是否 @ 机器人", "Whether to mention the bot"],
  empty: ["说点什么吧，比如「你好」。", "Say something, “hello” for example."],
  emptyGroup: ["在群里 @{0}，它就会回答。", "Mention @{0} and it will answer."],
  busy: ["正在处理", "Working on it"],
  mayNotRender: ["超过 3800 字，部分客户端不渲染 Markdown", "Over 3,800 characters: some clients show this unrendered"],
  lost: ["没有在线的网关，钉钉不会补发这条消息", "No gateway was online; DingTalk does not send this again"],
  noWay: ["发一条消息，就能看到它走过的每一步。", "Send a message and watch every step it takes."],
  pushed: ["推送", "pushed"],
  received: ["收到", "received"],
  stored: ["落盘", "stored"],
  acked: ["确认", "acked"],
  answered: ["作答", "answered"],
  delivered: ["送达", "delivered"],
  pushedTitle: ["平台把消息推给网关", "The platform pushed it to the gateway"],
  receivedTitle: ["网关读到了消息", "The gateway has read it"],
  storedTitle: ["消息已写入磁盘，断电也不会丢", "It is on disk and survives a power cut"],
  ackedTitle: ["网关向平台确认", "The gateway acknowledged it"],
  answeredTitle: ["智能体给出了回答", "The agent has answered"],
  deliveredTitle: ["回答显示在手机上", "The answer stands on the phone"],
  pushedTimes: ["平台推送了 {0} 次，收到 {1} 个回答", "Pushed {0} times, {1} answers"],
  pageOffline: ["页面已断开，正在重连…", "Page offline, reconnecting…"],
  outage: ["断网中 · {0} 秒", "Network down · {0} s"],
  noGateway: ["网关未连接", "No gateway connected"],
  connected: ["网关已连接 · {0}", "Gateway connected · {0}"],
  on: ["进行中", "on"],
  cut: ["断网 5 秒", "Cut the line"],
  cutOn: ["还剩 {0} 秒", "{0} s left"],
  cutNote: ["网关什么也连不上；恢复后它自己重连，收到过的消息仍各答一次。", "Nothing gets through for 5 s. Then the gateway reconnects; what it had is still answered once."],
  kill: ["杀掉连接", "Kill the socket"],
  killed: ["已断 {0} 条", "{0} killed"],
  killNote: ["长连接没有告别就断了；网关应当在一秒内换上新连接。", "The socket ends without a goodbye; the gateway should have a new one within a second."],
  slow: ["平台变慢", "Slow platform"],
  slowNote: ["每个请求慢 1.5 秒；回答晚到，但不丢、不乱、不重复。", "Every request takes 1.5 s longer: answers are late, but none is lost or sent twice."],
  twice: ["重复投递", "Deliver twice"],
  twiceNote: ["每条消息推送两次；网关确认两次，只回答一次。", "Every message is pushed twice, acknowledged twice, and answered once."],
  sumTyped: ["发出", "typed"],
  sumPushes: ["推送", "pushes"],
  sumAcks: ["确认", "acks"],
  sumAnswers: ["回答", "answers"],
  sumLongest: ["最慢确认", "slowest ack"],
  failed: ["没有成功：", "Failed:"],
};

const KEY = "language";
const asked = new URLSearchParams(location.search).get("lang");
let current = ["zh", "en"].includes(asked) ? asked : localStorage.getItem(KEY) ?? "zh";

export const language = () => current;

export function switchLanguage() {
  current = current === "zh" ? "en" : "zh";
  localStorage.setItem(KEY, current);
}

/** The sentence called `name`, with `{0}`, `{1}` … replaced. */
export function t(name, ...values) {
  const sentence = WORDS[name][current === "zh" ? 0 : 1];
  return sentence.replace(/\{(\d)\}/g, (_, index) => values[index]);
}
