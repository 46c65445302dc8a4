// The list of slides: "/" goes to the search, "n" to a new slide; one tick
// takes the whole page, and the bar says how many are ticked.
(function () {
  "use strict";
  document.addEventListener("keydown", function (e) {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) return;
    var search = document.getElementById("search"), fresh = document.getElementById("new-slide");
    if (e.key === "/" && search) { e.preventDefault(); search.focus(); search.select(); }
    if (e.key === "n" && fresh) { e.preventDefault(); fresh.click(); }
  });
  var bar = document.getElementById("bulk-bar");
  if (!bar) return;
  var all = document.getElementById("pick-all"), said = document.getElementById("picked");
  var boxes = Array.prototype.slice.call(document.querySelectorAll("input[name=item]"));
  function count() {
    var n = boxes.filter(function (b) { return b.checked; }).length;
    said.textContent = n ? said.dataset.some.replace("%d", n) : "";
    bar.classList.toggle("picking", n > 0);
    all.checked = n > 0 && n === boxes.length;
    all.indeterminate = n > 0 && n < boxes.length;
  }
  document.querySelectorAll(".pick-all").forEach(function (x) { x.hidden = false; });
  all.addEventListener("change", function () { boxes.forEach(function (b) { b.checked = all.checked; }); count(); });
  boxes.forEach(function (b) { b.addEventListener("change", count); });
  count();
})();
