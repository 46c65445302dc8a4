// A button pressed twice sends its form once: the second press, while the first
// is on its way, would save, submit or publish again.
(function () {
  "use strict";
  var TWICE = 3000, sent = [];
  document.addEventListener("submit", function (e) {
    var f = e.target, now = Date.now();
    if (e.defaultPrevented || f.method !== "post") return;
    sent = sent.filter(function (x) { return now - x.at < TWICE; });
    if (sent.some(function (x) { return x.form === f && x.button === e.submitter; })) e.preventDefault();
    else sent.push({ form: f, button: e.submitter, at: now });
  });
  window.addEventListener("pageshow", function () { sent = []; });
})();

// One press ticks all boxes of a name: reading them stays the person's duty.
(function () {
  "use strict";
  document.querySelectorAll("button[data-tick]").forEach(function (b) {
    b.hidden = false;
    b.addEventListener("click", function () {
      document.getElementsByName(b.dataset.tick).forEach(function (x) { x.checked = true; });
    });
  });
})();

// Refreshes the parts of a page marked data-live="seconds" by loading the same
// page again and taking those parts out of it. Pages work without it.
(function () {
  "use strict";
  var parts = Array.prototype.slice.call(document.querySelectorAll("[data-live]"));
  if (!parts.length || !window.fetch || !window.DOMParser) return;

  function busy(part) {
    var a = document.activeElement;
    return part.contains(a) && a !== document.body && /^(INPUT|SELECT|TEXTAREA)$/.test(a.tagName);
  }

  function take(doc) {
    parts = parts.map(function (old, i) {
      var fresh = doc.querySelectorAll("[data-live]")[i];
      if (!fresh || busy(old) || fresh.innerHTML === old.innerHTML) return old;
      var had = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
      old.replaceWith(fresh);
      if (had) {
        var link = fresh.querySelector('a[href="' + CSS.escape(had) + '"]');
        if (link) link.focus({ preventScroll: true });
      }
      return fresh;
    });
    var go = document.querySelector("[data-live] a[data-go]"); // what the page waited for is over
    if (go) window.location.assign(go.href);
  }

  function period() {
    return Math.min.apply(null, parts.map(function (p) { return Number(p.dataset.live) || 30; })) * 1000;
  }

  function again(wait) { window.setTimeout(refresh, wait); }

  function refresh() {
    if (document.hidden) return again(period());
    fetch(window.location.href, { credentials: "same-origin", redirect: "error", headers: { Accept: "text/html" } })
      .then(function (r) {
        if (!r.ok) throw new Error(String(r.status));
        return r.text();
      })
      .then(function (text) {
        take(new DOMParser().parseFromString(text, "text/html"));
        again(period());
      })
      // The server is away, or the session has ended: look less often.
      .catch(function () { again(Math.min(period() * 5, 60000)); });
  }

  again(period());
})();
