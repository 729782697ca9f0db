/** Close an open `details[data-menu]` on Escape and on a click elsewhere; open it upwards where there is no room below. */

const opened = () => document.querySelectorAll("details[data-menu][open]");

/** The end of what is seen of the page: on a phone the navigation stands before its foot. */
function foot() {
  const nav = document.querySelector(".nav").getBoundingClientRect();
  return nav.top > window.innerHeight / 2 ? nav.top : window.innerHeight;
}

function turn({ target: menu }) {
  if (!menu.matches?.("details[data-menu]:not(.menu--account)")) return;
  menu.classList.remove("menu--up");
  const panel = menu.open && menu.querySelector(".menu__panel")?.getBoundingClientRect();
  const above = menu.getBoundingClientRect().top;
  if (panel && panel.bottom > foot() && panel.height < above) menu.classList.add("menu--up");
}

export function startMenus() {
  document.addEventListener("toggle", turn, true);
  document.addEventListener("click", ({ target }) => {
    for (const menu of opened()) {
      const leads = menu.contains(target) && target.closest("[data-dialog]");
      // To where the focus returns from the dialog.
      if (leads) menu.querySelector("summary").focus();
      if (leads || !menu.contains(target)) menu.open = false;
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
