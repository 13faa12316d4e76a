// What a script adds to the booking page. Without it everything works, with one more page to load.
"use strict";

const main = document.getElementById("main");
let shown = location.search;

// The zone of the browser, offered if the page shows another one.
function offerZone() {
  const offer = document.getElementById("own-zone");
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!offer || !own || document.getElementById("tz").value === own) return;
  const link = offer.querySelector("a");
  const address = new URL(link.href);
  address.searchParams.set("tz", own);
  link.href = address;
  link.textContent = link.textContent.replace("…", own.split("/").pop().replaceAll("_", " "));
  offer.hidden = false;
}

// Another day, without loading the page: the focus goes to its times, and how many there are is said.
async function show(address) {
  let page;
  try {
    const answer = await fetch(address);
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    location.assign(address);
    return false;
  }
  main.replaceChildren(...page.getElementById("main").childNodes);
  document.title = page.title;
  shown = new URL(address).search;
  document.querySelector("footer nav")?.replaceWith(page.querySelector("footer nav"));
  offerZone();
  return true;
}

function arrive(picked) {
  const title = document.getElementById("day-title");
  const target = picked ? document.querySelector(`.slots a[data-start="${picked}"]`) : title;
  if (!target) return;
  if (target === title) title.tabIndex = -1;
  target.focus({ preventScroll: true });
  document.getElementById("times").scrollIntoView({ block: "nearest" });
  said.textContent = title.nextElementSibling.textContent;
}

const said = document.createElement("p");
said.className = "vh";
said.setAttribute("aria-live", "polite");

function isPlain(event) {
  return !(event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
}

main.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href$='#times']");
  if (!link || !isPlain(event)) return;
  event.preventDefault();
  if (await show(link.href)) {
    history.pushState(null, "", link.href);
    arrive(link.dataset.start);
  }
});

// Keys in the table of days, as in any calendar; Tab goes from day to day as well.
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

main.addEventListener("keydown", (event) => {
  const cell = event.target.closest(".month td");
  if (!cell || !isPlain(event)) return;
  const cells = [...main.querySelectorAll(".month td")];
  const open = cells.filter((each) => each.querySelector("a"));
  let next = { Home: open[0], End: open.at(-1) }[event.key];
  const step = STEPS[event.key];
  for (let at = cells.indexOf(cell) + step; step && !next && cells[at]; at += step) {
    if (open.includes(cells[at])) next = cells[at];
  }
  if (!next && !step) return;
  event.preventDefault();
  next?.querySelector("a").focus();
});

if (document.getElementById("times")) {
  main.after(said);
  addEventListener("popstate", () => location.search === shown || show(location.href));
  offerZone();
}
