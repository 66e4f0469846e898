// Keeps the pages fresh: when the server says that something has changed, the page is fetched again and what is marked
// data-live is replaced; without such word, every minute, and every five seconds while the server says nothing at all.
// Nothing is replaced while somebody reads closely: the tab is hidden, text is selected, something in the lists has the
// focus, is ticked or unfolded. Without this file the page has a Refresh link, and nothing is missing.
// Times are shown in the reader's own zone; the exact time in UTC is what their title says.
"use strict";

(() => {
  const TICK_MS = 5000;
  const AT_LEAST_MS = 60000;
  const PAUSED = "wayfare-paused";

  const SHORT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

  function localise(part) {
    for (const exact of part.querySelectorAll(".moment .exact")) {
      const time = exact.parentElement.querySelector("time");
      const at = new Date(time?.dateTime ?? "");
      if (!Number.isNaN(at.valueOf())) exact.textContent = SHORT.format(at);
    }
  }

  localise(document);
  const zone = document.querySelector("[data-zone]");
  if (zone) zone.textContent = `Dates are those of ${Intl.DateTimeFormat().resolvedOptions().timeZone}; timelines, and what the mouse shows, are in UTC.`;
  if (!document.querySelector("[data-live]")) return;

  let paused = sessionStorage.getItem(PAUSED) === "yes";
  let busy = false;
  let stale = false;
  let fetched = Date.now();
  const said = new EventSource("/live");

  const button = document.createElement("button");
  button.type = "button";
  button.addEventListener("click", () => {
    paused = !paused;
    sessionStorage.setItem(PAUSED, paused ? "yes" : "no");
    label();
  });

  function label() {
    button.textContent = paused ? "Update by itself" : "Stop updating";
  }

  function place() {
    label();
    document.querySelector(".fresh")?.append(button);
  }

  function isRead(part) {
    const focused = document.activeElement;
    return part.querySelector("details[open], :checked:not(option)") || (focused !== button && part.contains(focused));
  }

  function mayChange() {
    const selected = document.getSelection();
    const typing = document.activeElement?.matches("input, textarea, select");
    return !paused && !busy && !document.hidden && !typing && !(selected && !selected.isCollapsed);
  }

  function replace(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const hadFocus = document.activeElement === button;
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.getElementById(part.id);
      if (!next || isRead(part)) continue;
      localise(next);
      if (part.innerHTML !== next.innerHTML) part.replaceChildren(...next.childNodes);
    }
    place();
    if (hadFocus) button.focus();
  }

  function away() {
    const note = document.querySelector("[data-fresh]");
    if (!note || note.classList.contains("away")) return;
    note.classList.add("away");
    note.append(" · the server does not answer");
  }

  async function refresh() {
    if (!mayChange()) return;
    busy = true;
    stale = false;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (answer.redirected) return location.reload(); // signed out meanwhile
      const text = await answer.text();
      if (!answer.ok) away();
      else if (!paused) replace(text);
      fetched = Date.now();
    } catch {
      away();
    } finally {
      busy = false;
    }
  }

  function tick() {
    const silent = said.readyState !== EventSource.OPEN;
    if (stale || silent || Date.now() - fetched >= AT_LEAST_MS) refresh();
  }

  place();
  said.addEventListener("change", () => {
    stale = true;
    refresh();
  });
  setInterval(tick, TICK_MS);
  document.addEventListener("visibilitychange", tick);
})();
