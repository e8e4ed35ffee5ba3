/* The entry of every page but topics: each module wires its own part. Without any of them the pages still read, link and submit. */
import "./theme.js";
import "./layout.js";
import "./notes.js";
import "./copy.js";
import "./tryit.js";
import "./copyas.js";
import "./toc.js";
import "./filter.js";
import "./palette.js";
import "./keys.js";
