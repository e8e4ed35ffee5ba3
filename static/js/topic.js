/* The entry of topic pages, beside site.js. */
import "./switches.js";
import "./links.js";
import "./tried.js";
import "./regions.js";
import "./follow.js";
