// Chooses a picture or film of the library for a form's field. Without it the
// field takes a file of its own.
(function () {
  "use strict";
  if (!window.HTMLDialogElement || !window.fetch) return;
  var dialog, button;

  function fill(url) {
    return fetch(url, { credentials: "same-origin", redirect: "error" })
      .then(function (r) { return r.ok ? r.text() : ""; })
      .then(function (text) {
        var body = new DOMParser().parseFromString(text, "text/html").querySelector(".pick-body");
        var old = dialog.querySelector(".pick-body");
        if (old) old.remove();
        if (body) dialog.appendChild(body);
      });
  }

  function address(q) {
    return "/studio/media-pick?kind=" + encodeURIComponent(button.dataset.mediaPick) + "&q=" + encodeURIComponent(q);
  }

  // set puts a blob into a hidden input and tells whoever watches the form.
  function set(input, value) {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function show(field, view, film) {
    var old = field.querySelector(".chosen");
    if (old) old.remove();
    var img = document.createElement("img");
    img.className = "chosen";
    img.src = view;
    img.alt = film;
    field.insertBefore(img, field.querySelector("input[type=hidden]").nextSibling);
  }

  function choose(pick) {
    var field = button.closest(".field");
    var hidden = field.querySelector("input[type=hidden]");
    set(hidden, pick.dataset.pick);
    var file = field.querySelector("input[type=file]");
    if (file) file.value = "";
    var name = pick.querySelector(".card-title").textContent;
    show(field, pick.dataset.pickView, name);
    // A film brings its poster where none is chosen yet.
    var poster = pick.dataset.pickPoster && button.form.elements[hidden.name.replace(/film$/, "poster")];
    if (poster && poster !== hidden && !poster.value) {
      set(poster, pick.dataset.pickPoster);
      show(poster.closest(".field"), pick.dataset.pickView, name);
    }
    dialog.close();
  }

  function open() {
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.className = "pick-dialog";
      dialog.innerHTML = "<div class='pick-head'><h2 id='pick-title'></h2><form method='dialog'><button class='small'></button></form></div>";
      dialog.setAttribute("aria-labelledby", "pick-title");
      dialog.querySelector("h2").textContent = button.textContent.trim();
      dialog.querySelector("button").textContent = button.dataset.sayClose;
      dialog.addEventListener("click", function (e) {
        var pick = e.target.closest("[data-pick]");
        if (pick) choose(pick);
      });
      dialog.addEventListener("submit", function (e) {
        if (!e.target.hasAttribute("data-pick-search")) return;
        e.preventDefault();
        fill(address(e.target.elements.q.value));
      });
      document.body.appendChild(dialog);
    }
    fill(address("")).then(function () {
      dialog.showModal();
    });
  }

  document.addEventListener("click", function (e) {
    var b = e.target.closest && e.target.closest("[data-media-pick]");
    if (!b) return;
    button = b;
    open();
  });
  document.documentElement.classList.add("picker");
})();
