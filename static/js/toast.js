/** Show the close button of each `[data-toast]`, which does nothing without JavaScript, and let it work. */

export function startToasts() {
  for (const toast of document.querySelectorAll("[data-toast]")) {
    const close = toast.querySelector("button");
    close.hidden = false;
    close.addEventListener("click", () => {
      toast.remove();
      document.getElementById("main").focus({ preventScroll: true });
    });
  }
}
