// The frame that the kiosk runs in: it starts the built-in kiosk and hands it
// what the page around it sends, with the pictures that it names.
(function () {
  "use strict";
  var module = document.currentScript.dataset.module;
  var home = window.location.origin;
  var have = {}; // pictures that the kiosk has been given
  var latest = null, order = 0, ready = false;
  var began = performance.now();

  // One pixel of the canvas is one of the panel's, whatever the editor's screen.
  Object.defineProperty(window, "devicePixelRatio", { get: function () { return 1; } });

  function tell(what, text) {
    window.parent.postMessage({ kiosk: what, text: text, ms: Math.round(performance.now() - began) }, home);
  }

  window.motcuaSays = function (what, text) {
    if (what === "ready") {
      ready = true;
      if (latest) show(latest);
    }
    var canvas = document.querySelector("canvas"); // it is looked at, not worked with
    if (canvas) canvas.removeAttribute("tabindex");
    document.documentElement.dataset.kiosk = what;
    tell(what, text);
  };

  function show(d) {
    var mine = ++order;
    Promise.all(d.files.filter(function (f) { return !have[f]; }).map(function (f) {
      return fetch("/studio/blobs/" + f, { credentials: "same-origin" })
        .then(function (r) { return r.ok ? r.arrayBuffer() : null; })
        .then(function (b) { return b && [f, new Uint8Array(b)]; })
        .catch(function () { return null; });
    })).then(function (got) {
      if (mine !== order) return; // a newer one is on its way
      var blobs = Object.assign({}, d.blobs);
      got.forEach(function (x) {
        if (!x) return;
        have[x[0]] = true;
        blobs[x[0]] = x[1];
      });
      window.motcuaShow({ manifest: d.manifest, blobs: blobs, lang: d.lang || "vi", size: d.size || 0, contrast: !!d.contrast });
    });
  }

  window.addEventListener("message", function (e) {
    if (e.origin !== home || e.source !== window.parent || !e.data || typeof e.data.manifest !== "string") return;
    latest = e.data;
    if (ready) show(latest);
  });

  var go = new window.Go();
  WebAssembly.instantiateStreaming(fetch(module), go.importObject)
    .then(function (r) { return go.run(r.instance); })
    .then(function () { tell("ended", ""); })
    .catch(function (err) { tell("broken", String(err)); });
})();
