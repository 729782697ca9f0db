/** Set the palette on the root element and keep the choice in a cookie, which the server reads: no flash on load. */

const YEAR = 365 * 24 * 60 * 60;
const root = document.documentElement;

function remember(theme) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const age = theme ? YEAR : 0;
  document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}

function apply(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
}

function showChoice(themes) {
  const current = root.dataset.theme ?? "";
  for (const button of themes.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === current));
  }
}

export function startThemes() {
  for (const themes of document.querySelectorAll("[data-themes]")) {
    themes.hidden = false;
    showChoice(themes);
    themes.addEventListener("click", ({ target }) => {
      if (!target.matches("button")) return;
      apply(target.value);
      remember(target.value);
      showChoice(themes);
    });
  }
}
