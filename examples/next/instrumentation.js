// Next calls this for each error of a page, a route handler or a server action, also when its response is a 200.
export function onRequestError(error) {
  globalThis.failRequest(error.message);
}
