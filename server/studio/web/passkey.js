// Signs in with a passkey, or makes one: forms marked data-passkey="get" or
// "create" ask data-begin for options, let the browser answer, and send that.
(function () {
  "use strict";
  var forms = Array.prototype.slice.call(document.querySelectorAll("form[data-passkey]"));
  if (!window.PublicKeyCredential || !navigator.credentials || !window.fetch) return;

  function bytes(s) {
    var raw = atob(s.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, function (c) { return c.charCodeAt(0); });
  }
  function text(buffer) {
    var raw = "";
    new Uint8Array(buffer).forEach(function (b) { raw += String.fromCharCode(b); });
    return btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function options(o) {
    o.challenge = bytes(o.challenge);
    if (o.user) o.user.id = bytes(o.user.id);
    [o.excludeCredentials, o.allowCredentials].forEach(function (list) {
      (list || []).forEach(function (c) { c.id = bytes(c.id); });
    });
    return { publicKey: o };
  }
  function answer(c) {
    var r = c.response, out = { id: c.id, rawId: text(c.rawId), type: c.type, authenticatorAttachment: c.authenticatorAttachment || undefined, clientExtensionResults: c.getClientExtensionResults(), response: { clientDataJSON: text(r.clientDataJSON) } };
    if (r.attestationObject) {
      out.response.attestationObject = text(r.attestationObject);
      if (r.getTransports) out.response.transports = r.getTransports();
    } else {
      out.response.authenticatorData = text(r.authenticatorData);
      out.response.signature = text(r.signature);
      if (r.userHandle) out.response.userHandle = text(r.userHandle);
    }
    return JSON.stringify(out);
  }

  forms.forEach(function (form) {
    var failed = form.querySelector("[data-failed]");
    form.hidden = false;
    form.addEventListener("submit", function (e) {
      if (form.elements.response.value) return;
      e.preventDefault();
      failed.hidden = true;
      fetch(form.dataset.begin, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/x-www-form-urlencoded" } })
        .then(function (r) {
          if (!r.ok) throw new Error(String(r.status));
          return r.json();
        })
        .then(function (o) {
          return form.dataset.passkey === "create" ? navigator.credentials.create(options(o)) : navigator.credentials.get(options(o));
        })
        .then(function (c) {
          form.elements.response.value = answer(c);
          form.submit();
        })
        .catch(function () { failed.hidden = false; });
    });
  });
})();
