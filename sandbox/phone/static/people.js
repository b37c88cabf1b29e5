// The list of sample people, with a search that waits until typing pauses.
const LABELS = { sms: "문자", kakaotalk: "카카오톡", naver: "네이버", toss: "토스" };
const list = document.getElementById("people");
const box = document.getElementById("q");
let pause;

function row(person) {
  const item = document.getElementById("row").content.cloneNode(true);
  item.querySelector("a").href = `/phone/${person.number}`;
  item.querySelector(".avatar").textContent = person.name[0];
  item.querySelector(".avatar").style.setProperty("--hue", (person.number * 47) % 360);
  item.querySelector("strong").textContent = person.name;
  item.querySelector(".phone").textContent = hyphenated(person.phone);
  const apps = item.querySelector(".apps");
  for (const channel of person.channels) {
    const app = document.createElement("span");
    app.className = `app ${channel}`;
    app.textContent = LABELS[channel];
    apps.append(app);
  }
  return item;
}

function hyphenated(phone) {
  return phone.replace(/^(\d{3})(\d{4})(\d{4})$/, "$1-$2-$3");
}

async function show() {
  const answer = await fetch(`/phone/api/people?q=${encodeURIComponent(box.value)}`);
  const { people, found, total } = await answer.json();
  list.replaceChildren(...people.map(row));
  const status = document.getElementById("count");
  if (!total) status.textContent = "아직 사람이 없습니다. python -m sandbox people 명령으로 만들어 주세요.";
  else if (!box.value) status.textContent = `전체 ${total.toLocaleString()}명 가운데 대표 ${people.length}명`;
  else status.textContent = found ? `${found.toLocaleString()}명을 찾았습니다.` : "찾는 사람이 없습니다.";
}

box.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(show, 200);
});
box.form.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
show();
