// Next calls this function for each error of a page, a route handler or a server action, even if the response is a 200.
export function onRequestError(error) {
  globalThis.failRequest(error.message);
}
