// The schedule entry's form: says in words what its fields mean, shows the
// fields that the chosen recurrence needs, and fills in opening hours. The form
// works without it.
(function () {
  "use strict";
  var form = document.getElementById("entry-form");
  if (!form || !window.fetch) return;
  var says = document.querySelector("#says span");
  var asked = 0, timer;

  function say() {
    var mine = ++asked;
    fetch(form.dataset.say, { method: "POST", credentials: "same-origin", body: new URLSearchParams(new FormData(form)) })
      .then(function (r) { return r.ok ? r.text() : Promise.reject(r.status); })
      .then(function (text) { if (mine === asked) says.textContent = text; })
      .catch(function () { /* the sentence of the last answer stays; saving says what is wrong */ });
  }

  function fit() {
    form.querySelectorAll("[data-with]").forEach(function (part) {
      var want = part.dataset.with.split("=");
      part.hidden = form.elements[want[0]].value !== want[1];
    });
  }

  form.addEventListener("change", function (e) {
    if (/^(unit|group|kiosk)$/.test(e.target.name) && e.target.checked) document.getElementById("where-some").checked = true;
    fit();
    say();
  });
  form.addEventListener("input", function () {
    window.clearTimeout(timer);
    timer = window.setTimeout(say, 300);
  });
  form.querySelectorAll(".quick").forEach(function (row) { row.hidden = false; });
  form.addEventListener("click", function (e) {
    var b = e.target.closest("[data-from]");
    if (!b) return;
    var day = form.elements.start.value.slice(0, 10);
    if (!day) return;
    form.elements.start.value = day + "T" + b.dataset.from;
    form.elements.end.value = b.dataset.until === "24:00" ? day + "T23:59" : day + "T" + b.dataset.until;
    say();
  });
  fit();
})();
