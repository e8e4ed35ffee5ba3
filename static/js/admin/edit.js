/* The editor's page. Without script its form still shows, previews and saves. */
import "./lines.js";
import "./remarks.js";
import "./keep.js";
import "./look.js";
import "./saving.js";
import "./tools.js";
import "./company.js";

/* A narrow window has no room for both. */
const [write, both] = document.querySelectorAll('[name="show"]');
if (!both.parentElement.checkVisibility()) write.checked = true;
