/** Theme switch. The choice is kept in a cookie, which the server reads, so that pages do not flash on load. */

const YEAR_SECONDS = 365 * 24 * 60 * 60;
const root = document.documentElement;

function saveTheme(theme) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const age = theme ? YEAR_SECONDS : 0;
  document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}

function applyTheme(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
}

function updateButtons(themes) {
  const current = root.dataset.theme ?? "";
  for (const button of themes.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === current));
  }
}

export function startThemes() {
  for (const themes of document.querySelectorAll("[data-themes]")) {
    themes.hidden = false;
    updateButtons(themes);
    themes.addEventListener("click", ({ target }) => {
      if (!target.matches("button")) return;
      applyTheme(target.value);
      saveTheme(target.value);
      updateButtons(themes);
    });
  }
}
