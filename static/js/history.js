/* What was tried, newest first, in one list for all pages. Pure functions, and the two that touch the storage.
   An entry is { page, link, method, target, mark, statuses, time, html }. */
import { load, save } from "./store.js";

const KEY = "tried";
const PER_PAGE = 20;
const CHARACTERS = 500_000; /* browsers count two bytes each: 1 MB */

const isEntry = (entry) => ["page", "link", "method", "target", "mark", "html"].every((name) => typeof entry?.[name] === "string")
  && Array.isArray(entry.statuses) && Number.isFinite(entry.time);

/* The same request replaces its older entry; what is too old or too much is left out. */
export function withEntry(entries, entry) {
  const others = entries.filter(({ page, link }) => page !== entry.page || link !== entry.link);
  let onPage = 0;
  let size = 0;
  return [entry, ...others].filter((one) => {
    if (one.page === entry.page) onPage += 1;
    if (one.page === entry.page && onPage > PER_PAGE) return false;
    size += JSON.stringify(one).length;
    return size <= CHARACTERS;
  });
}

export const withoutPage = (entries, page) => entries.filter((entry) => entry.page !== page);

export function readEntries() {
  try {
    const entries = JSON.parse(load(KEY) ?? "[]");
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

export const writeEntries = (entries) => save(KEY, entries.length ? JSON.stringify(entries) : null);
