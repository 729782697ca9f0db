/** Dismiss toasts, and show one if an htmx request fails. */

const showCloseButtons = (root) => {
  for (const button of root.querySelectorAll("[data-toast-close]")) button.hidden = false;
};

function showFailure() {
  const toasts = document.querySelector("[data-toasts]");
  const failed = document.querySelector("template[data-toast-failed]").content.cloneNode(true);
  toasts.replaceChildren(failed);
  showCloseButtons(toasts);
}

export function startToasts() {
  showCloseButtons(document);
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-toast-close]");
    if (!button) return;
    button.closest("[data-toast]").remove();
    document.getElementById("main").focus({ preventScroll: true });
  });
  document.addEventListener("htmx:responseError", showFailure);
  document.addEventListener("htmx:sendError", showFailure);
}
