// Copies a text to the clipboard. Without it, or where the browser keeps the
// clipboard shut (plain http), the text is selected to be copied by hand.
(function () {
  "use strict";
  document.addEventListener("click", function (e) {
    var button = e.target.closest && e.target.closest("[data-copy]");
    if (!button) return;
    var text = document.getElementById(button.dataset.copy);
    text.focus();
    text.select();
    function done() { button.textContent = button.dataset.sayCopied; }
    if (navigator.clipboard) navigator.clipboard.writeText(text.value).then(done, function () {});
    else if (document.execCommand("copy")) done();
  });
})();
