// Keeps the lists fresh: every five seconds the page is fetched again and what is marked data-live is replaced.
// Nothing is replaced while somebody reads closely: the tab is hidden, text is selected, something in the lists has
// the focus or is unfolded. Without this file the page has a Refresh link, and nothing is missing.
"use strict";

(() => {
  const EVERY_MS = 5000;
  const PAUSED = "wayfare-paused";
  if (!document.querySelector("[data-live]")) return;

  let paused = sessionStorage.getItem(PAUSED) === "yes";
  let busy = false;

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
    return part.querySelector("details[open]") || (focused !== button && part.contains(focused));
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
      if (part.innerHTML !== next.innerHTML) part.replaceChildren(...next.childNodes);
    }
    place();
    if (hadFocus) button.focus();
  }

  function away() {
    const said = document.querySelector("[data-fresh]");
    if (!said || said.classList.contains("away")) return;
    said.classList.add("away");
    said.append(" · the server does not answer");
  }

  async function refresh() {
    if (!mayChange()) return;
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (answer.redirected) return location.reload(); // signed out meanwhile
      const text = await answer.text();
      if (!answer.ok) away();
      else if (!paused) replace(text);
    } catch {
      away();
    } finally {
      busy = false;
    }
  }

  place();
  setInterval(refresh, EVERY_MS);
  document.addEventListener("visibilitychange", refresh);
})();
