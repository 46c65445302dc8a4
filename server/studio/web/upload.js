// Sends files in pieces (tus): with progress, on after a broken line or a closed
// page, several at once. The form works without it for small files.
(function () {
  "use strict";
  var form = document.querySelector("form[data-upload]");
  if (!form || !window.tus || !tus.isSupported) return;
  var input = form.querySelector("input[type=file]");
  var list = form.querySelector("[data-sending]");
  var say = form.dataset;
  var busy = 0, failed = 0;
  document.documentElement.classList.add("scripted");

  function line(file) {
    var li = document.createElement("li");
    li.innerHTML = "<strong></strong><span class='muted'></span><progress max='100' value='0'></progress><span class='row tight'><span></span><button type='button' class='small'></button></span>";
    li.children[0].textContent = file.name;
    li.children[1].textContent = Math.max(1, Math.round(file.size / 1048576)) + " MiB";
    li.children[2].setAttribute("aria-label", file.name);
    li.children[3].children[0].textContent = say.sayWaiting;
    li.children[3].children[1].textContent = say.sayCancel;
    list.appendChild(li);
    return li;
  }

  function fail(li, text) {
    failed++;
    li.className = "failed";
    li.children[2].remove();
    li.lastElementChild.remove();
    var p = document.createElement("span");
    p.className = "problem";
    p.textContent = text;
    li.appendChild(p);
    done();
  }

  function done() {
    busy--;
    // What has failed must stay to be read; the rest shows in the page's own list.
    if (busy === 0 && !failed) window.location.assign("/studio/media");
  }

  function send(file) {
    var li = line(file);
    busy++;
    if (file.size > Number(say.largest) * 1048576) return fail(li, say.sayLarge);
    var unit = form.querySelector("[name=unit]");
    var upload = new tus.Upload(file, {
      endpoint: say.upload,
      chunkSize: 8 << 20, // below what proxies take at once
      retryDelays: [0, 1000, 3000, 5000, 10000, 20000],
      removeFingerprintOnSuccess: true,
      metadata: { filename: file.name, unit: unit ? unit.value : "" },
      onProgress: function (sent, all) {
        var pct = all ? Math.floor(100 * sent / all) : 100;
        li.children[2].value = pct;
        li.children[3].children[0].textContent = pct + " %";
      },
      onSuccess: function () {
        li.children[2].value = 100;
        li.children[3].textContent = say.saySent;
        done();
      },
      onError: function (e) {
        var body = e.originalResponse && e.originalResponse.getBody();
        fail(li, body && body.length < 400 && body.indexOf("<") < 0 ? body : say.sayLine);
      }
    });
    li.children[3].children[1].addEventListener("click", function () {
      upload.abort(true).catch(function () {});
      li.remove();
      done();
    });
    upload.findPreviousUploads().then(function (old) {
      if (old.length) upload.resumeFromPreviousUpload(old[0]);
      upload.start();
    });
  }

  function all(files) {
    failed = 0;
    Array.prototype.forEach.call(files, send);
  }

  input.addEventListener("change", function () {
    all(input.files);
    input.value = "";
  });
  form.addEventListener("submit", function (e) { e.preventDefault(); });
  ["dragover", "dragleave", "drop"].forEach(function (name) {
    form.addEventListener(name, function (e) {
      e.preventDefault();
      form.classList.toggle("over", name === "dragover");
      if (name === "drop") all(e.dataTransfer.files);
    });
  });
  window.addEventListener("beforeunload", function (e) {
    if (busy > 0) { e.preventDefault(); e.returnValue = say.sayLeft; }
  });
})();
