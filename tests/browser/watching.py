from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# A page that is left while it still asks for something: no fault of the site.
LEFT = "net::ERR_ABORTED"
REFUSED = "Failed to load resource"
BLOCKED = "Service Worker registration blocked by Playwright"


@dataclass
class Watch:
    """What a reader's browser complains about: errors of scripts and policy, and requests that fail."""

    complaints: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def expect(self, *statuses: int) -> None:
        """Let answers with these statuses pass from now on."""
        self.expected |= set(statuses)

    def follow(self, context: BrowserContext) -> None:
        context.on("console", self.on_console)
        context.on("weberror", self.on_error)
        context.on("requestfailed", self.on_failure)
        context.on("response", self.on_response)

    def on_console(self, message: ConsoleMessage) -> None:
        # What did not load is seen, with its status, in `on_response`.
        if message.type in ("error", "warning") and not message.text.startswith((REFUSED, BLOCKED)):
            self.complaints.append(
                f"{message.type} on {message.page and message.page.url}: {message.text}"
            )

    def on_error(self, error: WebError) -> None:
        self.complaints.append(f"uncaught: {error.error}")

    def on_failure(self, request: Request) -> None:
        if request.failure != LEFT:
            self.complaints.append(f"{request.method} {request.url}: {request.failure}")

    def on_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.complaints.append(f"{response.request.method} {response.url}: {response.status}")
