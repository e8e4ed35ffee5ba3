/* What every page of the admin has: the theme. A page's own modules come in its `scripts` block. */
import "../theme.js";
