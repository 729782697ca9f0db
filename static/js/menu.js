/** Close `details[data-menu]` on Escape and on outside clicks; open it upwards if there is no room below. */

const listOpenMenus = () => document.querySelectorAll("details[data-menu][open]");

/** Return the bottom of the visible page; on a phone the navigation bar covers its end. */
function getViewportBottom() {
  const nav = document.querySelector(".nav").getBoundingClientRect();
  return nav.top > window.innerHeight / 2 ? nav.top : window.innerHeight;
}

function updateDirection({ target: menu }) {
  if (!menu.matches?.("details[data-menu]:not(.menu--account)")) return;
  menu.classList.remove("menu--up");
  const panel = menu.open && menu.querySelector(".menu__panel")?.getBoundingClientRect();
  const above = menu.getBoundingClientRect().top;
  if (panel && panel.bottom > getViewportBottom() && panel.height < above) menu.classList.add("menu--up");
}

export function startMenus() {
  document.addEventListener("toggle", updateDirection, true);
  document.addEventListener("click", ({ target }) => {
    for (const menu of listOpenMenus()) {
      const leads = menu.contains(target) && target.closest("[data-dialog]");
      // The dialog returns the focus there.
      if (leads) menu.querySelector("summary").focus();
      if (leads || !menu.contains(target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    for (const menu of listOpenMenus()) {
      const hadFocus = menu.contains(document.activeElement);
      menu.open = false;
      if (hadFocus) menu.querySelector("summary").focus();
    }
  });
}
