/** The combinations of method and status that each route has served. */
export const COMBINATIONS = [
  ['GET', 200],
  ['GET', 404],
  ['POST', 200],
  ['PUT', 200],
  ['DELETE', 500],
];
