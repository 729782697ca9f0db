/** Start every behaviour; each attaches to data- attributes and leaves a page that lacks them alone. */
import { startActs } from "./acts.js";
import { startComposers } from "./composer.js";
import { startDialogs } from "./dialog.js";
import { startFeeds } from "./feed.js";
import { startMenus } from "./menu.js";
import { startNotifications } from "./notifications.js";
import { startWorker } from "./pwa.js";
import { startNewer } from "./newer.js";
import { startRedirects } from "./redirects.js";
import { startShortcuts } from "./shortcuts.js";
import { startTimes } from "./times.js";
import { startThemes } from "./theme.js";
import { startToasts } from "./toast.js";

startActs();
startComposers();
startDialogs();
startFeeds();
startMenus();
startNotifications();
startNewer();
startRedirects();
startShortcuts();
startTimes();
startThemes();
startToasts();
startWorker();
