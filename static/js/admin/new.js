/* A new topic's address follows its title until somebody writes one. */
const title = document.getElementById("title");
const slug = document.getElementById("slug");
const slugify = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60).replace(/-$/, "");

let own = slug.value !== "";
const follow = () => { if (!own) slug.value = slugify(title.value); };
follow(); // of what was typed before this ran
title.addEventListener("input", follow);
slug.addEventListener("input", () => { own = slug.value !== ""; });
