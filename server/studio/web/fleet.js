// Keeps the list of kiosks fresh without losing what is ticked, and says how many
// are. The page works without it.
(function () {
  "use strict";
  var every = 10000, slow = 60000;
  var form = document.getElementById("choose");

  function ticks() { return Array.prototype.slice.call(document.querySelectorAll('input[name="kiosk"][form="choose"]')); }

  function count() {
    if (!form) return;
    var button = form.querySelector("[data-choose]"), all = form.querySelector('[name="all"]');
    var n = all.checked ? Number(button.dataset.all) : ticks().filter(function (t) { return t.checked; }).length;
    ticks().forEach(function (t) { t.disabled = all.checked; });
    button.disabled = n === 0;
    button.classList.toggle("primary", n > 0);
    if (!button.dataset.none) button.dataset.none = button.textContent;
    button.textContent = n ? button.dataset.choose.replace("%d", String(n)) : button.dataset.none;
  }

  function take(doc) {
    var on = {};
    ticks().forEach(function (t) { if (t.checked) on[t.value] = true; });
    Array.prototype.forEach.call(document.querySelectorAll("[data-fleet]"), function (old) {
      var fresh = doc.querySelector('[data-fleet="' + old.dataset.fleet + '"]');
      var a = document.activeElement;
      if (!fresh || fresh.innerHTML === old.innerHTML || (a !== document.body && old.contains(a))) return;
      old.replaceWith(fresh);
    });
    ticks().forEach(function (t) { t.checked = !!on[t.value]; });
    count();
  }

  function again(wait) { window.setTimeout(refresh, wait); }

  function refresh() {
    if (document.hidden) return again(every);
    fetch(window.location.href, { credentials: "same-origin", redirect: "error", headers: { Accept: "text/html" } })
      .then(function (r) {
        if (!r.ok) throw new Error(String(r.status));
        return r.text();
      })
      .then(function (text) {
        take(new DOMParser().parseFromString(text, "text/html"));
        again(every);
      })
      .catch(function () { again(slow); }); // the server is away, or the session has ended
  }

  if (form) {
    document.addEventListener("change", function (e) {
      if (e.target.name === "kiosk" || e.target.name === "all") count();
    });
    count();
  }
  again(every);
})();
