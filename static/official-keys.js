// Enter moves on to the next field of the form, Ctrl+Enter saves it. The page works without this file: then Enter saves.
(function () {
  "use strict";
  const form = document.querySelector("form[data-keys]");
  if (!form) return;

  // What can be filled in, in order; of each group of radio buttons the chosen one, or the first.
  function stops() {
    const groups = new Set();
    return [...form.elements].filter(function (field) {
      if (!/^(INPUT|SELECT|TEXTAREA)$/.test(field.tagName) || field.type === "hidden" || field.disabled) return false;
      if (field.type !== "radio") return true;
      if (groups.has(field.name)) return false;
      groups.add(field.name);
      return true;
    }).map(function (field) {
      return field.type === "radio" ? form.querySelector(`[name="${field.name}"]:checked`) || field : field;
    });
  }

  form.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.isComposing || event.altKey || event.shiftKey) return;
    if (!/^(INPUT|SELECT)$/.test(event.target.tagName)) return;
    event.preventDefault();
    const save = form.querySelector("button.primary");
    if (event.ctrlKey || event.metaKey) {
      form.requestSubmit(save);
      return;
    }
    const fields = stops();
    const here = fields.findIndex((field) => field === event.target || (field.name === event.target.name && field.type === "radio"));
    (fields[here + 1] || save).focus();
  });

  for (const hint of document.querySelectorAll("[data-keys-hint]")) hint.hidden = false;
})();
