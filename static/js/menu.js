/** Close an open `details[data-menu]` on Escape and on a click elsewhere. */

const opened = () => document.querySelectorAll("details[data-menu][open]");

export function startMenus() {
  document.addEventListener("click", ({ target }) => {
    for (const menu of opened()) {
      if (!menu.contains(target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    for (const menu of opened()) {
      const hadFocus = menu.contains(document.activeElement);
      menu.open = false;
      if (hadFocus) menu.querySelector("summary").focus();
    }
  });
}
