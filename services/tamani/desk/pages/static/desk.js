// Keeps a page up to date without moving what is being read. Everything works without this script.
"use strict";
(() => {
  const list = document.getElementById("liste");
  const bar = document.getElementById("nouveaux");
  if (!list || !list.dataset.cursor || !bar || !window.EventSource) return;
  const live = document.getElementById("direct");
  const link = bar.querySelector("a");
  let fresh = new Set();

  const show = (text) => {
    link.textContent = text;
    bar.hidden = false;
  };
  const status = (name) => {
    if (!live) return;
    live.hidden = false;
    live.textContent = live.dataset[name];
    live.classList.toggle("wait", name !== "on");
  };
  const say = () => show((fresh.size < 2 ? link.dataset.one : link.dataset.many).replace("{n}", fresh.size));

  // A thread that is on the page gets a word beside it; where it stands does not change.
  const touch = (thread) => {
    for (const card of list.querySelectorAll("[data-thread]")) {
      if (card.dataset.thread !== thread || card.classList.contains("touched")) continue;
      card.classList.add("touched");
      const word = document.createElement("span");
      word.className = "touched-word";
      word.textContent = list.dataset.updated;
      card.querySelector(".kicker").append(word);
    }
  };

  // What was erased goes from the page at once; its place stays, so that nothing below it moves.
  const forget = (path) => {
    const links = [...document.querySelectorAll("main a")].filter((link) => link.getAttribute("href") === path);
    const own = list.dataset.self === path;
    for (const place of own ? [list] : links.map((link) => link.closest("[data-thread]") ?? link)) {
      const word = document.createElement("a");
      word.href = path;
      word.textContent = list.dataset.erased;
      place.style.minHeight = `${place.getBoundingClientRect().height}px`;
      place.classList.add("erased");
      delete place.dataset.thread;
      place.replaceChildren(place.localName === "a" ? list.dataset.erased : word);
    }
    if (links.length && !own) show(link.dataset.reset);
  };

  const source = new EventSource(`/v1/stream?${list.dataset.stream}cursor=${list.dataset.cursor}`);
  source.addEventListener("position", () => status("on"));
  source.addEventListener("record", (message) => {
    const { event } = JSON.parse(message.data);
    touch(event.subject);
    fresh.add(event.subject);
    say();
  });
  source.addEventListener("mark", (message) => {
    const { subject } = JSON.parse(message.data);
    touch(subject);
    fresh.add(subject);
    say();
  });
  source.addEventListener("erased", (message) => {
    const { source: body, id } = JSON.parse(message.data);
    forget(`/avis${body}/${id}`);
  });
  source.addEventListener("reset", () => show(link.dataset.reset));
  source.addEventListener("end", () => {
    source.close();
    status("end");
    location.reload();
  });
  source.onerror = () => status("off");

  // The new list comes in only when the reader asks; the page is fetched, its parts are put in place of the old ones.
  link.addEventListener("click", async (click) => {
    if (click.ctrlKey || click.metaKey || click.shiftKey || !document.getElementById("facettes")) return;
    click.preventDefault();
    try {
      const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of ["liste", "facettes", "nombre"]) {
        document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
      }
      list.dataset.cursor = page.getElementById("liste").dataset.cursor;
      history.replaceState(null, "", link.href);
      fresh = new Set();
      bar.hidden = true;
      list.querySelector("h3 a")?.focus({ preventScroll: true });
      list.scrollIntoView({ block: "start" });
    } catch {
      location.assign(link.href);
    }
  });
})();
