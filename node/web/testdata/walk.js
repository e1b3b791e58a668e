// What the walk through all pages asks of each (walk_test.go). Every answer is a list of what
// is wrong, in words; an empty one says that all is well.
window.walk = (() => {
  const said = e => e.outerHTML.slice(0, 140).replace(/\s+/g, " ");
  const seen = e => e.checkVisibility({visibilityProperty: true}) && [...e.getClientRects()].some(r => r.width > 0 && r.height > 0);
  const all = [...document.body.querySelectorAll("*")];

  // paper is asked while the page believes that it is printed between the margins of an A4.
  const paper = width => {
    const wrong = [], there = selector => [...document.querySelectorAll(selector)].some(e => seen(e) && e.innerText.trim() !== "");
    for (const e of all.filter(seen)) {
      const style = getComputedStyle(e), right = Math.round(e.getBoundingClientRect().right);
      if (right > width + 1) wrong.push(`it ends at ${right} of ${width} px: ${said(e)}`);
      if (e instanceof HTMLElement && style.display !== "inline" && style.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1) wrong.push(`cut in its box: ${said(e)}`);
      if (e.matches("nav, form, button, input, select, textarea, .skip, .filled, .acts, a[download], details.act, .ring")) wrong.push(`nobody presses paper: ${said(e)}`);
    }
    for (const what of [".banner", "header .who", "header .printed"]) if (!there(what)) wrong.push(`on paper there is no ${what}`);
    return wrong;
  };

  // stops are what the tab key has to come to, in this order.
  const stops = () => all.filter(e => e.isConnected && e.matches("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']") && !e.disabled && seen(e));
  const outlined = e => {
    const s = getComputedStyle(e);
    return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && s.outlineColor !== getComputedStyle(document.body).backgroundColor;
  };
  // covered says whether something lies over what has the focus, or it is not on the screen.
  const covered = e => ![...e.getClientRects()].some(r => [0.1, 0.5, 0.9].some(part => {
    const top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height * part);
    return top && (e.contains(top) || top.contains(e));
  }));
  let been = [], wrong = [], listens = false;
  // presses begins a round with the tab key, and gives how often to press it: once for each
  // stop, for the parts that an hour is typed in, and for a few that a browser stops at by itself.
  const presses = () => {
    been = [], wrong = [];
    if (!listens) document.addEventListener("keyup", event => {
      const e = document.activeElement;
      if (event.key !== "Tab" || e === document.body || e === been.at(-1)) return;
      if (!been.includes(e)) {
        if (!outlined(e)) wrong.push(`nobody sees that the focus is at ${said(e)}`);
        if (covered(e)) wrong.push(`what has the focus is hidden, at ${Math.round(e.getBoundingClientRect().top)} of ${innerHeight} px: ${said(e)}`);
      }
      been.push(e);
    }, true);
    listens = true;
    document.body.tabIndex = -1; // a page that was refused begins where it says so, and the round at its first stop
    document.body.focus({preventScroll: true});
    document.body.removeAttribute("tabindex");
    return stops().length + 7 * document.querySelectorAll("input[type=datetime-local]").length + document.querySelectorAll(".wide, pre, svg").length + 5;
  };
  const round = () => {
    const want = stops(), first = been.filter((e, i) => been.indexOf(e) === i && want.includes(e));
    if (want.length < 3) wrong.push(`there are ${want.length} stops`);
    if (!want[0]?.matches(".skip")) wrong.push("the first stop leads not to the content");
    for (const e of want) if (!first.includes(e)) wrong.push(`the tab key does not come to ${said(e)}`);
    for (let i = 1; i < first.length; i++) if (!(first[i - 1].compareDocumentPosition(first[i]) & Node.DOCUMENT_POSITION_FOLLOWING)) wrong.push(`out of order: ${said(first[i])}`);
    if (new Set(been).size < been.length && been.lastIndexOf(been[0]) === 0) wrong.push(`the focus is caught between ${[...new Set(been.filter((e, i) => been.indexOf(e) < i))].map(said).join(" and ")}`);
    for (const e of all.filter(seen)) {
      const s = getComputedStyle(e);
      if (s.order !== "0" || /reverse/.test(s.flexDirection + s.flexWrap) || e.tabIndex > 0) wrong.push(`it is seen elsewhere than it is reached: ${said(e)}`);
    }
    return wrong;
  };

  // told is asked in every dress: states have shape and word, the focus is seen, nothing moves.
  const told = still => {
    const wrong = [], shapes = {".cut": "▲", ".late": "◆", ".watch": "●", ".open": "✓", ".untouched": "●", ".why": "▲", ".na": "○"};
    const grave = {"grave-extreme": "▲", "grave-severe": "◆", "grave-moderate": "●", "grave-minor": "●"};
    for (const e of all.filter(seen)) {
      const style = getComputedStyle(e), before = getComputedStyle(e, "::before");
      for (const [state, shape] of Object.entries(shapes)) {
        if (!e.matches(state) || e.closest("svg, figcaption")) continue;
        if (!before.content.includes(shape) || before.display === "none" || e.textContent.trim() === "") wrong.push(`${state} is told by its colour alone: ${said(e)}`);
      }
      if (grave[e.className] && !(e.textContent.trim().startsWith(grave[e.className]) && e.textContent.trim().length > 3)) wrong.push(`how grave is told by colour alone: ${said(e)}`);
      if (e.matches(".map a path")) {
        const ground = getComputedStyle(document.body).backgroundColor;
        if (style.fill === ground && style.stroke === ground) wrong.push(`a mark is not seen: ${said(e)}`);
      }
      for (const s of still ? [style, before] : []) if (s.transitionDuration !== "0s" || s.animationName !== "none" || s.scrollBehavior === "smooth") wrong.push(`it moves: ${said(e)}`);
    }
    if (still && document.getAnimations().length) wrong.push("something moves");
    for (const e of stops()) {
      e.focus({focusVisible: true, preventScroll: true});
      if (!outlined(e)) wrong.push(`nobody sees that the focus is at ${said(e)}`);
    }
    return wrong;
  };
  // owned finds forms of a page that changes in place which a change could put beside other words:
  // what is typed into a form is kept, so that it must have a name, or stand in what has one.
  const owned = () => document.querySelector("main[hx-get]") === null ? [] : [...document.querySelectorAll("main form[method=post]")]
    .filter(f => f.closest("li, tr, details") && f.closest("[id]").matches("main")).map(f => `a form has no name to be kept by: ${said(f)}`);
  // leaves finds pages, of those that somebody sees who has logged in, on which they can't log out.
  const leaves = () => document.querySelector("nav") && ![...document.querySelectorAll("form[method=post][action='/leave'] button")].some(seen) ? ["nobody can log out here"] : [];
  // whole finds what a screen that is wide enough cuts off, or sends around a bend: a table beside
  // something has all its columns in sight, and no page is endless on a telephone.
  const whole = width => {
    const wrong = [];
    if (width >= 1280) for (const box of document.querySelectorAll(".wide")) {
      if (box.scrollWidth > box.clientWidth + 1) wrong.push(`${box.scrollWidth - box.clientWidth} px of a table are cut off: ${said(box.querySelector("tr") ?? box)}`);
      for (const word of box.querySelectorAll("details.grounds summary")) if (getComputedStyle(word).color !== getComputedStyle(document.body).color) wrong.push(`a word for quality looks like a mistake: ${said(word)}`);
    }
    if (width === 360) for (const form of document.querySelectorAll("#filling")) {
      const high = form.getBoundingClientRect().height / innerHeight;
      if (form.querySelector("table.rows") && high > 4) wrong.push(`a form with nothing in its rows is ${high.toFixed(1)} screens long`);
    }
    return wrong;
  };
  // narrow puts what a page has in a language into this one, and finds what is wider than the screen.
  const narrow = async (path, language) => {
    const came = await fetch(path, {headers: {"Accept-Language": language}});
    const page = new DOMParser().parseFromString(await came.text(), "text/html");
    if (!came.ok || page.documentElement.lang !== language) return [`status ${came.status}, in ${page.documentElement.lang}`];
    document.documentElement.lang = language;
    document.body.replaceWith(document.adoptNode(page.body));
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    return [`${document.documentElement.scrollWidth} px wide`, ...[...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest(".wide")).map(said)];
  };
  return {paper, whole, presses, round, told, owned, leaves, narrow};
})();
