// The slide's form while it is being written: what is typed is kept, here and on
// the server, and shown by the kiosk beside it. The form works without it.
(function () {
  "use strict";
  var form = document.getElementById("slide-form");
  if (!form || !form.dataset.user || !window.fetch || !window.URLSearchParams) return;

  var said = document.getElementById("kept");
  var checks = document.getElementById("checks");
  var action = form.getAttribute("action");
  var fresh = form.elements.draft ? form.elements.draft.value : "";
  var prefix = "motcua-draft:" + form.dataset.user + ":";
  var key = prefix + (form.dataset.slide ? "slide:" + form.dataset.slide : "new:" + form.dataset.kind + ":" + fresh);

  function say(text, bad) {
    said.textContent = text;
    said.classList.toggle("bad", !!bad);
  }

  // What is typed, without files.
  function typed() {
    var out = [];
    new FormData(form).forEach(function (v, k) { if (typeof v === "string") out.push([k, v]); });
    return out;
  }

  // The copy on this computer, for when the server is away.
  var shelf = {
    put: function (sent) {
      try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), sent: sent, typed: typed() })); } catch (e) { /* full or forbidden: the server's copy stands */ }
    },
    get: function (k) {
      try { return JSON.parse(localStorage.getItem(k || key)); } catch (e) { return null; }
    },
    drop: function (k) {
      try { localStorage.removeItem(k || key); } catch (e) { /* forbidden */ }
    },
    keys: function () {
      try { return Object.keys(localStorage).filter(function (k) { return k.indexOf(prefix) === 0; }); } catch (e) { return []; }
    }
  };

  // --- keeping

  var QUICK = 350, WAIT = 1500, IDLE = 1000, AGAIN = 5000;
  var timer = 0, since = 0, changed = 0, kept = 0, flying = null, leaving = false;

  function touched() {
    changed++;
    if (!since) since = Date.now();
    shelf.put(false);
    if (!form.dataset.slide && fresh) history.replaceState(null, "", action + "?draft=" + fresh);
    plan(Math.max(0, Math.min(QUICK, since + WAIT - Date.now())), false);
  }

  function plan(ms, look) {
    clearTimeout(timer);
    timer = setTimeout(function () { send(look); }, ms);
  }

  // send keeps the form on the server; with look it asks for the checks, too.
  function send(look, file) {
    if (leaving) return Promise.resolve();
    if (flying) return flying.then(function () { return send(look, file); });
    var at = changed, body = new URLSearchParams(typed());
    if (look) body.set("checks", "1");
    if (changed || form.dataset.dirty) body.set("keep", "1");
    if (file) {
      var all = new FormData();
      body.forEach(function (v, k) { all.append(k, v); });
      all.append(file.name, file.files[0]);
      body = all;
    }
    since = 0;
    say(form.dataset.keeping);
    flying = fetch(action + "/draft", { method: "POST", body: body, credentials: "same-origin", redirect: "error" })
      .then(function (r) {
        if (!r.ok) throw new Error(String(r.status));
        return r.json();
      })
      .then(function (a) {
        kept = at;
        if (at === changed && changed) shelf.put(true);
        say(a.newer || a.kept || form.dataset.nothing, !!a.newer);
        Object.keys(a.pictures || {}).forEach(function (path) { setPicture(path, a.pictures[path], file); });
        live.show(a.shown, a.problem);
        if (typeof a.checks === "string") checks.innerHTML = a.checks;
        else if (at === changed && changed) plan(IDLE, true);
      })
      .catch(function (e) {
        say(e.message === "401" ? form.dataset.out : form.dataset.away, true);
        plan(AGAIN, look);
      })
      .then(function () { flying = null; });
    return flying;
  }

  function setPicture(path, sha, file) {
    var field = form.elements[path];
    if (!field || !file) return;
    field.value = sha;
    var img = file.parentNode.querySelector("img.chosen");
    if (!img) {
      img = document.createElement("img");
      img.className = "chosen";
      img.alt = "";
      file.parentNode.insertBefore(img, file);
    }
    img.src = "/studio/blobs/" + sha;
    file.value = "";
    shelf.put(true);
  }

  form.addEventListener("input", function (e) { if (e.target.type !== "file") touched(); });
  form.addEventListener("change", function (e) {
    var f = e.target;
    if (f.type !== "file" || !f.files.length || f.accept.indexOf("image/") < 0) return;
    changed++;
    send(true, f);
  });

  // A draft on its way must not arrive after the save that makes it void.
  form.addEventListener("submit", function (e) {
    clearTimeout(timer);
    if (flying) {
      var pressed = e.submitter;
      e.preventDefault();
      flying.then(function () { clearTimeout(timer); form.requestSubmit(pressed); });
      return;
    }
    leaving = true;
    try { sessionStorage.setItem("motcua-saving", key); } catch (err) { /* forbidden */ }
  });
  window.addEventListener("pageshow", function () { leaving = false; });
  window.addEventListener("pagehide", function () {
    if (!leaving && kept !== changed && navigator.sendBeacon) navigator.sendBeacon(action + "/draft", new URLSearchParams(typed().concat([["keep", "1"]])));
  });
  document.addEventListener("keydown", function (e) {
    if ((e.ctrlKey || e.metaKey) && !e.altKey && e.key.toLowerCase() === "s") {
      e.preventDefault();
      form.requestSubmit(document.getElementById("save"));
    }
  });
  var drop = document.getElementById("drop-draft");
  if (drop) drop.addEventListener("click", function () { leaving = true; shelf.drop(); });

  // --- what an earlier visit has left on this computer

  function recover() {
    var saved = null;
    try { saved = sessionStorage.getItem("motcua-saving"); sessionStorage.removeItem("motcua-saving"); } catch (e) { /* forbidden */ }
    if (saved && /[?&]done=slide-/.test(window.location.search)) shelf.drop(saved);
    var month = Date.now() - 30 * 24 * 3600 * 1000;
    shelf.keys().forEach(function (k) {
      var c = shelf.get(k);
      if (!c || c.at < month) shelf.drop(k);
    });
    if (form.dataset.dirty) return;
    var lost = form.dataset.slide ? [key] : shelf.keys().filter(function (k) { return k.indexOf(prefix + "new:" + form.dataset.kind + ":") === 0; });
    lost.some(function (k) {
      var c = shelf.get(k);
      if (!c || c.sent) return false;
      fetch(action + "/draft", { method: "POST", body: new URLSearchParams(c.typed.concat([["keep", "1"]])), credentials: "same-origin", redirect: "error" })
        .then(function (r) {
          if (!r.ok) return;
          shelf.drop(k);
          leaving = true;
          window.location.replace(form.dataset.slide ? action : action + "?draft=" + k.slice(k.lastIndexOf(":") + 1));
        })
        .catch(function () { /* it stays where it is */ });
      return true;
    });
  }

  // --- the kiosk beside the form

  var live = (function () {
    var box = document.getElementById("live");
    if (!box || !window.WebAssembly || !WebAssembly.instantiateStreaming) return { show: function () {}, start: function () {} };
    var stage = document.getElementById("live-stage"), says = document.getElementById("live-says"), stills = document.getElementById("stills");
    var how = { w: 1920, h: 1080, size: 0, contrast: false, lang: "vi" };
    var frame = null, last = null;

    function fit() {
      if (!frame) return;
      var k = Math.min(stage.clientWidth / how.w, Math.max(240, window.innerHeight * 0.62) / how.h);
      frame.width = how.w;
      frame.height = how.h;
      frame.style.transform = "scale(" + k + ")";
      stage.style.height = Math.ceil(how.h * k) + "px";
      frame.style.left = Math.max(0, (stage.clientWidth - how.w * k) / 2) + "px";
    }

    function push() {
      if (!frame || !last) return;
      delete box.dataset.kiosk;
      frame.contentWindow.postMessage(Object.assign({ lang: how.lang, size: how.size, contrast: how.contrast }, last), window.location.origin);
    }

    function start() {
      frame = document.createElement("iframe");
      frame.title = box.dataset.title;
      frame.src = box.dataset.src;
      stage.appendChild(frame);
      box.hidden = false; // a frame that is not laid out draws nothing
      fit();
      window.addEventListener("resize", fit);
    }

    window.addEventListener("message", function (e) {
      if (!frame || e.source !== frame.contentWindow || e.origin !== window.location.origin || !e.data) return;
      box.dataset.kiosk = e.data.kiosk;
      if (e.data.kiosk === "ready") box.dataset.ready = e.data.ms;
      if (e.data.kiosk === "shown") {
        if (!box.dataset.first) box.dataset.first = e.data.ms;
        says.textContent = "";
        stage.classList.remove("old");
        stage.classList.add("up");
        stills.hidden = true;
      } else if (e.data.kiosk === "failed") {
        says.textContent = box.dataset.failed + " " + e.data.text;
        stage.classList.add("old");
      } else if (e.data.kiosk === "broken" || e.data.kiosk === "ended") { // no WebAssembly to compile, or no WebGL
        stage.hidden = true;
        box.querySelector(".live-bar").hidden = true;
        says.textContent = box.dataset.broken;
        stills.hidden = false;
      }
    });

    box.addEventListener("click", function (e) {
      var b = e.target.closest("button");
      if (!b) return;
      if (b.hasAttribute("data-contrast")) {
        how.contrast = !how.contrast;
        b.setAttribute("aria-pressed", String(how.contrast));
      } else {
        b.parentNode.querySelectorAll("button").forEach(function (x) { x.setAttribute("aria-pressed", String(x === b)); });
        if (b.dataset.w) { how.w = Number(b.dataset.w); how.h = Number(b.dataset.h); fit(); }
        if (b.dataset.size) how.size = Number(b.dataset.size);
        if (b.dataset.lang) how.lang = b.dataset.lang;
      }
      push();
    });

    return {
      start: start,
      show: function (shown, problem) {
        if (!shown) {
          says.textContent = problem || "";
          stage.classList.add("old");
          return;
        }
        last = shown;
        push();
      }
    };
  })();

  recover();
  if (!leaving) {
    live.start();
    send(!!(form.dataset.slide || form.dataset.dirty)); // nobody is told what an empty form lacks
  }
})();
