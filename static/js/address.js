/* The id that the address names. Anything may stand after a "#", also what cannot be decoded. */
export function addressedId() {
  try { return decodeURIComponent(location.hash.slice(1)); } catch { return ""; }
}
