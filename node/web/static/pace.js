// Has an open page look again no faster than its line carries: it waits for the answer, and behind that
// four times as long as the slowest part took; of what is told meanwhile it looks once. A look that was under way
// when a form was sent, and is told to load the page anew because of that, does not take the sent form's answer away.
(() => {
  const live = document.getElementById("live");
  if (!live) return;
  const began = new Map();
  let news = false, slowest = 0, rested = 0, timer = 0, sent = -Infinity;
  const look = () => {
    for (const e of began.keys()) if (!e.isConnected) began.delete(e);
    if (!news || began.size || timer) return;
    const left = rested - performance.now();
    if (left > 0) {
      timer = setTimeout(() => { timer = 0; look(); }, left);
      return;
    }
    news = false;
    slowest = 0;
    live.dispatchEvent(new CustomEvent("look"));
  };
  const looks = e => e.target.getAttribute?.("hx-trigger") === "look from:#live";
  live.addEventListener("changed", () => { news = true; look(); });
  document.addEventListener("submit", () => { sent = performance.now(); });
  document.addEventListener("htmx:before:response", e => {
    if (!looks(e) || !e.detail.ctx.hx.redirect || performance.now() - sent > 60000) return;
    news = true; // what it was told waits for the next look, if there is one
    e.preventDefault();
  });
  document.addEventListener("htmx:before:request", e => { if (looks(e)) began.set(e.target, performance.now()); });
  document.addEventListener("htmx:finally:request", e => {
    if (!looks(e) || !began.has(e.target)) return;
    slowest = Math.max(slowest, performance.now() - began.get(e.target));
    began.delete(e.target);
    if (began.size) return;
    rested = performance.now() + 4 * slowest;
    look();
  });
})();
