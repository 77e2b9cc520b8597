/** What each route has responded: the method and the status. */
export const COMBINATIONS = [
  ['GET', 200],
  ['GET', 404],
  ['POST', 200],
  ['PUT', 200],
  ['DELETE', 500],
];
