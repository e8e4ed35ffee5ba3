/* Who else has this topic open, asked every ten seconds; a hint, for a stale save is refused anyway. */
import { ask } from "./ask.js";
import { form } from "./form.js";

const others = document.querySelector("[data-others]");
const newer = document.querySelector("[data-newer]");
const EVERY = 10_000;

const list = new Intl.ListFormat("en");

async function look() {
  if (document.hidden) return;
  const { status, data } = await ask(`${form.action}/presence`, new URLSearchParams());
  if (status !== 200) return;
  others.hidden = !data.others.length;
  others.textContent = data.others.length ? `${list.format(data.others)} ${data.others.length > 1 ? "have" : "has"} this topic open, too.` : "";
  const behind = String(data.number) !== form.elements.based_on.value && data.number > Number(form.elements.based_on.value);
  newer.hidden = !behind;
  newer.textContent = behind ? `${data.author} saved number ${data.number} meanwhile. Your next save shows you both texts.` : "";
}

setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
addEventListener("pageshow", look);
addEventListener("pagehide", () => navigator.sendBeacon(`${form.action}/leave`));
