// One phone: a lock screen with what arrived, four apps in a dock, and settings that say what gets through.
const CHANNELS = {
  sms: { name: "문자", icon: "", strip: "[Web발신]" },
  kakaotalk: { name: "카카오톡", icon: "톡", strip: "알림톡 도착" },
  naver: { name: "네이버", icon: "N", strip: "스마트알림" },
  toss: { name: "토스", icon: "t", strip: "토스 알림" },
  pass: { name: "PASS", icon: "P", strip: "본인확인 요청" },
};
const NOTICES = Object.keys(CHANNELS).filter((channel) => channel !== "pass"); // what a person can block
const REACH = { reached: "받음", blocked: "차단", not_a_user: "안 씀" };
const byId = (id) => document.getElementById(id);
const number = location.pathname.split("/").pop();
const messages = [];
const unread = Object.fromEntries(Object.keys(CHANNELS).map((channel) => [channel, 0]));
let open = "home";

const KST = { timeZone: "Asia/Seoul" };
const clock = (at) => new Date(at).toLocaleTimeString("ko-KR", { ...KST, hour: "numeric", minute: "2-digit" });
const day = (at) => new Date(at).toLocaleDateString("ko-KR", { ...KST, month: "long", day: "numeric", weekday: "long" });
const hyphenated = (phone) => phone.replace(/^(\d{3})(\d{4})(\d{4})$/, "$1-$2-$3");
const copyOf = (id) => byId(id).content.firstElementChild.cloneNode(true);

function showTime() {
  const now = Date.now();
  const short = new Date(now).toLocaleTimeString("en-GB", { ...KST, hour: "numeric", minute: "2-digit" });
  document.querySelector(".clock").textContent = byId("lock-clock").textContent = short;
  byId("lock-date").textContent = day(now);
}

function card(message) {
  const item = copyOf("card");
  const channel = CHANNELS[message.channel];
  item.querySelector(".icon").textContent = channel.icon;
  item.querySelector(".icon").classList.add(message.channel);
  item.querySelector("b").textContent = `${channel.name} · ${message.sender}`;
  item.querySelector("time").textContent = clock(message.at);
  item.querySelector("strong").textContent = message.title;
  item.querySelector(".body").textContent = message.text.replace(/\n+/g, "\n");
  item.querySelector("button").addEventListener("click", () => show(message.channel));
  return item;
}

function bubble(message) {
  const item = copyOf("message");
  item.querySelector(".sender").textContent = message.sender;
  item.querySelector(".strip").textContent = CHANNELS[message.channel].strip;
  item.querySelector("h3").textContent = message.title;
  item.querySelector("h3").hidden = !message.title;
  item.querySelector(".text").textContent = message.text;
  item.querySelector("time").textContent = clock(message.at);
  if (message.question) item.querySelector("article").append(answerTo(message.question));
  return item;
}

function answerTo(question) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "answer", textContent: "확인" });
  button.addEventListener("click", async () => {
    const answer = await fetch(`/phone/api/pass/${question}`, { method: "POST" });
    button.textContent = answer.ok ? "확인했습니다. 신청하던 화면으로 돌아가 주세요." : "요청 시간이 지났습니다.";
    button.disabled = true;
  });
  return button;
}

function separator(at) {
  const item = document.createElement("li");
  item.className = "day";
  item.textContent = day(at);
  return item;
}

function append(message) {
  const thread = byId("thread");
  const previous = messages.filter((each) => each.channel === open && each.seq < message.seq).pop();
  if (!previous || day(previous.at) !== day(message.at)) thread.append(separator(message.at));
  thread.append(bubble(message));
  thread.scrollTop = thread.scrollHeight;
}

function show(app) {
  open = app;
  byId("device").dataset.app = app;
  byId("home").hidden = app !== "home";
  byId("app").hidden = app === "home";
  if (app !== "home") {
    unread[app] = 0;
    byId("app-name").textContent = CHANNELS[app].name;
    byId("thread").replaceChildren();
    messages.filter((message) => message.channel === app).forEach(append);
    byId("back").focus({ preventScroll: true });
  }
  drawDock();
}

function drawDock() {
  byId("dock").replaceChildren(...Object.entries(CHANNELS).map(([channel, { name, icon }]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `icon ${channel}`;
    button.textContent = icon;
    button.setAttribute("aria-label", unread[channel] ? `${name}, 새 알림 ${unread[channel]}건` : name);
    if (unread[channel]) button.dataset.unread = unread[channel];
    button.setAttribute("aria-pressed", open === channel);
    button.addEventListener("click", () => show(channel));
    return button;
  }));
}

function receive(message, isNew) {
  if (messages.some((each) => each.seq === message.seq)) return;
  messages.push(message);
  const item = card(message);
  item.classList.toggle("arriving", isNew);
  byId("cards").prepend(item);
  byId("quiet").hidden = true;
  if (open === message.channel) append(message);
  else if (isNew) unread[message.channel] += 1;
  drawDock();
}

function drawPanel({ person, handset }) {
  byId("who").textContent = person.name ? `${person.name}님` : hyphenated(person.phone);
  document.title = `${person.name || hyphenated(person.phone)} · 국민비서 샌드박스`;
  const facts = { 전화번호: hyphenated(person.phone) };
  if (person.name) {
    facts["통신사"] = person.carrier;
    facts["주민번호 앞 7자리"] = person.identity_number.replace(/^(\d{6})/, "$1-");
    facts["받을 순서"] = person.channels.map((channel) => CHANNELS[channel].name).join(" → ");
  }
  byId("facts").replaceChildren(...Object.entries(facts).flatMap(([term, value]) => {
    const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
    dt.textContent = term;
    dd.textContent = value;
    return [dt, dd];
  }));
  byId("channels").replaceChildren(...NOTICES.map((channel) => switches(channel, handset)));
  byId("handset").elements.on.checked = !handset.off;
  byId("dark").hidden = !handset.off;
}

function switches(channel, handset) {
  const set = copyOf("channel");
  set.querySelector("legend").textContent = CHANNELS[channel].name;
  const now = ["blocked", "not_a_user"].find((reach) => handset[reach].includes(channel)) ?? "reached";
  for (const [reach, label] of Object.entries(REACH)) {
    const option = document.createElement("label");
    const input = Object.assign(document.createElement("input"), {
      type: "radio", name: channel, value: reach, checked: reach === now,
    });
    option.append(input, label);
    set.querySelector(".segments").append(option);
  }
  return set;
}

async function save() {
  const form = new FormData(byId("handset"));
  const those = (reach) => NOTICES.filter((channel) => form.get(channel) === reach);
  const state = { blocked: those("blocked"), not_a_user: those("not_a_user"), off: !form.has("on") };
  const answer = await fetch(`/control/people/${number}`, { method: "PATCH", body: JSON.stringify(state) });
  byId("saved").textContent = answer.ok ? "저장했습니다. 다음 알림부터 적용됩니다." : "저장하지 못했습니다.";
  byId("dark").hidden = !state.off;
}

async function start() {
  const phone = await (await fetch(`/phone/api/${number}`)).json();
  drawPanel(phone);
  phone.messages.forEach((message) => receive(message, false));
  drawDock();
  const last = messages.at(-1)?.seq ?? 0;
  const source = new EventSource(`/phone/api/${number}/events?after=${last}`);
  source.addEventListener("message", (event) => receive(JSON.parse(event.data), true));
}

byId("back").addEventListener("click", () => show("home"));
byId("handset").addEventListener("change", save);
byId("gear").addEventListener("click", () => {
  const shown = byId("panel").classList.toggle("shown");
  byId("gear").setAttribute("aria-expanded", shown);
  byId("gear").textContent = shown ? "닫기" : "설정";
});
setInterval(showTime, 1000);
showTime();
start();
