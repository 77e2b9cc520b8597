'use strict';
// The `require` of a literal, in a `try` of a CommonJS file, is the one import that may be absent for Node and every bundler
// alike: where the client is in the bundle, it is the copy that the app's own import gets. So this file is not built.

/** The path of this file where Node has loaded the file itself; in a bundle, nobody knows it. Bun writes a relative path. */
exports.filename = /^([\\/]|[a-z]:)/i.test(module.filename) ? module.filename : undefined;

exports.requirePromClient = () => {
  try {
    return require('prom-client');
  } catch (error) {
    return absent(error);
  }
};

exports.requirePrometheusClient = () => {
  try {
    return require('@prometheus-io/client');
  } catch (error) {
    return absent(error);
  }
};

/** Only "not installed" means `undefined`: a client that fails to load is the user's to see. Bundlers say it in many ways. */
function absent(error) {
  if (exports.filename !== undefined && error.code !== 'MODULE_NOT_FOUND') throw error;
  return undefined;
}
