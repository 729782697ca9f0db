/** Restore the focus after htmx replaces the actions of a post; copy a post's link. */

let pressed = null;

async function copyLink(button) {
  const link = button.closest("article").querySelector(".post__time");
  await navigator.clipboard.writeText(link.href);
  button.textContent = "Copied";
  button.closest("details").querySelector("summary").focus();
}

export function startPostActions() {
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const button = document.activeElement?.closest(".post-actions [data-action], .post-actions .menu__panel button");
    const action = button?.dataset.action ?? "repost";
    pressed = button && detail.target.contains(button) ? action : null;
  });
  document.addEventListener("htmx:load", ({ detail }) => {
    // After a vote the results replace the button.
    if (detail.elt.matches(".poll")) detail.elt.focus({ preventScroll: true });
    if (pressed) detail.elt.querySelector(`[data-action="${pressed}"]`)?.focus({ preventScroll: true });
    pressed = null;
  });
  // The clipboard exists in secure contexts only.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      const button = target.open && navigator.clipboard ? target.querySelector("[data-copy-link]") : null;
      if (button) button.hidden = false;
    },
    true,
  );
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-copy-link]");
    if (button) copyLink(button);
  });
}
